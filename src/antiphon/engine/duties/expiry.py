"""Alerts that nobody sends again end when their own end has passed, as in Alertmanager."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from antiphon.actions import alerts
from antiphon.db.models import Alert

EVERY = timedelta(seconds=1)
"""How often is looked: no index leads to the next end, since every re-send would have to move its entry there."""


@dataclass(slots=True)
class Expiry:
    """One row stands for the whole batch. Remembers when it looked last and found nothing."""

    name: str = "expiry"
    urgency: int = 60
    _looked: datetime | None = None

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """One piece of work when an alert's end has passed."""
        if self._looked is not None and self._looked < now < self._looked + EVERY:
            return []
        if Alert.objects.open().filter(ends_at__lte=now).exists():
            return [0]
        self._looked = now
        return []

    def step(self, row: int, /, *, now: datetime) -> None:
        """End a batch."""
        alerts.expire(now=now)

    def next_wake(self) -> datetime | None:
        """Nothing that is worth waking for: the loop looks once a second anyway."""
        return None


DUTY = Expiry()
