"""SendGrid: the event webhook, a list of events. Its `smtp-id` is the Message-ID that the mail came with.

Source: “Event webhook reference” of its documentation.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from antiphon.core.inbound.providers.event import Mail, bounce, complaint
from antiphon.core.inbound.reading import Received

NAME: Final = "SendGrid"


class _Event(Struct):
    key: str = field(default="", name="sg_event_id")
    event: str = ""
    address: str = field(default="", name="email")
    message_id: str = field(default="", name="smtp-id")
    status: str | None = ""
    reason: str | None = ""
    response: str | None = ""
    timestamp: int | float | str = 0


def fits(said: Any) -> bool:
    """Whether this is SendGrid's: a list of which the first has an event."""
    return isinstance(said, list) and bool(said) and isinstance(said[0], Mapping) and "event" in said[0]


def read(said: Any) -> Iterator[Received]:
    """What happened, in their order; nothing of what else the webhook tells. Raises msgspec.ValidationError."""
    for event in msgspec.convert(said, list[_Event]):
        key = event.key or f"{event.message_id} {event.timestamp} {event.event}"
        mail = Mail(event.address, (f"<{event.message_id.strip('<> ')}>",))
        if event.event == "spamreport":
            yield complaint(NAME, key, mail)
        elif event.event in ("bounce", "dropped", "deferred"):
            words = event.reason or event.response or ""
            action = "delayed" if event.event == "deferred" else "failed"
            yield bounce(NAME, key, mail, status=event.status or "", diagnostic=words, action=action)
