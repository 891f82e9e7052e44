"""Words of tickets go when their time is over, and contacts are read anew after the signals changed: in small steps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.actions import segments, tickets

PRUNE: Final = 1
RESCORE: Final = 2
PRUNE_EVERY: Final = timedelta(hours=1)
"""How often old tickets are looked for: no index leads to them, and a day more or less harms nobody."""
RESCORE_EVERY: Final = timedelta(seconds=2)


@dataclass(slots=True)
class Tickets:
    """Two rows that are none: one stands for a batch of old tickets, one for a batch of contacts to read anew."""

    name: str = "tickets"
    urgency: int = 80
    _pruned: datetime | None = None
    _rescored: datetime | None = None

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """What there is to do, looked for once in a while."""
        found = []
        if _again(self._pruned, PRUNE_EVERY, now):
            if tickets.old(now=now):
                found.append(PRUNE)
            else:
                self._pruned = now
        if _again(self._rescored, RESCORE_EVERY, now):
            if segments.to_rescore():
                found.append(RESCORE)
            else:
                self._rescored = now
        return found

    def step(self, row: int, /, *, now: datetime) -> None:
        """One batch of either."""
        if row == PRUNE:
            tickets.prune(now=now)
        else:
            segments.rescore_some(since=now - tickets.kept_for(), now=now)

    def next_wake(self) -> datetime | None:
        """Nothing that is worth waking for: the loop looks often enough."""
        return None


def _again(looked: datetime | None, every: timedelta, now: datetime) -> bool:
    return looked is None or not looked <= now < looked + every


DUTY = Tickets()
