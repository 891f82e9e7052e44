"""Each minute the ends of the streams that moved are written outside the database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from antiphon import config
from antiphon.db import checkpoints

EVERY = timedelta(minutes=1)
ALL = 0
"""The one piece of work this duty knows; it owns a file, not a table."""


@dataclass
class Checkpoints:
    """Remembers what this process wrote last; a new process writes the ends that the file lacks."""

    name: str = "checkpoints"
    urgency: int = 90
    _next: datetime | None = None
    _known: dict[str, int] | None = field(default=None)

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """Once a minute, and at the start."""
        return [ALL] if self._next is None or self._next <= now else []

    def step(self, row: int, /, *, now: datetime) -> None:
        """Append what moved."""
        setup = config.from_environment()
        if self._known is None:
            self._known = {point.stream: point.seq for point in checkpoints.read(setup.data)}
        ends = checkpoints.moved(self._known)
        if ends:
            checkpoints.append(setup.data, ends, secret=setup.secret_key())
            self._known |= {end.stream: end.seq for end in ends}
        self._next = now + EVERY

    def next_wake(self) -> datetime | None:
        """Nothing that is worth waking for: the loop looks once a second anyway."""
        return None


DUTY = Checkpoints()
