"""Postmark: the webhooks Bounce and SpamComplaint. Source: “Bounce webhook” and “Spam complaint webhook” of its guide.

It gives mails ids of its own, so that ours come back with the content alone; else reader and subject find the mail.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from antiphon.core.inbound.providers.event import Mail, automatic, bounce, complaint
from antiphon.core.inbound.reading import Received
from antiphon.core.reactions import status_of

NAME: Final = "Postmark"
_FAILED: Final = {
    "HardBounce": "5.1.1",
    "BadEmailAddress": "5.1.3",
    "SoftBounce": "",
    "Unknown": "",
    "Blocked": "5.7.1",
    "SpamNotification": "5.7.1",
    "VirusNotification": "5.7.1",
    "DMARCPolicy": "5.7.26",
    "ManuallyDeactivated": "",
    "SMTPApiError": "",
}
"""Types of a bounce that mean that the mail did not arrive, and the code where their server gave none."""
_DELAYED: Final = frozenset({"Transient", "DnsError"})
_ANSWERED: Final = frozenset({"AutoResponder", "AddressChange", "ChallengeVerification"})


class _Event(Struct):
    record: str = field(default="", name="RecordType")
    type: str = field(default="", name="Type")
    key: int | str = field(default="", name="ID")
    message: str = field(default="", name="MessageID")
    details: str | None = field(default="", name="Details")
    description: str | None = field(default="", name="Description")
    address: str = field(default="", name="Email")
    subject: str | None = field(default="", name="Subject")
    content: str | None = field(default="", name="Content")


def fits(said: Any) -> bool:
    """Whether this is Postmark's."""
    return isinstance(said, Mapping) and "RecordType" in said


def read(said: Any) -> Iterator[Received]:
    """What happened; nothing of what else its webhooks tell. Raises msgspec.ValidationError."""
    event = msgspec.convert(said, _Event)
    key = str(event.key or event.message)
    mail = Mail(event.address, ((event.content or "")[:100_000],), event.subject or "")
    if event.record == "SpamComplaint" or event.type == "SpamComplaint":
        yield complaint(NAME, key, mail)
    elif event.record != "Bounce":
        return
    elif event.type in _ANSWERED:
        yield automatic(NAME, key, mail)
    elif event.type in _FAILED or event.type in _DELAYED:
        words = event.details or event.description or ""
        status = status_of("", words) or _FAILED.get(event.type, "")
        action = "delayed" if event.type in _DELAYED else "failed"
        yield bounce(NAME, key, mail, status=status, diagnostic=words, action=action)
