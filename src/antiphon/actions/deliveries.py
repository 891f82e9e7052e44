"""Queueing messages. Every message is a delivery row; the delivery room sends it and keeps the outcome."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from antiphon.actions.locked import Locked
from antiphon.core.escalation import PagePerson
from antiphon.core.sending import InsideText, Purpose
from antiphon.db.models import ContactMethod, Delivery, Escalation, Incident, Page, Person, Text

PAGE_PRIORITY = 0
NOTICE_PRIORITY = 5
UPDATE_PRIORITY = 6
TOKEN_BYTES = 24


def queue_pages(
    held: Locked, escalation: Escalation, text: InsideText, people: Iterable[tuple[PagePerson, Person]]
) -> None:
    """Page people by each of the channels that are asked for and that they have, all with one text.

    The same page is never queued twice: a second of the same cycle, step, person and channel is left out.
    """
    wanted = {
        (page.cycle, page.step, person.pk, method.channel): method
        for page, person in people
        for method in reversed(_methods(person, page.channels))
    }
    there = set(escalation.pages.values_list("cycle", "step", "person", "channel"))
    new = {key: method for key, method in wanted.items() if key not in there}
    if not new:
        return
    made = Page.objects.bulk_create(
        Page(
            escalation=escalation,
            cycle=cycle,
            step=step,
            person_id=person,
            channel=channel,
            token=secrets.token_urlsafe(TOKEN_BYTES),
            at=held.now,
        )
        for cycle, step, person, channel in new
    )
    row = inside(text, audience="responders", incident=held.incident, now=held.now)
    Delivery.objects.bulk_create(
        _delivery(row, method, now=held.now, purpose=Purpose.PAGE, page=page)
        for page, method in zip(made, new.values(), strict=True)
    )


def queue_notice(held: Locked, person: Person, text: InsideText, *, urgent: bool) -> None:
    """Tell one of our own people about an incident: by every channel when urgent, else by their first."""
    row = inside(text, audience="responders", incident=held.incident, now=held.now)
    methods = _methods(person, None)
    for method in methods if urgent else methods[:1]:
        _queue(row, method, now=held.now, purpose=Purpose.PAGE if urgent else Purpose.NOTICE)


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
    return Text.objects.create(
        incident=incident,
        audience=audience,
        outside=False,
        subject=text.subject[:300],
        body_text=text.body_text,
        body_html=text.body_html or "",
        digest=hashlib.sha256(f"{text.subject}\n{text.body_text}".encode()).hexdigest(),
        created_at=now,
    )


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
    return Delivery(
        purpose=purpose,
        priority=(PAGE_PRIORITY if purpose is Purpose.PAGE else NOTICE_PRIORITY) + urgency,
        text=text,
        page=page,
        channel=method.channel,
        address=method.address,
        recipient=method.person.uid if method.pk else "",
        practice=incident is not None and incident.nature != "real",
        created_at=now,
        wake_at=now,
    )
