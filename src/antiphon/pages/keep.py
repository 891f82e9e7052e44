"""Keep a node's folder true: rendered anew when something was published, and each minute to say so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog
from django.db import DatabaseError, InterfaceError, connection

from antiphon.pages.files import Stamp, read_stamp, write
from antiphon.pages.load import load, revision
from antiphon.pages.render import render
from antiphon.pages.times import whole_minute

log = structlog.get_logger()


def refresh(folder: Path, *, now: datetime, last_revision: int, real_time: bool = True) -> int:
    """Render if the page's revision moved or a new minute began; the revision the folder shows now.

    Call it each second with what it answered last (-1 at first: it then renders in any case). While the database or
    the disk is in trouble the old files stand, and their own "outdated after" tells the reader.
    """
    try:
        shown = read_stamp(folder)
        if shown and shown.revision == last_revision == revision() and shown.as_of == whole_minute(now):
            return last_revision
        return render_to(folder, now=now, real_time=real_time).revision
    except (DatabaseError, InterfaceError, OSError) as trouble:
        log.warning("public_page_not_rendered", folder=str(folder), trouble=str(trouble))
        connection.close()  # the next second starts on a connection that is whole
        return last_revision


def render_to(folder: Path, *, now: datetime, slug: str | None = None, real_time: bool = True) -> Stamp:
    """Render the page from the database into the folder, whatever it holds, and say what it shows now."""
    state = load(slug)
    stamp = Stamp(state.revision, whole_minute(now))
    write(folder, render(state, now=now, real_time=real_time), stamp)
    return stamp
