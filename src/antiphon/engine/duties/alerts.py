"""Alerts that changed since they were last looked at are put into their groups."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import alerts


@dataclass(frozen=True, slots=True)
class ChangedAlerts:
    """One row stands for the whole batch; the intake's hint says when to look."""

    name: str = "alerts"
    urgency: int = 10

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """One piece of work when any alert changed."""
        return alerts.any_new(now=now, limit=limit)

    def step(self, row: int, /, *, now: datetime) -> None:
        """Group a batch."""
        alerts.group_changed(row, now=now)

    def next_wake(self) -> datetime | None:
        """An alert has no time of its own: its group holds the earliest."""
        return None


DUTY = ChangedAlerts()
