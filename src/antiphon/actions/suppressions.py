"""Addresses that are not written to: lifting one that bounced, and trying a contact again."""

from datetime import datetime
from typing import Final

from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.reactions import LOST, Kind
from antiphon.db import record
from antiphon.db.models import Contact, Delivery, Reaction, Suppression
from antiphon.db.suppressions import ASKED, hash_of
from antiphon.db.transactions import write

LONGEST_REASON: Final = 300
THEIR_WORD: Final = (
    "Its owner asked for nothing more, and nobody here may undo that: they can subscribe again themselves."
)


def lift(*, suppression: int, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """Write to an address again that bounced or complained; the reason stands on the record."""
    why = " ".join(reason.split())
    if not why or len(why) > LONGEST_REASON:
        return Refusal(f"Say in 1 to {LONGEST_REASON} letters why it may be written to again.", "reason")
    with write():
        head = record.lock(record.ACCESS)
        row = Suppression.objects.filter(pk=suppression).first()
        if row is None:
            return Refusal("It was lifted already: reload the page.", "suppression")
        if row.kind == ASKED:
            return Refusal(THEIR_WORD, "suppression")
        _settle(row.recipient, actor=actor, now=now)
        row.delete()
        said = AccessChanged(what=f"An address that {row.kind} may be written to again ({row.hash[:8]}): {why}")
        record.append(head, [said], actor=actor, now=now)
    return None


def try_again(*, contact: str, actor: Actor, now: datetime) -> int | Refusal:
    """Write to a contact (uid) again; what they missed of incidents still open, the newest of each, is sent now.

    Answers how many mails that is.
    """
    with write():
        head = record.lock(record.ACCESS)
        found = Contact.objects.filter(uid=contact).first()
        if found is None:
            return Refusal("This contact is gone: reload the page.", "contact")
        held = Suppression.objects.filter(hash=hash_of(found.email)).first()
        if found.unsubscribed_at is not None or (held is not None and held.kind == ASKED):
            return Refusal(THEIR_WORD, "contact")
        if held is not None:
            held.delete()
        _settle(found.uid, actor=actor, now=now)
        missed = _missed(found.uid)
        Delivery.objects.filter(pk__in=missed).update(
            state="queued", reason="", address=found.email, attempts=0, first_at=None, done_at=None, wake_at=now
        )
        said = AccessChanged(what=f"Contact {found.uid} is written to again; {len(missed)} mails are sent anew")
        record.append(head, [said], actor=actor, now=now)
        return len(missed)


def _settle(recipient: str, *, actor: Actor, now: datetime) -> None:
    """What came back before counts no more."""
    rows = Reaction.objects.filter(recipient=recipient, kind__in=[*LOST, Kind.COMPLAINED], answered_at__isnull=True)
    rows.exclude(recipient="").update(answered_at=now, answered_by=str(actor))


def _missed(recipient: str) -> list[int]:
    """The newest text of each open incident that came back, or was held for the address."""
    rows = Delivery.objects.filter(
        recipient=recipient, outside=True, channel="mail", text__incident__closed_at__isnull=True,
        text__incident__cancelled_at__isnull=True, text__incident__isnull=False,
    )  # fmt: skip
    newest = {row.text.incident_id: row for row in rows.select_related("text").order_by("id")}
    lost = (row for row in newest.values() if row.state == "bounced" or row.reason == "suppressed")
    return [row.pk for row in lost]
