"""A process reports itself every few seconds, so that people and the other nodes see it is there."""

import os
import platform
import threading
from types import TracebackType

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from antiphon import __version__, clock
from antiphon.actions import held, nodes

SECONDS = 5.0
log = structlog.get_logger("heartbeat")


class Heartbeat:
    """Reports while the block lasts, on a thread of its own, and signs off at its end."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._name = f"{kind} {platform.node()} {os.getpid()}"
        self._started = clock.real()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        try:
            count = held.hold_old(now=clock.now(), real=clock.real())
        except DatabaseError as error:
            log.warning("what is older than this start could not be held", error=str(error))
        else:
            if count:
                log.warning("messages older than this start are held", count=count)
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=SECONDS)

    def _run(self) -> None:
        while True:
            ended = self._over.is_set()
            try:
                self._report(ended)
            except DatabaseError as error:
                log.warning("this process could not report itself", error=str(error))
                connection.close()
            if ended:
                break
            self._over.wait(SECONDS)
        connection.close()

    def _report(self, ended: bool) -> None:
        if ended:
            nodes.leave(name=self._name, kind=self._kind, real=clock.real())
            return
        nodes.report(
            name=self._name, kind=self._kind, version=__version__, started_real=self._started, real=clock.real()
        )
