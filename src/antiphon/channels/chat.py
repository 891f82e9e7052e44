"""Messages into a chat room by its incoming webhook: Slack, Mattermost, Rocket.Chat, Teams, Google Chat, Discord.

The URL is a secret: whoever has it can write into the room. It stands in no outcome and no log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from antiphon.channels.answers import LONGEST_WAIT, busy, json_of, none_came, wait
from antiphon.channels.chat_kinds import Kind, room
from antiphon.channels.settings import option
from antiphon.core.sending import Dead, Envelope, Outcome, OutsideText, Retry, Sent, UnknownSlot, fill, opaque
from antiphon.egress.failures import EgressFailure, Refused
from antiphon.egress.http import Reply
from antiphon.egress.transport import Transport

NAME: Final = "chat"
LABEL: Final = "Chat"
MAX_BYTES: Final = 256 * 1024

_ENDED: Final = re.compile(r"no_service|no_team|invalid_token|channel_(?:not_found|is_archived)|Unknown Webhook")
"""Words by which Slack and Discord say that the webhook leads nowhere any more."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Whether it is offered; each room's URL carries all else."""

    subscribers: bool = option(
        "Readers of status pages may subscribe by it", "Rooms are reached at public addresses only.", default=True
    )


def check_address(address: str) -> str | None:
    """What is wrong with a room's address as far as its form tells, or None. Whether it may be reached, egress says."""
    found = room(address)
    return found if isinstance(found, str) else None


async def send(envelope: Envelope, settings: Settings, transport: Transport, *, now: datetime) -> Outcome:
    """Post one message. Sent.reference is the delivery's own id: most rooms answer without one."""
    found = room(envelope.to)
    if isinstance(found, str):
        return Dead(found)
    try:
        subject, body, link = words(envelope, found.kind)
        reply = await (transport.strangers if envelope.stranger else transport.http).request(
            "POST",
            found.url,
            headers={"content-type": "application/json; charset=utf-8", "user-agent": "Antiphon"},
            body=msgspec.json.encode(dict(found.kind.payload(subject, body, link))),
        )
    except (Refused, UnknownSlot) as refused:
        return Dead(str(refused))
    except EgressFailure as failure:
        return none_came(failure)
    return _outcome(reply, found.kind, opaque(envelope.delivery_id), now)


def words(envelope: Envelope, kind: Kind) -> tuple[str, str, str]:
    """Subject, body and link of the message: what was approved for chat, else the text as mail carries it, both without
    the greeting; at its end, where a stranger gets it, how to end it."""
    text, slots = envelope.text, envelope.recipient_slots
    if not isinstance(text, OutsideText):
        link = envelope.extra.get("ack_url") or envelope.extra.get("approve_url", "")
        return text.subject, _cut(text.body_text, kind.longest), link
    link, stop = envelope.extra.get("link", ""), fill("[[unsubscribe_url]]", slots)
    body = fill(text.channels.get("chat") or text.body_text, {**slots, "greeting": ""}).strip()
    tail = "\n".join(part for part in (link, "" if stop in body else f"To stop these messages: {stop}") if part)
    if len(body) + len(tail) > kind.longest:
        body = _cut(body.replace(stop, ""), kind.longest - len(tail))
        tail = tail if stop in tail else f"{tail}\nTo stop these messages: {stop}"
    return fill(text.subject, slots), f"{body}\n\n{tail}".strip(), link or stop


def _cut(body: str, length: int) -> str:
    return body if len(body) <= length else f"{body[: max(length - 80, 0)].rstrip()} …"


def _outcome(reply: Reply, kind: Kind, reference: str, now: datetime) -> Outcome:
    said = f"{kind.label} answered HTTP {reply.status}"
    start = reply.body[:500].decode("utf-8", "replace")
    if 200 <= reply.status < 300:
        # Teams' older connectors report a failure of their own within a 200.
        failed = kind.name == "teams" and "failed" in start
        return Retry(f"{said}, with a failure in it.") if failed else Sent(reference, f"HTTP {reply.status}")
    if busy(reply):
        return Retry(f"{said}.", wait(reply, now=now) or _asked_inside(reply))
    if 300 <= reply.status < 400:
        return Dead(f"{said}, a redirect. Redirects are not followed; enter the final URL.")
    gone = reply.status == 410 or bool(_ENDED.search(start))
    return Dead(f"{said}; {'the webhook was removed' if gone else 'check the webhook'} in the chat.", gone=gone)


def _asked_inside(reply: Reply) -> timedelta | None:
    """Discord says it in the body as well: seconds, as a fraction."""
    asked = json_of(reply).get("retry_after")
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not 0 <= asked < 1e6:
        return None
    return min(timedelta(seconds=asked), LONGEST_WAIT)


def host_of(address: str) -> str:
    """The host of a room, which is no secret."""
    found = room(address)
    return "" if isinstance(found, str) else urlsplit(found.url).hostname or ""
