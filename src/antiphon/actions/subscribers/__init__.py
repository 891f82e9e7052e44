"""Asking to hear of a status page, saying yes by a link or a code, changing one's mind, and being forgotten.

Nothing but one fixed question goes to an address before its owner said yes (double opt-in, RELIABILITY I31).
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from antiphon.actions.deliveries import NOTICE_PRIORITY
from antiphon.actions.subscribers import ways
from antiphon.actions.subscribers.ways import Address
from antiphon.channels import sms
from antiphon.core import wording
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.public_words import IMPACTS
from antiphon.core.sending import OutsideText, Purpose
from antiphon.core.subscriptions import ASK_AGAIN, FORGET, MOST_TRIES, Wishes, too_many
from antiphon.db import bulk, record
from antiphon.db.addresses import base_url, subscription_url
from antiphon.db.models import Delivery, Maintenance, Subscriber, Text
from antiphon.db.public import PublicComponent, PublicPage
from antiphon.db.subscribers import SEALED, offered_ways, recipient_of, uids_of
from antiphon.db.suppressions import hash_of, suppress
from antiphon.db.transactions import write

GONE: Final = Refusal("This link names no subscription: it was ended for good, or the link was cut short.", "token")
LATE: Final = Refusal("This link waited for more than 7 days: ask for a new one on the status page.", "token")
WRONG_CODE: Final = Refusal(
    "This is not the code that was sent last. After 5 wrong ones, or 7 days, ask for a new one.", "code"
)
_CODE: Final = "antiphon.subscriber.code"


def ask(*, page: str, way: str, address: str, wishes: Wishes, now: datetime) -> Refusal | None:
    """Somebody enters an address to hear of the page with this slug: its owner is asked there, whether they want it.

    Whether the address is known, or was asked within the hour, makes no difference to the answer. What was confirmed
    stands until its owner changes it.
    """
    if way not in offered_ways():
        return Refusal("This page does not tell its readers by this way: choose one that it offers.", "address")
    known = ways.addressed(way, address)
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
        lately = Subscriber.objects.filter(channel=way, asked_at__gt=now - ASK_AGAIN)
        if lately.filter(address=known.name).exists():
            return None
        refused = _flooded(known, lately.filter(confirmed_at__isnull=True))
        if refused is not None:
            return refused
        row = _row(found, known, now=now)
        if not is_told(row):
            row.components, row.impact = sorted(wishes.components), wishes.impact
        row.save()
        queue_questions([row], found, known=is_told(row), now=now)
    return None


def confirm(*, page: str, way: str, address: str, code: str, now: datetime) -> str | Refusal:
    """The owner of an address says yes by the code that was sent there; answers the token of their own link."""
    known = ways.addressed(way, address)
    if isinstance(known, Refusal):
        return WRONG_CODE
    with write():
        rows = Subscriber.objects.select_for_update().filter(page__slug=page, channel=way, address=known.name)
        row = rows.first()
        if row is None or is_told(row) or row.tries >= MOST_TRIES or now - row.asked_at > FORGET:
            return WRONG_CODE
        if not constant_time_compare("".join(code.split()), code_of(row)):
            row.tries += 1
            row.save(update_fields=["tries"])
            return WRONG_CODE
        row.confirmed_at, row.ended_at = now, None
        row.save()
    return row.token


def keep(*, token: str, wishes: Wishes | None, now: datetime) -> Refusal | None:
    """Whoever has the link says yes, or wants something else from now on; a yes after a no counts as a new one.

    Without `wishes` it stays at those that were asked for.
    """
    with write():
        row = _by_token(token)
        if row is None:
            return GONE
        if row.confirmed_at is None and now - row.asked_at > FORGET:
            return LATE
        refused = _unknown(row.page, wishes) if wishes else None
        if refused is not None:
            return refused
        if not is_told(row):
            row.confirmed_at, row.ended_at = now, None
        if wishes:
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
        _forget(row, actor=SYSTEM, now=now)
    return None


def remove(*, subscriber: str, for_good: bool, actor: Actor, now: datetime) -> Refusal | None:
    """An admin ends a subscription (uid), or erases its address `for_good`."""
    with write():
        row = Subscriber.objects.select_for_update().filter(uid=subscriber).first()
        if row is None:
            return Refusal("This subscriber is gone already: reload the list.", "subscriber")
        if for_good:
            _forget(row, actor=actor, now=now)
        else:
            _end(row, actor=actor, now=now)
    return None


def is_told(row: Subscriber) -> bool:
    """Whether what the page publishes goes to them."""
    return row.confirmed_at is not None and row.ended_at is None


class Told(Protocol):
    """A delivery, as far as its recipient goes."""

    @property
    def recipient(self) -> str: ...


def end_gone(gone: Iterable[Told], *, now: datetime) -> None:
    """Where the provider says that nobody is there any more, or that they want no more, nothing else goes; call inside
    the transaction that records the outcomes."""
    uids = uids_of(each.recipient for each in gone)
    for row in Subscriber.objects.select_for_update().filter(uid__in=uids) if uids else ():
        suppress(row.address, reason=f"gone by {row.channel}", now=now)
        _end(row, actor=SYSTEM, now=now)


def new_token(way: str) -> str:
    """The secret of somebody's own links; in an SMS each letter counts."""
    return secrets.token_urlsafe(12 if way == sms.NAME else 32)


def code_of(row: Subscriber) -> str:
    """Six digits that say yes to the last question."""
    asked = f"{row.token} {row.asked_at.isoformat()}"
    return f"{int(salted_hmac(_CODE, asked, algorithm='sha256').hexdigest(), 16) % 1_000_000:06d}"


def queue_questions(rows: Iterable[Subscriber], page: PublicPage, *, known: bool, now: datetime) -> None:
    """Ask these addresses, each once, whether they want to hear of the page; call inside a transaction."""
    texts: dict[bool, Text] = {}
    base, deliveries = base_url(), []
    for row in rows:
        short = row.channel == sms.NAME
        if short not in texts:
            said = wording.seal_question(page=page.name, known=known, sms=short)
            texts[short] = keep_text(said, maintenance=None, now=now)
        more = {"subscription_code": code_of(row)} if short and not known else {}
        deliveries.append(delivery_to(row, text=texts[short], base=base, purpose=Purpose.NOTICE, slots=more, now=now))
    bulk.write(deliveries)


def keep_text(text: OutsideText, *, maintenance: Maintenance | None, now: datetime) -> Text:
    """A text to subscribers that belongs to no incident, kept once and sent to many."""
    return Text.objects.create(
        maintenance=maintenance,
        audience=text.audience,
        outside=True,
        subject=text.subject[:300],
        body_text=text.body_text,
        body_html=text.body_html,
        channels=dict(text.channels),
        digest=text.digest,
        created_at=now,
    )


def delivery_to(
    row: Subscriber, *, text: Text, base: str, purpose: Purpose, slots: Mapping[str, str], now: datetime
) -> Delivery:
    """One message to one subscriber, with the link that is theirs; `base`: our own base URL. What is posted takes its
    encrypted URL along."""
    return Delivery(
        purpose=purpose,
        priority=NOTICE_PRIORITY if purpose is Purpose.NOTICE else TOLD_PRIORITY,
        text=text,
        channel=row.channel,
        address=row.address,
        recipient=recipient_of(row.uid),
        slots={
            "unsubscribe_url": subscription_url(base, row.token),
            **({SEALED: row.secret} if row.secret else {}),
            **slots,
        },
        outside=True,
        created_at=now,
        wake_at=now,
    )


TOLD_PRIORITY: Final = 25
"""After the customers whom an incident hits."""


def forget_unanswered(*, now: datetime) -> None:
    """Addresses that gave no answer in time are no longer kept."""
    Subscriber.objects.filter(confirmed_at__isnull=True, ended_at__isnull=True, asked_at__lt=now - FORGET).delete()


def _row(page: PublicPage, known: Address, *, now: datetime) -> Subscriber:
    first = {"token": new_token(known.way), "secret": known.sealed, "asked_at": now, "origin": "form"}
    row, _ = Subscriber.objects.get_or_create(page=page, channel=known.way, address=known.name, defaults=first)
    row.asked_at, row.tries = now, 0
    return row


def _flooded(known: Address, unanswered: QuerySet[Subscriber]) -> Refusal | None:
    asked = unanswered.count()
    here = 0
    if known.url and not ways.is_providers(known):
        here = unanswered.filter(address__startswith=f"{ways.label(known.name)}#").count()
    said = too_many(known.way, asked=asked, at_host=here)
    return Refusal(said, "address") if said else None


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


def _forget(row: Subscriber, *, actor: Actor, now: datetime) -> None:
    """What was sent stays countable, under a keyed hash in place of the address."""
    address = row.address
    suppress(address, reason="erased", now=now)
    theirs = Subscriber.objects.filter(channel=row.channel, address=address)
    uids = list(theirs.values_list("uid", flat=True))
    sent = Delivery.objects.filter(recipient__in=[recipient_of(uid) for uid in uids])
    sent.update(address=f"erased:{hash_of(address)}", slots={})
    theirs.delete()
    for uid in uids:
        _recorded(f"Subscriber {uid} erased", actor=actor, now=now)


def _recorded(what: str, *, actor: Actor, now: datetime) -> None:
    record.append(record.lock(record.ACCESS), [AccessChanged(what=what)], actor=actor, now=now)
