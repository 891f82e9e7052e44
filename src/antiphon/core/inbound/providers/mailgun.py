"""Mailgun: the webhooks “permanent failure”, “temporary failure” and “spam complaints”. It keeps our Message-ID.

Source: “Webhooks” and “Event structure” of its documentation.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from antiphon.core.inbound.providers.event import Mail, bounce, complaint
from antiphon.core.inbound.reading import Received

NAME: Final = "Mailgun"


class _Status(Struct):
    code: int | str | None = None
    enhanced: str = field(default="", name="enhanced-code")
    message: str | None = ""
    description: str | None = ""


class _Headers(Struct):
    message_id: str = field(default="", name="message-id")
    subject: str = ""


class _Message(Struct):
    headers: _Headers = field(default_factory=_Headers)


class _Envelope(Struct):
    sender: str = ""


class _Event(Struct):
    key: str = field(default="", name="id")
    event: str = ""
    severity: str = ""
    timestamp: float = 0.0
    recipient: str = ""
    reason: str = ""
    status: _Status = field(default_factory=_Status, name="delivery-status")
    message: _Message = field(default_factory=_Message)
    envelope: _Envelope = field(default_factory=_Envelope)


def fits(said: Any) -> bool:
    """Whether this is Mailgun's."""
    return isinstance(said, Mapping) and "event-data" in said


def read(said: Any) -> Iterator[Received]:
    """What happened; nothing of what else its webhooks tell. Raises msgspec.ValidationError."""
    event = msgspec.convert(said["event-data"], _Event)
    headers = event.message.headers
    key = event.key or f"{headers.message_id} {event.timestamp}"
    named = (f"<{headers.message_id.strip('<> ')}>", event.envelope.sender)
    mail = Mail(event.recipient, named, headers.subject)
    if event.event == "complained":
        yield complaint(NAME, key, mail)
    elif event.event == "failed":
        words = " ".join(part for part in (event.status.message, event.status.description) if part) or event.reason
        action = "delayed" if event.severity == "temporary" else "failed"
        yield bounce(NAME, key, mail, status=event.status.enhanced, diagnostic=words, action=action)
