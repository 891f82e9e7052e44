"""What customers said themselves."""

from datetime import datetime

from antiphon.core.events.event import Event


class CustomerReported(Event, frozen=True, tag="customer.reported"):
    """A customer told us of it at that instant, as somebody states it."""

    customer: str
    reported_at: datetime
    reference: str = ""

    def sentence(self) -> str:
        more = f" ({self.reference})" if self.reference else ""
        return f"{self.customer} told us of it at {self.reported_at:%H:%M} UTC{more}"
