"""Keep a node's folder true: rendered anew when something was published, and each minute to say so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog
from django.db import DatabaseError, InterfaceError, connection

from antiphon.pages.files import Stamp, read_stamp, write
from antiphon.pages.load import load, others, revision
from antiphon.pages.render import render
from antiphon.pages.times import whole_minute

log = structlog.get_logger()
NOT_FOUND = "404.html"
"""One for all pages: that of the installation's own."""


def refresh(
    folder: Path,
    *,
    now: datetime,
    last_revision: int,
    real_time: bool = True,
    private: Path | None = None,
    base: str = "",
) -> int:
    """Render if any page's revision moved or a new minute began; the revision the folder shows now.

    Call it each second with what it answered last (-1 at first: it then renders in any case). While the database or
    the disk is in trouble the old files stand, and their own "outdated after" tells the reader. Pages that open by a
    link go to the folder `private`, each to one of its own.
    """
    try:
        shown = read_stamp(folder)
        if shown and shown.revision == last_revision == revision() and shown.as_of == whole_minute(now):
            return last_revision
        return render_to(folder, now=now, real_time=real_time, private=private, base=base).revision
    except (DatabaseError, InterfaceError, OSError) as trouble:
        log.warning("public_page_not_rendered", folder=str(folder), trouble=str(trouble))
        connection.close()  # the next second starts on a connection that is whole
        return last_revision


def render_to(
    folder: Path,
    *,
    now: datetime,
    real_time: bool = True,
    private: Path | None = None,
    base: str = "",
    shared: bool = False,
) -> Stamp:
    """Render every page from the database, whatever the folders hold, and say what they show now.

    `base`: the address of the installation, to which the pages' links lead; `shared`: others keep files in the folder.
    """
    stamp = Stamp(revision(), whole_minute(now))
    files = render(load(base=base), now=now, real_time=real_time)
    for slug, hidden in others():
        rendered = render(load(slug, base=base), now=now, real_time=real_time)
        if not hidden:
            files |= {f"p/{slug}/{name}": body for name, body in rendered.items() if name != NOT_FOUND}
        elif private is not None:
            write(private / slug, rendered, stamp)
    write(folder, files, stamp, shared=shared)
    return stamp
