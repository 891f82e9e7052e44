"""From a delivery's row and its checked words to the envelope a channel gets."""

from dataclasses import replace

from antiphon.actions.deliveries import ASK
from antiphon.core.branding import NO_BRAND, Brand
from antiphon.core.languages import greeting
from antiphon.core.sending import RECIPIENT_SLOTS, Envelope, InsideText, OutsideText
from antiphon.core.social import MASTODON
from antiphon.db import addresses, reaction_links
from antiphon.db.claims import Leased
from antiphon.db.reaction_links import NOTHING_MEASURED, Measured
from antiphon.db.snapshots import social
from antiphon.db.subscribers import is_subscriber
from antiphon.delivery import strangers

ACKNOWLEDGE = "Acknowledge, without signing in:"
APPROVE = "Read and approve it, without signing in; the link is yours alone:"


def envelope(
    row: Leased,
    words: OutsideText | InsideText,
    *,
    base: str,
    measured: Measured = NOTHING_MEASURED,
    brand: Brand = NO_BRAND,
) -> Envelope:
    """One message to one recipient; a page carries the link that acknowledges it. `base`: our own base URL; `brand`:
    the paper that people outside get their messages on."""
    extra = {"event_type": f"{row.purpose}.sent", **_of_post(row, base)}
    if row.page is not None and isinstance(words, InsideText):
        link = addresses.page_url(base, row.page.token)
        words = replace(words, body_text=f"{words.body_text.rstrip()}\n\n{ACKNOWLEDGE}\n{link}\n", body_html=None)
        extra |= {"event_type": "page", "ack_url": link, "occurred_at": row.page.at.isoformat()}
    if (ask := row.slots.get(ASK)) and isinstance(words, InsideText):
        link = addresses.approval_url(base, ask)
        words = replace(words, body_text=f"{words.body_text.rstrip()}\n\n{APPROVE}\n{link}\n", body_html=None)
        extra |= {"event_type": "approval.asked", "approve_url": link}
    incident = row.text.incident
    made = Envelope(
        delivery_id=row.uid,
        to=row.address,
        text=words,
        thread=f"{incident.uid}:{row.text.audience}" if incident else _plan_of(row),
        extra=extra,
        recipient_slots=_slots(row, base, measured) if isinstance(words, OutsideText) else {},
        practice=row.practice,
        brand=brand if isinstance(words, OutsideText) else NO_BRAND,
    )
    return strangers.addressed(row, made)


def _of_post(row: Leased, base: str) -> dict[str, str]:
    """What a post carries beside its words: the page's address, and the post of the incident that it goes on from."""
    if row.channel != MASTODON:
        return {}
    first = social.first_post(row.text.incident) if row.text.incident else ""
    return {"link": f"{base}/status/", **({"in_reply_to": first} if first else {})}


def _plan_of(row: Leased) -> str | None:
    if row.text.follow_up_id:
        return f"follow_up:{row.text.follow_up_id}"
    return f"maintenance:{row.text.maintenance_id}" if row.text.maintenance_id else None


def _slots(row: Leased, base: str, measured: Measured) -> dict[str, str]:
    """All that may differ between two recipients of one approved text."""
    given = {name: str(value) for name, value in row.slots.items() if name in RECIPIENT_SLOTS}
    name = str(row.slots.get("name", "")).strip()
    slots = {"greeting": greeting(name, language=row.text.language)} | given
    if row.recipient and not is_subscriber(row.recipient):  # a subscriber's link carries a secret of its own
        slots["unsubscribe_url"] = addresses.unsubscribe_url(base, row.recipient)
    if row.recipient and row.text.audience != "public":
        slots |= reaction_links.slots(base, row.uid, measured)
    return slots
