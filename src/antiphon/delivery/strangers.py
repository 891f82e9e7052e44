"""What a message to a subscriber has that no other has: where its encrypted URL leads, and what machines read."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from antiphon.core.sending import Envelope
from antiphon.db import secrets
from antiphon.db.addresses import base_url
from antiphon.db.models import Text
from antiphon.db.public import PublicPage
from antiphon.db.subscribers import PAGE, PUBLISHED, SEALED, is_subscriber
from antiphon.delivery.approved import asks
from antiphon.pages import load, statuspage
from antiphon.pages.state import PublicState

WEBHOOK = "webhook"


class _Row(Protocol):
    """What is asked of a delivery."""

    @property
    def recipient(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def slots(self) -> Any: ...
    @property
    def text(self) -> Text: ...


def addressed(row: _Row, envelope: Envelope) -> Envelope:
    """The envelope as a subscriber gets it; any other as it is. Raises `secrets.WrongKey`."""
    if not is_subscriber(row.recipient):
        return envelope
    extra = {**envelope.extra, **({"link": row.slots["link"]} if row.slots.get("link") else {})}
    if row.channel == WEBHOOK:
        extra |= _named(row)
    sealed = secrets.decrypt(str(row.slots.get(SEALED, "")))
    return replace(
        envelope,
        to=sealed.get("url", envelope.to),
        keys=tuple(sealed.get("keys", ())),
        stranger=True,
        extra=extra,
        data=_published(row) if row.channel == WEBHOOK else {},
    )


def _named(row: _Row) -> dict[str, str]:
    """What a machine is told of the kind of message it gets."""
    link = str(row.slots.get("unsubscribe_url", ""))
    if asks(row.text):
        return {"event_type": "subscription.asked", "resource_type": "subscription", "confirm_url": link}
    kind = "incident" if row.text.incident_id else "maintenance"
    return {
        "event_type": f"{kind}.updated",
        "resource_type": kind,
        "occurred_at": row.text.created_at.isoformat(timespec="milliseconds"),
        "unsubscribe_url": link,
    }


def _published(row: _Row) -> dict[str, object]:
    page = PublicPage.objects.filter(uid=row.slots.get(PAGE, "")).values_list("slug", "uid", "revision").first()
    if page is None:
        return {}
    said = statuspage.publication(_state(*page), str(row.slots[PUBLISHED]), at=row.text.created_at)
    return {"meta": {"unsubscribe": row.slots.get("unsubscribe_url", "")}, **said} if said else {}


@lru_cache(8)
def _state(slug: str, uid: str, revision: int) -> PublicState:
    """The page as of this revision, read once for all who hear of it."""
    return load.load(slug, base=base_url())
