"""A mail that came in: to the delivery it belongs to, with what follows from it; or aside, with the reason.

What is handed over twice changes nothing the second time. Nothing is ever answered by itself (RFC 3834).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.actions.locked import take
from antiphon.actions.reactions import bundling
from antiphon.core import inbound
from antiphon.core.decision import Actor
from antiphon.core.events import ReplyReceived
from antiphon.core.inbound import Failure, Nature, Received, Unreadable
from antiphon.core.inbound.providers import Confirmation
from antiphon.core.reactions import LOST, SOFT_LIMIT, SOFT_WITHIN, Kind, in_words, kind_of_report, status_of
from antiphon.db import record
from antiphon.db.models import Contact, Delivery, Reaction, StrayMail, Subscriber
from antiphon.db.subscribers import recipient_of
from antiphon.db.suppressions import BOUNCED, COMPLAINED, suppress
from antiphon.db.transactions import write

LARGEST: Final = inbound.LARGEST
STRAYS: Final = 500
"""Mails kept of which nobody can tell what they belong to; the oldest give way."""
EXCERPT: Final = 200
UID: Final = 12
REPORTED_WITHIN: Final = timedelta(days=5)
"""For so long mail servers try before they give a mail up."""
_GRAVEST: Final = (Kind.BOUNCED, Kind.UNDELIVERED, Kind.DELAYED)
NOTHING: Final = "It belongs to no mail that we sent, or the incident is gone."
NO_INCIDENT: Final = "It answers a mail that tells of no incident."


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail: `kind` is a word of `core.reactions`, “stray”, or “known” for one that came before."""

    kind: str
    says: str


def receive(data: bytes, *, to: str = "", now: datetime) -> Taken:
    """Take in one mail as it came (RFC 5322). `to`: the address it came in for, where that is known."""
    try:
        mail = inbound.read(data, to=to)
    except Unreadable as error:
        return set_aside(data, str(error), now=now)
    return put(mail, now=now)


def put(mail: Received, *, now: datetime) -> Taken:
    """Put what came in to the mail of ours that it belongs to, or aside."""
    with write():
        rows = _deliveries(mail.ours) or _newest_to(mail, now=now)
        if not rows:
            return _aside(mail, NOTHING, now=now)
        if rows[0].text.about is None and mail.nature in (Nature.REPLY, Nature.AUTOMATIC):
            return _aside(mail, NO_INCIDENT, now=now)
        for uid in sorted({row.text.about.uid for row in rows if row.text.about is not None}):
            record.lock(record.incident_stream(uid))
        if Reaction.objects.filter(delivery__in=rows, reference=_reference(mail)).exists():
            return Taken("known", "It came before.")
        concerned = rows if mail.nature in (Nature.BOUNCE, Nature.COMPLAINT) else rows[:1]
        first, *_ = [_TAKE[mail.nature](row, mail, now) for row in concerned]
        return first


def _deliveries(ids: Sequence[str]) -> list[Delivery]:
    """The first of these that is a mail of ours; several deliveries where they went as one mail, the newest first."""
    rows = Delivery.objects.filter(channel="mail").select_related("text__incident", "text__follow_up__incident")
    found = {row.uid: row for row in rows.filter(uid__in=[each for each in ids if len(each) == UID])}
    for each in ids:
        if each in found:
            return [found[each]]
        if len(each) != UID and (together := list(rows.filter(reference__startswith=f"<{each}@").order_by("-pk"))):
            return together
    return []


def _newest_to(mail: Received, *, now: datetime) -> list[Delivery]:
    """What a provider's event is about that names none of our ids: the newest mail of this subject to that reader."""
    if not mail.reader or not mail.subject:
        return []
    contacts = Contact.objects.filter(email__iexact=mail.reader).values_list("uid", flat=True)
    subscribers = Subscriber.objects.filter(channel="mail", address__iexact=mail.reader).values_list("uid", flat=True)
    theirs = [*contacts, *map(recipient_of, subscribers)]
    rows = Delivery.objects.filter(recipient__in=theirs, channel="mail", done_at__gt=now - REPORTED_WITHIN)
    found = rows.filter(text__subject=mail.subject, done_at__lte=now).order_by("-done_at", "-pk")
    return list(found.select_related("text__incident", "text__follow_up__incident")[:1])


def _bounce(row: Delivery, mail: Received, now: datetime) -> Taken:
    failure, kind = _gravest(mail.failures, row)
    if kind is None:
        return Taken("known", "The report says that the mail arrived.")
    status = status_of(failure.status, failure.diagnostic)
    says = in_words(status)
    _keep(row, mail, kind, about={"says": says, "server": failure.diagnostic}, now=now)
    if kind in LOST:
        _mark_lost(row, says)
        _stop_writing(row, kind, says, now=now)
        _tell_returned(row, says, now=now)
    return Taken(kind, says)


def _gravest(failures: Iterable[Failure], row: Delivery) -> tuple[Failure, Kind | None]:
    """What is worst in a report. Of an address that theirs forwards to, a wrong one says nothing against theirs."""
    found: list[tuple[int, Failure, Kind]] = []
    for failure in failures:
        kind = kind_of_report(failure.action, failure.status, failure.diagnostic)
        if kind is Kind.BOUNCED and failure.address and failure.address != row.address.lower():
            kind = Kind.UNDELIVERED
        if kind is not None:
            found.append((_GRAVEST.index(kind), failure, kind))
    if not found:
        return Failure("", "", "", ""), None
    _, failure, kind = min(found, key=lambda each: each[0])
    return failure, kind


def _mark_lost(row: Delivery, says: str) -> None:
    came_back = {"state": "bounced", "reason": f"The mail came back: {says}"[:300], "wake_at": None, "lease": ""}
    rows = Delivery.objects.filter(pk=row.pk, state__in=("sent", "queued"))
    rows.update(**came_back, lease_until=None)


def _stop_writing(row: Delivery, kind: Kind, says: str, *, now: datetime) -> None:
    """A wrong address at once; any other when it was given up often. Our own people are never kept from pages."""
    if not row.outside:
        return
    lost = Reaction.objects.filter(
        recipient=row.recipient, kind=Kind.UNDELIVERED, at__gt=now - SOFT_WITHIN, answered_at__isnull=True
    ).exclude(recipient="")
    if kind is Kind.BOUNCED or lost.values("delivery").distinct().count() >= SOFT_LIMIT:
        suppress(row.address, reason=says, now=now, kind=BOUNCED, recipient=row.recipient)


def _complaint(row: Delivery, mail: Received, now: datetime) -> Taken:
    _keep(row, mail, Kind.COMPLAINED, about={"feedback": mail.feedback}, now=now)
    if row.outside:
        reason = f"reported as unwanted ({mail.feedback})"
        suppress(row.address, reason=reason, now=now, kind=COMPLAINED, recipient=row.recipient)
    _tell_returned(row, "reported as unwanted, so nothing more is sent there", now=now)
    return Taken(Kind.COMPLAINED, "It is a complaint; nothing more is sent to that address.")


def _automatic(row: Delivery, mail: Received, now: datetime) -> Taken:
    _keep(row, mail, Kind.AUTO_REPLIED, about={"subject": mail.subject}, now=now)
    return Taken(Kind.AUTO_REPLIED, "A program answered; it is kept and counts as nobody's word.")


def _reply(row: Delivery, mail: Received, now: datetime) -> Taken:
    incident = row.text.about
    assert incident is not None
    contact = Contact.objects.select_related("customer").filter(uid=row.recipient).first() if row.outside else None
    held = take(incident.uid, actor=Actor("customer", row.recipient or "reader"), now=now)
    about = {"from": mail.sender, "name": mail.name, "subject": mail.subject, "attachments": list(mail.attachments)}
    kept = _keep(row, mail, Kind.REPLIED, about=about, words=mail.words, now=now)
    customer = contact.customer.title if contact else ""
    held.record([ReplyReceived(reaction=kept.uid, audience=row.text.audience, customer=customer)])
    who = f"{contact.name} of {customer}" if contact else mail.name or mail.sender
    own = " ".join(inbound.split_quoted(mail.words)[0].split())
    excerpt = f"{own[:EXCERPT]}…" if len(own) > EXCERPT else own
    bundling.tell(bundling.REPLIES, f"{who}: “{excerpt}”", bundling.speakers(incident), incident=held.incident, now=now)
    return Taken(Kind.REPLIED, f"It is a reply, kept with #{incident.number}.")


_TAKE: Final = {
    Nature.BOUNCE: _bounce,
    Nature.COMPLAINT: _complaint,
    Nature.AUTOMATIC: _automatic,
    Nature.REPLY: _reply,
}


def _keep(
    row: Delivery, mail: Received, kind: Kind, *, about: Mapping[str, object], now: datetime, words: str = ""
) -> Reaction:
    return Reaction.objects.create(
        delivery=row,
        text=row.text,
        recipient=row.recipient,
        kind=kind,
        reference=_reference(mail),
        at=now,
        words=words,
        about=dict(about),
    )


def _reference(mail: Received) -> str:
    return f"mail:{mail.digest[:48]}"


def _tell_returned(row: Delivery, says: str, *, now: datetime) -> None:
    """The account's manager hears of it, else who speaks for the incident; the address itself is not repeated."""
    incident = row.text.about
    if incident is None:
        return
    contact = Contact.objects.select_related("customer").filter(uid=row.recipient).first() if row.outside else None
    manager = bundling.manager(contact.customer) if contact else None
    who = f"{contact.name} of {contact.customer.title}" if contact else f"a reader of the {row.text.audience} text"
    people = [manager] if manager else bundling.speakers(incident)
    bundling.tell(bundling.RETURNED, f"{who}: {says}", people, incident=incident, now=now)


def _aside(mail: Received, why: str, *, now: datetime) -> Taken:
    said = {"sender": mail.sender, "subject": mail.subject, "words": mail.words, "why": why, "at": now}
    _stray(mail.digest, said)
    return Taken("stray", why)


def ask_to_confirm(asked: Confirmation, *, now: datetime) -> Taken:
    """A provider wants to post here: the address that says yes stands among the mail that belongs to nothing."""
    why = f"{asked.provider} asks whether it may post here. If you set this up, open the address to say yes."
    said = {"sender": asked.provider, "subject": asked.topic[:300], "words": asked.url, "why": why, "at": now}
    with write():
        _stray(inbound.digest_of(f"{asked.provider} {asked.topic}".encode()), said)
    return Taken("confirmation", "A person has to say yes: see Settings, What comes back.")


def set_aside(data: bytes, why: str, *, now: datetime) -> Taken:
    """Keep the reason why something cannot be read, and nothing of it."""
    with write():
        _stray(inbound.digest_of(data), {"why": why[:300], "at": now})
    return Taken("stray", why)


def _stray(digest: str, said: dict[str, object]) -> None:
    StrayMail.objects.update_or_create(reference=digest[:64], defaults=said)
    kept = StrayMail.objects.order_by("-id").values_list("id", flat=True)[STRAYS : STRAYS + 1]
    for oldest in kept:
        StrayMail.objects.filter(id__lte=oldest).delete()
