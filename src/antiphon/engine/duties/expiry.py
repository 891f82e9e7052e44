"""Alerts that nobody sends again end when their own end has passed, as in Alertmanager."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import alerts
from antiphon.db.models import Alert
from antiphon.db.models.alerts import OPEN


@dataclass(frozen=True, slots=True)
class Expiry:
    """One row stands for the whole batch."""

    name: str = "expiry"
    urgency: int = 60

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """One piece of work when an alert's end has passed."""
        return [0] if (wake := self.next_wake()) is not None and wake <= now else []

    def step(self, row: int, /, *, now: datetime) -> None:
        """End a batch."""
        alerts.expire(now=now)

    def next_wake(self) -> datetime | None:
        """The earliest end of an alert that is open."""
        ends = Alert.objects.filter(state__in=OPEN, ends_at__isnull=False)
        return ends.order_by("ends_at").values_list("ends_at", flat=True).first()


DUTY = Expiry()
