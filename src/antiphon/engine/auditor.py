"""The auditor: every half minute it looks at what the rest of the program should have done, on a thread of its own.

Whatever goes wrong in here is logged, and the audit has not passed: the dead-man's address outside is called by none
but one that did, so that silence there says that nobody looks any more (RELIABILITY I37).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from django.db import Error as DatabaseError
from django.db import connection

from antiphon import clock
from antiphon.actions import auditing
from antiphon.core.auditing import EVERY_SECONDS
from antiphon.db import dead_man

LOOKS_SECONDS: Final = 5.0
"""How often an engine asks whether the audit is its own to do: another's that died is taken over within that time."""

log = structlog.get_logger("auditor")

Tell = Callable[[Sequence[int], datetime], object]
"""Hands over messages (ids of deliveries) now."""


@dataclass(frozen=True, slots=True)
class Auditor:
    """`tell` hands messages over by a path of its own; `call` asks for an address and answers what came of it."""

    tell: Tell
    call: Callable[[str], str]

    def run(self, stop: threading.Event) -> None:
        """Audit until told to stop, the first time when the engine has had time to catch up."""
        stop.wait(EVERY_SECONDS)
        while not stop.is_set():
            try:
                self.audit(now=clock.now(), real=clock.real(), pace=clock.rate())
            except DatabaseError as error:
                log.warning("no audit: the database does not answer", error=str(error))
                connection.close()
            except Exception:  # an audit that breaks has not passed, and the next one is tried all the same
                log.exception("the audit broke")
            stop.wait(LOOKS_SECONDS)
        connection.close()

    def audit(self, *, now: datetime, real: float, pace: float = 1.0) -> auditing.Kept | None:
        """One audit, when it is due and ours; None otherwise."""
        if not auditing.begin(real=real):
            return None
        began = time.monotonic()
        found = auditing.look(now=now, real=real, pace=pace)
        kept = auditing.keep(found, seconds=time.monotonic() - began, now=now, real=real)
        if kept.new:
            log.error("the audit found", findings=[one.sentence for one in found][: kept.new])
        if kept.messages:
            self.tell(kept.messages, now)
        url = dead_man.url() if kept.passed else ""
        if url:
            auditing.called(self.call(url), now=now)
        return kept
