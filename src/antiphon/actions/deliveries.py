"""Queueing messages. Every message is a delivery row; the delivery room sends it and keeps the outcome."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions.locked import Locked
from antiphon.core.escalation import PagePerson
from antiphon.core.languages import LANGUAGES
from antiphon.core.sending import InsideText, Purpose
from antiphon.db import bulk
from antiphon.db.models import ApprovalAsk, ContactMethod, Delivery, Escalation, Incident, Page, Person, Text

PAGE_PRIORITY = 0
NOTICE_PRIORITY = 5
UPDATE_PRIORITY = 6
TOKEN_BYTES = 24
ASK = "ask"
"""The key in a delivery's slots that names what its recipient is asked to approve."""


@dataclass(frozen=True, slots=True)
class Call:
    """One text that calls people to an incident, for a step of an escalation."""

    held: Locked
    escalation: Escalation
    text: InsideText
    people: Sequence[tuple[PagePerson, Person]]


def queue_pages(calls: Sequence[Call]) -> None:
    """Page people by each of the channels that are asked for and that they have; a statement for each table.

    The same page is never queued twice: a second of the same cycle, step, person and channel is left out.
    """
    known = Page.objects.filter(escalation__in=[call.escalation for call in calls])
    _queue_pages(calls, there=set(known.values_list("escalation", "cycle", "step", "person", "channel")))


def queue_first_pages(calls: Sequence[Call]) -> None:
    """The same for escalations just begun, which nobody was paged for yet."""
    _queue_pages(calls, there=set())


Key = tuple[int, int, int, int, str]
"""One page: escalation, cycle, step, person, channel."""


def _queue_pages(calls: Sequence[Call], *, there: Collection[Key]) -> None:
    new = list(_new_pages(calls, there))
    if not new:
        return
    pages = bulk.write(page for _, page, _ in new)
    called = list({id(call): call for call, *_ in new}.values())
    rows = (_inside(c.text, audience="responders", incident=c.held.incident, now=c.held.now) for c in called)
    texts = dict(zip(map(id, called), bulk.write(rows), strict=True))
    bulk.write(
        _delivery(texts[id(call)], method, now=call.held.now, purpose=Purpose.PAGE, page=page)
        for page, (call, _, method) in zip(pages, new, strict=True)
    )


def _new_pages(calls: Sequence[Call], there: Collection[Key]) -> Iterator[tuple[Call, Page, ContactMethod]]:
    """The pages that are not there yet, each with the way to its person."""
    for call in calls:
        wanted = {
            (call.escalation.pk, page.cycle, page.step, person.pk, method.channel): method
            for page, person in call.people
            for method in reversed(_methods(person, page.channels))
        }
        for key, method in wanted.items():
            if key not in there:
                escalation, cycle, step, person, channel = key
                token = secrets.token_urlsafe(TOKEN_BYTES)
                names = {"cycle": cycle, "step": step, "person_id": person, "channel": channel}
                page = bulk.new(Page, escalation_id=escalation, token=token, at=call.held.now, **names)
                yield call, page, method


def queue_notice(held: Locked, person: Person, text: InsideText, *, urgent: bool) -> None:
    """Tell one of our own people about an incident: by every channel when urgent, else by their first."""
    row = inside(text, audience="responders", incident=held.incident, now=held.now)
    methods = _methods(person, None)
    for method in methods if urgent else methods[:1]:
        _queue(row, method, now=held.now, purpose=Purpose.PAGE if urgent else Purpose.NOTICE)


def queue_ask(held: Locked, ask: ApprovalAsk, text: InsideText, *, urgent: bool) -> None:
    """Ask somebody for their yes to a text: by every channel when urgent, else by their first. The link that is theirs
    alone is put under it when it is sent."""
    row = inside(text, audience="responders", incident=held.incident, now=held.now)
    methods = _methods(ask.person, None)
    for method in methods if urgent else methods[:1]:
        delivery = _delivery(row, method, now=held.now, purpose=Purpose.PAGE if urgent else Purpose.NOTICE)
        delivery.slots = {ASK: ask.uid}
        delivery.save(force_insert=True)


def queue_question(person: Person, text: InsideText, *, now: datetime) -> None:
    """Ask one of our own people something that belongs to no incident yet."""
    row = inside(text, audience="responders", incident=None, now=now)
    for method in _methods(person, None)[:1]:
        _queue(row, method, now=now, purpose=Purpose.NOTICE)


def queue_mail(held: Locked, address: str, text: InsideText, *, audience: str) -> None:
    """A mail to an inside reader who is no person of ours to page."""
    row = inside(text, audience=audience, incident=held.incident, now=held.now)
    _queue(row, ContactMethod(channel="mail", address=address), now=held.now, purpose=Purpose.NOTICE)


def inside(text: InsideText, *, audience: str, incident: Incident | None, now: datetime) -> Text:
    """A text for our own people, kept once and sent to as many as need it."""
    row = _inside(text, audience=audience, incident=incident, now=now)
    row.save(force_insert=True)
    return row


def _inside(text: InsideText, *, audience: str, incident: Incident | None, now: datetime) -> Text:
    subject = _marked(text.subject, incident)[:300]
    row = bulk.new(
        Text,
        incident_id=incident.pk if incident else None,
        audience=audience,
        outside=False,
        subject=subject,
        body_text=text.body_text,
        body_html=text.body_html or "",
        digest=hashlib.sha256(f"{subject}\n{text.body_text}".encode()).hexdigest(),
        created_at=now,
    )
    if incident is not None:
        row.incident = incident
    return row


def _marked(subject: str, incident: Incident | None) -> str:
    """Nobody inside takes a drill for the real thing, whatever is said of it to whom."""
    if incident is None or incident.nature == "real":
        return subject
    known = any(words.practice in subject for words in LANGUAGES.values())
    return subject if known else f"[{LANGUAGES['en'].practice}] {subject}"


def _methods(person: Person, channels: Iterable[str] | None) -> list[ContactMethod]:
    wanted = None if channels is None else set(channels)
    return [each for each in person.contact_methods.all() if wanted is None or each.channel in wanted]


def _queue(text: Text, method: ContactMethod, *, now: datetime, purpose: Purpose) -> None:
    _delivery(text, method, now=now, purpose=purpose).save(force_insert=True)


def _delivery(
    text: Text, method: ContactMethod, *, now: datetime, purpose: Purpose, page: Page | None = None
) -> Delivery:
    incident = text.incident
    urgency = (incident.severity - 1) if incident and purpose is Purpose.PAGE else 0
    return bulk.new(
        Delivery,
        purpose=purpose,
        priority=(PAGE_PRIORITY if purpose is Purpose.PAGE else NOTICE_PRIORITY) + urgency,
        text_id=text.pk,
        page_id=page.pk if page else None,
        channel=method.channel,
        address=method.address,
        recipient=method.person.uid if method.pk else "",
        practice=incident is not None and incident.nature != "real",
        created_at=now,
        wake_at=now,
    )
