"""Signed webhooks: an envelope like PagerDuty's webhooks v3, signed as Standard Webhooks (standardwebhooks.com).

The receiver checks `webhook-signature` over `id.timestamp.body` and drops a `webhook-id` it has seen before. What a
status page published stands beside the event as data, in the shape that receivers of Statuspage's webhooks read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from standardwebhooks import Webhook

from antiphon.channels.answers import busy, none_came, wait
from antiphon.channels.settings import option
from antiphon.core.sending import Dead, Envelope, Outcome, OutsideText, Retry, Sent, UnknownSlot, fill, opaque
from antiphon.egress.failures import EgressFailure, Refused
from antiphon.egress.guard import url_problem
from antiphon.egress.http import Reply
from antiphon.egress.transport import Transport

NAME: Final = "webhook"
LABEL: Final = "Webhook"
MAX_BYTES: Final = 256 * 1024

_GONE = 410
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the receiver knows that a call is ours."""

    secrets: tuple[str, ...] = option(
        "Signing secrets",
        "Base64, also with whsec_ before it, 24 bytes or more. Each one signs, so two may stand here while you rotate.",
        secret=True,
        pattern=r"(?:whsec_)?[A-Za-z0-9+/]{32,}={0,2}",
    )
    subscribers: bool = option(
        "Readers of status pages may subscribe by it",
        "Each gets a signing secret of their own, and is reached at public addresses only.",
        default=False,
    )


check_address = url_problem


async def send(envelope: Envelope, settings: Settings, transport: Transport, *, now: datetime) -> Outcome:
    """POST one event. Sent.reference is the `webhook-id`."""
    secrets = envelope.keys if envelope.stranger else settings.secrets
    if not secrets:
        return Dead("The webhook has no signing secret; add one.")
    event_id = envelope.delivery_id if _ID.fullmatch(envelope.delivery_id) else opaque(envelope.delivery_id)
    try:
        body = msgspec.json.encode({"event": _event(envelope, event_id, now), **envelope.data})
        headers = _headers(event_id, body, secrets, now)
        way_out = transport.strangers if envelope.stranger else transport.http
        reply = await way_out.request("POST", envelope.to, headers=headers, body=body)
    except (Refused, UnknownSlot) as refused:
        return Dead(str(refused))
    except EgressFailure as failure:
        return none_came(failure)
    return _outcome(reply, event_id, now)


def _event(envelope: Envelope, event_id: str, now: datetime) -> dict[str, Any]:
    extra = dict(envelope.extra)
    return {
        "id": event_id,
        "event_type": extra.pop("event_type", "message.sent"),
        "resource_type": extra.pop("resource_type", "message"),
        "occurred_at": extra.pop("occurred_at", None) or now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "agent": {"type": "service", "summary": "Antiphon"},
        "data": extra | _data(envelope),
    }


def _data(envelope: Envelope) -> dict[str, Any]:
    text, slots = envelope.text, envelope.recipient_slots
    return {
        "subject": text.subject,
        "text": fill(text.body_text, slots),
        "html": fill(text.body_html, slots, markup=True) if text.body_html else None,
        "audience": text.audience if isinstance(text, OutsideText) else None,
        "thread": opaque(envelope.thread) if envelope.thread is not None else None,
        "practice": envelope.practice,
    }


def _headers(event_id: str, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    signatures = [Webhook(secret).sign(event_id, now.astimezone(UTC), body.decode()) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "Antiphon",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _outcome(reply: Reply, event_id: str, now: datetime) -> Outcome:
    said = f"The receiver answered HTTP {reply.status}"
    if 200 <= reply.status < 300:
        return Sent(event_id, f"HTTP {reply.status}")
    if busy(reply):
        return Retry(f"{said}.", wait(reply, now=now))
    if 300 <= reply.status < 400:
        return Dead(f"{said}, a redirect. Redirects are not followed; enter the final URL.")
    return Dead(f"{said}; check the URL and the receiver.", gone=reply.status == _GONE)
