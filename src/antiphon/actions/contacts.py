"""Testing that somebody can be reached, taking a customer's word that they no longer want to be, and erasing them."""

from datetime import datetime

from antiphon.actions import deliveries
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.sending import InsideText, Purpose
from antiphon.db import record, revisions
from antiphon.db.models import CallAttempt, Contact, ContactMethod, Delivery, Person, Reaction, StrayMail
from antiphon.db.suppressions import hash_of, suppress
from antiphon.db.transactions import write

TEST = InsideText(
    subject="Test from Antiphon: you can be reached here",
    body_text="This is a test that you or an admin asked for. Nothing is wrong, and there is nothing to do.\n\n"
    "A page would have come the same way.",
)


def send_test(*, person: Person, method: int, actor: Actor, now: datetime) -> Delivery | Refusal:
    """Queue a message to one of the person's own contact methods; its row tells what became of it."""
    with write():
        found = ContactMethod.objects.select_related("person").filter(pk=method, person=person).first()
        if found is None:
            return Refusal("This way to reach you is gone: reload the page.", "contact")
        text = deliveries.inside(TEST, audience="responders", incident=None, now=now)
        return Delivery.objects.create(
            purpose=Purpose.NOTICE,
            priority=deliveries.NOTICE_PRIORITY,
            text=text,
            channel=found.channel,
            address=found.address,
            recipient=person.uid,
            created_at=now,
            wake_at=now,
        )


def unsubscribe(*, contact: str, now: datetime) -> Refusal | None:
    """A customer's contact (uid) gets no more mail of ours, for good; saying it twice changes nothing."""
    with write():
        found = Contact.objects.filter(uid=contact).first()
        if found is None:
            return Refusal("This address is not on our list any more; nothing is sent to it.", "contact")
        if found.unsubscribed_at is None:
            Contact.objects.filter(email__iexact=found.email).update(unsubscribed_at=now)
            suppress(found.email, reason="unsubscribed by the link in a mail", now=now)
            said = AccessChanged(what=f"Contact {found.uid} unsubscribed")
            record.append(record.lock(record.ACCESS), [said], actor=SYSTEM, now=now)
    return None


def erase(*, contact: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take a customer's contact (uid) out with all that is kept of them: their tickets' words and what those suggest.

    So with others of the same address, which is never written to again. What was sent stays countable, under a keyed
    hash in place of the address; what has not left yet does not leave.
    """
    with write():
        found = Contact.objects.filter(uid=contact).first()
        if found is None:
            return Refusal("This contact is gone already.", "contact")
        suppress(found.email, reason="erased", now=now)
        theirs = Contact.objects.filter(email__iexact=found.email)
        uids = list(theirs.values_list("uid", flat=True))
        CallAttempt.objects.filter(call__contact__uid__in=uids).update(note="")  # what they said on the telephone
        gone = f"erased:{hash_of(found.email)}"
        Delivery.objects.filter(recipient__in=uids).update(address=gone, slots={})
        Reaction.objects.filter(recipient__in=uids).update(words="", about={})
        StrayMail.objects.filter(sender__iexact=found.email).delete()
        theirs.delete()
        revisions.bump(revisions.CATALOG)
        said = [AccessChanged(what=f"Contact {uid} erased") for uid in uids]
        record.append(record.lock(record.ACCESS), said, actor=actor, now=now)
    return None
