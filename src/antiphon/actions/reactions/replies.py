"""Answering replies: who has seen to one."""

from datetime import datetime

from antiphon.actions.locked import locked
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ReplyAnswered
from antiphon.core.reactions import Kind
from antiphon.db.models import Contact, Reaction


def answer(*, reply: str, incident: str, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody has seen to a reply (uid). Saying it twice changes nothing."""
    with locked(incident, actor=actor, now=now) as held:
        row = Reaction.objects.filter(uid=reply, text__incident=held.incident, kind=Kind.REPLIED).first()
        if row is None:
            return Refusal("There is no such reply any more: reload the page.", "reply")
        if row.answered_at is None:
            row.answered_at, row.answered_by = now, str(actor)
            row.save(update_fields=["answered_at", "answered_by"])
            contact = Contact.objects.select_related("customer").filter(uid=row.recipient).first()
            held.record([ReplyAnswered(reaction=row.uid, customer=contact.customer.title if contact else "")])
    return None
