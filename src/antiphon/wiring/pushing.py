"""Beside the web process: whenever the public pages were rendered anew, other hosts get what changed.

On a thread of its own, so that a slow store holds up nothing. Of several nodes one pushes at a time; with the database
gone nothing new is published either, and every host goes on showing what it has.
"""

import os
import platform
import threading
from functools import partial

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from antiphon import clock
from antiphon.actions import page_targets
from antiphon.actions.page_targets import Taken
from antiphon.config import Config
from antiphon.core.page_targets import changes
from antiphon.egress.transport import Transport
from antiphon.pages import pushing
from antiphon.pages.files import Stamp, read_stamp
from antiphon.pages.pushing import NotPushed
from antiphon.wiring import sending

log = structlog.get_logger("pages")
SECONDS = 1.0
DEADLINE = 20.0
"""Real seconds for one file."""


class Pusher:
    """Looks once a second whether a target shows less than the folder does."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._node = f"{platform.node()[:18]} {os.getpid()}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pusher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a push under way is left, and gone on with by whoever comes next."""
        self._stop.set()
        self._thread.join(timeout=2)

    def look(self) -> int:
        """Push to every target that is due; answers how many got everything."""
        stamp = read_stamp(self._config.public_folder)
        if stamp is None:
            return 0
        real = clock.real()
        taken = page_targets.take(revision=stamp.revision, as_of=stamp.as_of, node=self._node, real=real)
        return sum(self._push(each, stamp) for each in taken)

    def _push(self, taken: Taken, stamp: Stamp) -> bool:
        now, shown = clock.now(), dict(taken.shown)
        try:
            files = pushing.read(self._config.public_folder)
            wanted = pushing.hashes(files, taken.target)
            todo = changes(shown, wanted)
            page_targets.begin(taken, frozenset((*todo.put, *todo.remove)), node=self._node)
            shown |= dict.fromkeys((*todo.put, *todo.remove), "")

            def done(name: str) -> None:
                if name in wanted:
                    shown[name] = wanted[name]
                else:
                    shown.pop(name, None)

            if todo:
                way = partial(Transport, sending.policy(self._config), deadline=DEADLINE)
                pushing.push(taken.target, files, todo, done=done, transport=way, now=now)
        except (NotPushed, OSError) as trouble:
            log.warning("the pages were not pushed", target=taken.row.name, why=str(trouble))
            page_targets.failed(taken, shown, str(trouble), node=self._node, now=now, real=clock.real())
            return False
        page_targets.pushed(taken, shown, revision=stamp.revision, as_of=stamp.as_of, node=self._node, now=now)
        return True

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            try:
                self.look()
            except DatabaseError as error:
                log.warning("page targets not looked at", error=str(error))
                connection.close()
            except Exception:  # recorded here; the pages of this house must not stop for another's
                log.exception("pushing broke")
        connection.close()
