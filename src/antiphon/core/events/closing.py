"""The stability countdown and the review."""

from datetime import datetime

from antiphon.core.events.event import Event


class StabilityStarted(Event, frozen=True, tag="stability.started"):
    until: datetime

    def sentence(self) -> str:
        return f"All alerts quiet: stable until {self.until:%H:%M} UTC means the gate opens"


class StabilityReset(Event, frozen=True, tag="stability.reset"):
    milestone = True
    reason: str

    def sentence(self) -> str:
        return f"Stability countdown reset: {self.reason}"


class StabilityReached(Event, frozen=True, tag="stability.reached"):
    milestone = True

    def sentence(self) -> str:
        return "Stable long enough: the stability gate is open"


class ReviewOpened(Event, frozen=True, tag="review.opened"):
    milestone = True
    due_at: datetime

    def sentence(self) -> str:
        return f"Review opened, due {self.due_at:%Y-%m-%d %H:%M} UTC"
