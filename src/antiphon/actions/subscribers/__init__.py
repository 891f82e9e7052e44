"""Asking to hear of a status page, saying yes by the link in a mail, changing one's mind, and being forgotten.

Nothing but one fixed question goes to an address before its owner said yes (double opt-in, RELIABILITY I31).
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from antiphon.actions.deliveries import NOTICE_PRIORITY
from antiphon.channels import mail
from antiphon.core import wording
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.public_words import IMPACTS
from antiphon.core.sending import OutsideText, Purpose
from antiphon.core.subscriptions import ASK_AGAIN, FORGET, Wishes
from antiphon.db import bulk, record
from antiphon.db.addresses import base_url, subscription_url
from antiphon.db.models import Delivery, Maintenance, Subscriber, Text
from antiphon.db.public import PublicComponent, PublicPage
from antiphon.db.subscribers import recipient_of
from antiphon.db.suppressions import hash_of, suppress
from antiphon.db.transactions import write
from antiphon.egress.guard import plain_host

MAIL: Final = "mail"
LONGEST_ADDRESS: Final = 254
GONE: Final = Refusal("This link names no subscription: it was ended for good, or the link was cut short.", "token")
LATE: Final = Refusal("This link waited for more than 7 days: ask for a new one on the status page.", "token")


def ask(*, page: str, address: str, wishes: Wishes, now: datetime) -> Refusal | None:
    """Somebody enters an address to hear of the page with this slug: its owner is asked by mail.

    Whether the address is known, or was asked within the hour, makes no difference to the answer. What was confirmed
    stands until its owner changes it.
    """
    known = canonical(address)
    if isinstance(known, Refusal):
        return known
    with write():
        # Under the page's lock, so that two who enter the same address at once have it asked once.
        found = PublicPage.objects.select_for_update().filter(slug=page, private=False).first()
        if found is None:
            return Refusal("There is no such status page: open it again from its own address.", "page")
        refused = _unknown(found, wishes)
        if refused is not None:
            return refused
        forget_unanswered(now=now)
        if Subscriber.objects.filter(channel=MAIL, address=known, asked_at__gt=now - ASK_AGAIN).exists():
            return None
        row, _ = Subscriber.objects.get_or_create(
            page=found, channel=MAIL, address=known, defaults={"token": new_token(), "asked_at": now, "origin": "form"}
        )
        row.asked_at = now
        if not is_told(row):
            row.components, row.impact = sorted(wishes.components), wishes.impact
        row.save()
        queue_questions([row], found, known=is_told(row), now=now)
    return None


def keep(*, token: str, wishes: Wishes, now: datetime) -> Refusal | None:
    """Whoever has the link says yes, or wants something else from now on; a yes after a no counts as a new one."""
    with write():
        row = _by_token(token)
        if row is None:
            return GONE
        if row.confirmed_at is None and now - row.asked_at > FORGET:
            return LATE
        refused = _unknown(row.page, wishes)
        if refused is not None:
            return refused
        if not is_told(row):
            row.confirmed_at, row.ended_at = now, None
        row.components, row.impact = sorted(wishes.components), wishes.impact
        row.save()
    return None


def stop(*, token: str, now: datetime) -> Refusal | None:
    """Nothing more of this page to whoever has the link; twice changes nothing."""
    with write():
        row = _by_token(token)
        if row is None:
            return GONE
        _end(row, actor=SYSTEM, now=now)
    return None


def erase(*, token: str, now: datetime) -> Refusal | None:
    """Forget the address behind the link, on every page, so that no import brings it back."""
    with write():
        row = _by_token(token)
        if row is None:
            return GONE
        _forget(row.address, actor=SYSTEM, now=now)
    return None


def remove(*, subscriber: str, for_good: bool, actor: Actor, now: datetime) -> Refusal | None:
    """An admin ends a subscription (uid), or erases its address `for_good`."""
    with write():
        row = Subscriber.objects.select_for_update().filter(uid=subscriber).first()
        if row is None:
            return Refusal("This subscriber is gone already: reload the list.", "subscriber")
        if for_good:
            _forget(row.address, actor=actor, now=now)
        else:
            _end(row, actor=actor, now=now)
    return None


def canonical(address: str) -> str | Refusal:
    """A mail address in the one form it is kept in: small letters, the domain in ASCII."""
    address = address.strip()
    wrong = mail.check_address(address) if len(address) <= LONGEST_ADDRESS else "No mail address is that long."
    if wrong:
        return Refusal(wrong, "address")
    local, _, host = address.rpartition("@")
    return f"{local}@{plain_host(host)}".lower()


def is_told(row: Subscriber) -> bool:
    """Whether what the page publishes goes to them."""
    return row.confirmed_at is not None and row.ended_at is None


def new_token() -> str:
    """The secret of somebody's own links."""
    return secrets.token_urlsafe(32)


def queue_questions(rows: Iterable[Subscriber], page: PublicPage, *, known: bool, now: datetime) -> None:
    """Ask these addresses, each once, whether they want to hear of the page; call inside a transaction."""
    text = keep_text(wording.seal_question(page=page.name, known=known), maintenance=None, now=now)
    base = base_url()
    bulk.write(
        delivery_to(row.uid, row.address, row.token, text=text, base=base, purpose=Purpose.NOTICE, now=now)
        for row in rows
    )


def keep_text(text: OutsideText, *, maintenance: Maintenance | None, now: datetime) -> Text:
    """A text to subscribers that belongs to no incident, kept once and sent to many."""
    return Text.objects.create(
        maintenance=maintenance,
        audience=text.audience,
        outside=True,
        subject=text.subject[:300],
        body_text=text.body_text,
        body_html=text.body_html,
        digest=text.digest,
        created_at=now,
    )


def delivery_to(
    uid: str, address: str, token: str, *, text: Text, base: str, purpose: Purpose, now: datetime
) -> Delivery:
    """One mail to one subscriber, with the link that is theirs; `base`: our own base URL."""
    return Delivery(
        purpose=purpose,
        priority=NOTICE_PRIORITY if purpose is Purpose.NOTICE else TOLD_PRIORITY,
        text=text,
        channel=MAIL,
        address=address,
        recipient=recipient_of(uid),
        slots={"unsubscribe_url": subscription_url(base, token)},
        outside=True,
        created_at=now,
        wake_at=now,
    )


TOLD_PRIORITY: Final = 25
"""After the customers whom an incident hits."""


def forget_unanswered(*, now: datetime) -> None:
    """Addresses that gave no answer in time are no longer kept."""
    Subscriber.objects.filter(confirmed_at__isnull=True, ended_at__isnull=True, asked_at__lt=now - FORGET).delete()


def _unknown(page: PublicPage, wishes: Wishes) -> Refusal | None:
    listed = set(PublicComponent.objects.filter(page=page).values_list("uid", flat=True))
    if not wishes.components <= listed:
        return Refusal("The page has changed since: it does not list one of these components any more.", "components")
    if wishes.impact not in IMPACTS:
        return Refusal(f"Choose the mildest impact from {', '.join(IMPACTS)}.", "impact")
    return None


def _by_token(token: str) -> Subscriber | None:
    return Subscriber.objects.select_for_update().filter(token=token).first() if token else None


def _end(row: Subscriber, *, actor: Actor, now: datetime) -> None:
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        _recorded(f"Subscriber {row.uid} unsubscribed", actor=actor, now=now)


def _forget(address: str, *, actor: Actor, now: datetime) -> None:
    """What was sent stays countable, under a keyed hash in place of the address."""
    suppress(address, reason="erased", now=now)
    theirs = Subscriber.objects.filter(channel=MAIL, address=address)
    uids = list(theirs.values_list("uid", flat=True))
    sent = Delivery.objects.filter(recipient__in=[recipient_of(uid) for uid in uids])
    sent.update(address=f"erased:{hash_of(address)}", slots={})
    theirs.delete()
    for uid in uids:
        _recorded(f"Subscriber {uid} erased", actor=actor, now=now)


def _recorded(what: str, *, actor: Actor, now: datetime) -> None:
    record.append(record.lock(record.ACCESS), [AccessChanged(what=what)], actor=actor, now=now)
