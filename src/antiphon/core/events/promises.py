"""What was promised to whom, and whether it was kept."""

from datetime import datetime, timedelta

from antiphon.core.events.event import Event


class PromiseMade(Event, frozen=True, tag="promise.made"):
    promise: str
    audience: str
    what: str
    due_at: datetime
    reason: str

    def sentence(self) -> str:
        return f"Promised {self.audience}: {self.what} by {self.due_at:%H:%M} UTC. {self.reason}"


class PromiseWarned(Event, frozen=True, tag="promise.warned"):
    promise: str
    audience: str
    what: str
    due_at: datetime

    def sentence(self) -> str:
        return f"Promise to {self.audience} due at {self.due_at:%H:%M} UTC: {self.what}"


class PromiseKept(Event, frozen=True, tag="promise.kept"):
    milestone = True
    promise: str
    audience: str
    what: str
    margin: timedelta

    def sentence(self) -> str:
        minutes = int(self.margin.total_seconds() // 60)
        return f"Promise to {self.audience} kept with {minutes} min to spare: {self.what}"


class PromiseBroken(Event, frozen=True, tag="promise.broken"):
    milestone = True
    promise: str
    audience: str
    what: str
    due_at: datetime

    def sentence(self) -> str:
        return f"Promise to {self.audience} broken: {self.what} was due at {self.due_at:%H:%M} UTC"


class PromiseReleased(Event, frozen=True, tag="promise.released"):
    promise: str
    audience: str
    what: str
    reason: str

    def sentence(self) -> str:
        return f"Promise to {self.audience} no longer needed ({self.what}): {self.reason}"
