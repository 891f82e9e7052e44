"""Alerts as part of an incident."""

from antiphon.core.events.event import Event


class AlertJoined(Event, frozen=True, tag="alert.joined"):
    alert: str
    title: str
    reason: str

    def sentence(self) -> str:
        return f"Alert joined: {self.title}. {self.reason}"


class AlertFired(Event, frozen=True, tag="alert.fired"):
    alert: str
    title: str

    def sentence(self) -> str:
        return f"Alert fires again: {self.title}"


class AlertEnded(Event, frozen=True, tag="alert.ended"):
    alert: str
    title: str

    def sentence(self) -> str:
        return f"Alert ended: {self.title}"
