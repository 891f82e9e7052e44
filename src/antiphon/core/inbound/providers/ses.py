"""Amazon SES, by SNS: a notification of an identity, or an event of a configuration set; in its envelope or raw.

Source: “Amazon SNS notification contents for Amazon SES” and “Event data published to Amazon SNS” of the developer
guide. The original headers, with our Message-ID, are there when the notification includes them; the envelope's sender
always is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from antiphon.core.inbound.providers.event import Confirmation, Mail, automatic, bounce, complaint
from antiphon.core.inbound.reading import Received

NAME: Final = "Amazon SES"
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]{1,30}:\d{12}:[A-Za-z0-9_-]{1,256}")
_CONFIRM: Final = re.compile(r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(\.cn)?/\?[!-~]{1,2000}")
"""Nobody is led to another host than the provider's own."""
_STATUS: Final = {"NoEmail": "5.1.1", "MailboxFull": "5.2.2", "MessageTooLarge": "5.3.4", "ContentRejected": "5.7.1"}
"""What a kind of bounce means where their server gave no code."""


class _Recipient(Struct):
    address: str = field(default="", name="emailAddress")
    action: str = ""
    status: str = ""
    diagnostic: str = field(default="", name="diagnosticCode")


class _Bounce(Struct):
    kind: str = field(default="", name="bounceType")
    within: str = field(default="", name="bounceSubType")
    recipients: list[_Recipient] = field(default_factory=list, name="bouncedRecipients")
    key: str = field(default="", name="feedbackId")


class _Complaint(Struct):
    recipients: list[_Recipient] = field(default_factory=list, name="complainedRecipients")
    feedback: str | None = field(default="", name="complaintFeedbackType")
    key: str = field(default="", name="feedbackId")


class _Delay(Struct):
    recipients: list[_Recipient] = field(default_factory=list, name="delayedRecipients")
    timestamp: str = ""


class _Header(Struct):
    name: str = ""
    value: str = ""


class _Common(Struct):
    message_id: str = field(default="", name="messageId")
    subject: str = ""


class _Mail(Struct):
    source: str = ""
    key: str = field(default="", name="messageId")
    headers: list[_Header] = field(default_factory=list)
    common: _Common = field(default_factory=_Common, name="commonHeaders")

    def to(self, address: str) -> Mail:
        """The mail as it went to this address."""
        ids = (each.value for each in self.headers[:200] if each.name.lower() == "message-id")
        return Mail(address, (self.common.message_id, *ids, self.source), self.common.subject)


class _Event(Struct):
    notification: str = field(default="", name="notificationType")
    event: str = field(default="", name="eventType")
    mail: _Mail = field(default_factory=_Mail)
    bounce: _Bounce = field(default_factory=_Bounce)
    complaint: _Complaint = field(default_factory=_Complaint)
    delay: _Delay = field(default_factory=_Delay, name="deliveryDelay")


class _Envelope(Struct):
    type: str = field(default="", name="Type")
    topic: str = field(default="", name="TopicArn")
    message: str = field(default="", name="Message")
    subscribe: str = field(default="", name="SubscribeURL")


def fits(said: Any) -> bool:
    """Whether this is SNS, or SES without its envelope (“raw message delivery”)."""
    if not isinstance(said, Mapping):
        return False
    return {"Type", "TopicArn"} <= said.keys() or (
        "mail" in said and bool({"notificationType", "eventType"} & said.keys())
    )


def read(said: Any) -> Iterator[Received | Confirmation]:
    """What happened. Raises msgspec.ValidationError."""
    if "TopicArn" not in said:
        yield from _events(msgspec.convert(said, _Event))
        return
    envelope = msgspec.convert(said, _Envelope)
    if envelope.type == "SubscriptionConfirmation":
        if _TOPIC.fullmatch(envelope.topic) and _CONFIRM.fullmatch(envelope.subscribe):
            yield Confirmation(NAME, envelope.topic, envelope.subscribe)
    elif envelope.type == "Notification" and envelope.message.lstrip().startswith("{"):
        yield from _events(msgspec.json.decode(envelope.message, type=_Event))


def _events(event: _Event) -> Iterator[Received]:
    match event.event or event.notification:
        case "Bounce":
            yield from (_bounced(event, each) for each in event.bounce.recipients)
        case "Complaint" if event.complaint.feedback != "not-spam":
            for each in event.complaint.recipients:
                mail, feedback = event.mail.to(each.address), event.complaint.feedback or ""
                yield complaint(NAME, event.complaint.key, mail, feedback=feedback)
        case "DeliveryDelay":
            key = f"{event.mail.key} {event.delay.timestamp}"
            for each in event.delay.recipients:
                mail = event.mail.to(each.address)
                yield bounce(NAME, key, mail, status=each.status, diagnostic=each.diagnostic, action="delayed")


def _bounced(event: _Event, each: _Recipient) -> Received:
    """One address. A passing bounce without any code is how SES tells of out-of-office notes."""
    said, mail = event.bounce, event.mail.to(each.address)
    if said.kind == "Transient" and said.within in ("", "General") and not each.status and not each.diagnostic:
        return automatic(NAME, said.key, mail)
    return bounce(
        NAME,
        said.key,
        mail,
        action=each.action.lower() or "failed",
        status=each.status or _STATUS.get(said.within, ""),
        diagnostic=each.diagnostic or f"{said.kind} {said.within}",
    )
