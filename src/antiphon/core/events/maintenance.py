"""Planned work, on the configuration's stream."""

from datetime import datetime

from antiphon.core.events.event import Event


class MaintenanceChanged(Event, frozen=True, tag="maintenance.changed"):
    """`what`: planned, announced, recalled to subscribers, in progress, completed or cancelled."""

    maintenance: str
    title: str
    what: str
    starts_at: datetime
    ends_at: datetime

    def sentence(self) -> str:
        return (
            f"Planned work “{self.title}” is {self.what}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%H:%M} UTC"
        )
