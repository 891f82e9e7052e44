"""The engine's loop: step every row whose time has come, then sleep until the next one.

There are no timers and no jobs. Each duty owns a table with `wake_at`; a step is one transaction, over one row or over
some that are due together, and doing it twice at the same instant does nothing: a killed engine leaves its work due.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection

from antiphon import clock
from antiphon.db.hints import Listener
from antiphon.engine.duties import Duty, StepsTogether

BATCH = 100
FIRST_TOGETHER = 16
MOST_TOGETHER = 128
"""Rows in one transaction. A page waits for those beside it, so that the first of a storm are few; twice as many follow
each time, since a transaction costs as much as a dozen of its rows."""
TRANSACTION = 0.1
"""Seconds of the processor that one of them may take before the next has no more rows: other writers wait for it."""
SLICE = 0.1
"""Real seconds after which a duty with much to do gives way to the more urgent ones; it goes on in the next round."""
SLICE_BEHIND = 0.02
"""The same for duties behind one that gave way."""
PAGES = 20
"""The urgency of the last duty that queues the first pages of an incident."""
WHOLE_ROUND = 1.0
"""Real seconds after which the duties behind get their slice, however much there is to do before them."""
WHILE_SENDING = 0.02
"""Real seconds between two looks whether they are away."""
LONGEST_SLEEP = 1.0
FAILED_PAUSE = 5.0
AWAY = (OperationalError, InterfaceError)

log = structlog.get_logger("engine")


@dataclass
class Engine:
    """Steps duties in their order of urgency. `failed` keeps a row that raised from being tried
    again at once, so that one broken row never starves the others. `unsent` tells whether pages just queued wait to be
    sent: meanwhile the thread that sends them has the processor, and nothing less urgent is begun."""

    duties: Sequence[Duty]
    unsent: Callable[[datetime], bool] = lambda now: False
    failed: dict[tuple[str, int], float] = field(default_factory=dict)
    _held_since: float | None = None
    _together_next: dict[str, int] = field(default_factory=dict)

    def tick(self, *, now: datetime) -> int:
        """One round over the duties; answers how many rows were stepped.

        It ends at one that gives way, or at pages that are not away yet, and begins again with the most urgent. In a
        storm the others, behind it, have their turn once a second.
        """
        total, behind, pages = 0, False, True
        for duty in self.duties:
            if pages and duty.urgency > PAGES:
                pages, behind = False, behind or self.unsent(now)
            if behind and self._holds():
                return total
            stepped, more = self._round(duty, now, SLICE_BEHIND if behind else SLICE)
            total += stepped
            behind = behind or more
        self._held_since = None
        return total

    def settle(self, *, now: datetime, rounds: int = 1000) -> int:
        """Tick until nothing is due at `now`; answers how many rows were stepped."""
        total = 0
        for _ in range(rounds):
            stepped = self.tick(now=now)
            if not stepped:
                break
            total += stepped
        return total

    def next_wake(self) -> datetime | None:
        """The earliest instant at which any duty has something to do."""
        wakes = [wake for duty in self.duties if (wake := duty.next_wake()) is not None]
        return min(wakes, default=None)

    @property
    def held(self) -> bool:
        """Whether the last round ended before its end."""
        return self._held_since is not None

    def _holds(self) -> bool:
        if self._held_since is None:
            self._held_since = time.monotonic()
        return time.monotonic() < self._held_since + WHOLE_ROUND

    def _round(self, duty: Duty, now: datetime, slice_: float) -> tuple[int, bool]:
        """Step what is due for so many real seconds; answers how many rows were, and whether it gave way to others."""
        stepped, until = 0, time.monotonic() + slice_
        found = duty.due(now=now, limit=BATCH)
        due = [row for row in found if not self._rests(duty, row)]
        while due:
            if stepped and time.monotonic() > until:
                return stepped, True
            size = self._together_next.get(duty.name, FIRST_TOGETHER)
            some, due = due[:size], due[size:]
            began = time.thread_time()
            alone = self._together(duty, some, now=now)
            self._together_next[duty.name] = _pace(size, time.thread_time() - began)
            stepped += len(some) - len(alone)
            for place, row in enumerate(alone):
                if place and time.monotonic() > until:
                    return stepped, True
                stepped += self._alone(duty, row, now=now)
        if len(found) < BATCH:
            self._together_next.pop(duty.name, None)  # that was all: the first of the next storm are few again
        return stepped, False

    def _together(self, duty: Duty, rows: Sequence[int], *, now: datetime) -> Sequence[int]:
        """Step rows in one transaction where the duty can; answers those that are left."""
        if len(rows) < 2 or not isinstance(duty, StepsTogether):
            return rows
        try:
            return duty.step_together(rows, now=now)
        except AWAY:
            raise
        except Exception:  # one row's trouble must not hold the others: each is tried by itself, and it rests then
            log.exception("rows could not be stepped together", duty=duty.name, rows=len(rows))
            for row in rows:
                self._alone(duty, row, now=now)
            return []

    def _alone(self, duty: Duty, row: int, *, now: datetime) -> bool:
        try:
            duty.step(row, now=now)
        except AWAY:
            raise
        except Exception:  # a row's trouble is recorded, and the rest goes on
            self.failed[duty.name, row] = time.monotonic() + FAILED_PAUSE
            log.exception("step failed", duty=duty.name, row=row)
            return False
        return True

    def _rests(self, duty: Duty, row: int) -> bool:
        until = self.failed.get((duty.name, row))
        if until is None:
            return False
        if time.monotonic() >= until:
            del self.failed[duty.name, row]
            return False
        return True


def _pace(size: int, took: float) -> int:
    """How many rows the next transaction has, after one of `size` rows that took so many of the processor."""
    fitting = int(size * TRANSACTION / max(took, 0.001))
    return max(FIRST_TOGETHER, min(MOST_TOGETHER, 2 * size, fitting))


def run(engine: Engine, *, stop: threading.Event, listener: Listener) -> None:
    """Tick until told to stop; a database that is away is waited for, a second at a time."""
    while not stop.is_set():
        try:
            if engine.tick(now=clock.now()):
                continue
            pause = WHILE_SENDING if engine.held else _pause(engine.next_wake())
        except AWAY as error:
            log.warning("the database does not answer, trying again", error=str(error))
            connection.close()
            pause = LONGEST_SLEEP
        if pause > 0:
            listener.wait(pause)


def _pause(wake: datetime | None) -> float:
    """Real seconds until `wake`, at most one: hints only make it sooner."""
    if wake is None:
        return LONGEST_SLEEP
    ahead = (wake - clock.now()) / timedelta(seconds=1) / clock.rate()
    return min(max(ahead, 0.01), LONGEST_SLEEP)
