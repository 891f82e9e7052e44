"""How everything works is rolled up again whenever an alert, an incident or planned work changed it."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from antiphon.actions import status

EVERY = timedelta(seconds=0.25)
"""How often is looked at most. A look costs by what is wrong at the time, so that it is never a part of other work."""
SHARE = 20
"""A look that took long is repeated only after so many times as long, though once a second in any case."""
LONGEST = timedelta(seconds=1)


@dataclass(slots=True)
class Status:
    """One row stands for the whole catalog. Remembers what it saw last, and when to look again."""

    name: str = "status"
    urgency: int = 80
    memory: status.Memory = field(default_factory=status.Memory)
    _looked: datetime | None = None
    _again: datetime | None = None
    _pause: timedelta = EVERY

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """One piece of work when anything is stored otherwise than it is."""
        if self._looked is not None and self._looked < now < self._looked + self._pause:
            self._again = self._looked + self._pause
            return [0] if self.memory.todo else []
        began = time.monotonic()
        found = status.look(self.memory, now=now)
        took = timedelta(seconds=time.monotonic() - began)
        self._looked, self._again, self._pause = now, None, min(max(EVERY, took * SHARE), LONGEST)
        return [0] if found else []

    def step(self, row: int, /, *, now: datetime) -> None:
        """Write a batch."""
        status.follow(self.memory, now=now)

    def next_wake(self) -> datetime | None:
        """When a look was put off, the end of the pause; else the loop's own second will do."""
        return self._again


DUTY = Status()
