"""Messages that sending itself gives rise to: one summary for pages that became stale, warnings to who must act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from antiphon.actions.deliveries import NOTICE_PRIORITY, PAGE_PRIORITY, inside
from antiphon.core.escalation import RUNNING, STALE_AFTER
from antiphon.core.sending import InsideText, NotSent, Outcome, Purpose
from antiphon.db import addresses, claims
from antiphon.db.claims import Leased
from antiphon.db.models import Delivery, Incident, Page, Person, Text
from antiphon.db.transactions import write

SUMMARY: Final = "summary"
BREAKER: Final = "breaker"
HELD: Final = "held"
ABOUT: Final = "about"
"""The key in a delivery's slots that marks a message of this module."""
MOST_LINES: Final = 20
RESPONSIBLE: Final = ("business lead", "incident commander")


def after(ended: Iterable[tuple[Leased, Outcome | NotSent | object]], *, now: datetime, real: float) -> None:
    """What follows from messages that were not sent; call inside the transaction that records them."""
    stale: dict[tuple[str, str, str], Leased] = {}
    unapproved: dict[int, Text] = {}
    for row, reason in ended:
        if reason is NotSent.STALE_FOLDED and row.recipient:
            stale[row.recipient, row.channel, row.address] = row
        elif reason is NotSent.UNAPPROVED:
            unapproved[row.text_id] = row.text
    for row in stale.values():
        _fold(row, now=now, real=real)
    for text in unapproved.values():
        _warn_unapproved(text, now=now)


def breaker_opened(sentence: str, *, now: datetime) -> None:
    """Page the admins, by every means they have and past every limit: sending is stopped."""
    words = f"{sentence}\nWhat waits is tried again every minute. Look for a loop or a storm, and silence its cause."
    with write():
        text = inside(
            InsideText("Sending is stopped by the breaker", words), audience="responders", incident=None, now=now
        )
        for person in _admins():
            _to_all_methods(person, text, about=BREAKER, now=now)


def held(count: int, *, now: datetime) -> None:
    """Tell the admins, by every means they have, that old messages wait for their word; call inside a write."""
    said = "1 message to readers outside waits" if count == 1 else f"{count:,} messages to readers outside wait"
    words = InsideText(
        f"{said} for your word",
        "Antiphon stood still, or its data was restored, and they are from before: readers may know better by now, "
        "or have them already. Look at them with `antiphon mail held`; `--release` sends them, `--drop` never does.",
    )
    text = inside(words, audience="responders", incident=None, now=now)
    for person in _admins():
        _to_all_methods(person, text, about=HELD, now=now)


def target_failed(name: str, why: str, shown_at: datetime | None, *, now: datetime) -> None:
    """Tell the admins, by the first means they have, that the public pages do not reach another host any more; call
    inside a write."""
    since = f"It shows how things stood at {shown_at:%Y-%m-%d %H:%M} UTC." if shown_at else "It has never got them."
    words = InsideText(
        f"The status pages do not reach {name}",
        f"{why}\n\n{since} Our own page is not affected. It is tried again until it works: Settings, Status pages.",
    )
    text = inside(words, audience="responders", incident=None, now=now)
    for person in _admins():
        for method in person.contact_methods.all()[:1]:
            _queue(text, method.channel, method.address, person, about="page target", now=now, practice=False)


def _fold(row: Leased, *, now: datetime, real: float) -> None:
    """Put the person's other stale pages on this channel aside too, and tell what is still open, once."""
    person = Person.objects.select_for_update().filter(uid=row.recipient, is_active=True).first()
    same = Delivery.objects.filter(
        recipient=row.recipient, channel=row.channel, address=row.address, purpose=Purpose.PAGE, state="queued"
    )
    stale = same.filter(claims.free(real), created_at__lt=now - STALE_AFTER)
    stale.update(state="not_sent", reason=NotSent.STALE_FOLDED, wake_at=None, done_at=now)
    if person is None or same.filter(slots__about=SUMMARY).exists():
        return
    pages, notes = _open_pages(person), _folded_notes(row, now=now)
    if pages or notes:
        text = inside(_summary(pages, notes), audience="responders", incident=None, now=now)
        practice = not notes and all(page.escalation.incident.nature != "real" for page in pages)
        _queue(text, row.channel, row.address, person, about=SUMMARY, now=now, practice=practice)


def _folded_notes(row: Leased, *, now: datetime) -> list[str]:
    """Subjects of urgent messages put aside just now that were no page, of incidents that are not over."""
    notes = Delivery.objects.filter(
        recipient=row.recipient, channel=row.channel, address=row.address, page__isnull=True, done_at=now,
        reason=NotSent.STALE_FOLDED, text__incident__closed_at__isnull=True, text__incident__cancelled_at__isnull=True,
    ).exclude(text__incident__isnull=True)  # fmt: skip
    return list(dict.fromkeys(notes.order_by("id").values_list("text__subject", flat=True)))


def _open_pages(person: Person) -> list[Page]:
    """The person's last page of each incident that still waits for an answer, the gravest first."""
    pages = Page.objects.filter(person=person, escalation__state__in=RUNNING).select_related("escalation__incident")
    last = {page.escalation.incident_id: page for page in pages.order_by("at", "id")}
    return sorted(last.values(), key=lambda page: (page.escalation.incident.severity, page.escalation.incident.number))


def _summary(pages: list[Page], notes: list[str]) -> InsideText:
    base = addresses.base_url()
    lines = [f"{_named(page.escalation.incident)}\n{addresses.page_url(base, page.token)}" for page in pages]
    lines += notes
    more = [f"And {len(lines) - MOST_LINES} more."] if len(lines) > MOST_LINES else []
    late = "Messages to you were late, so here is how things stand now."
    if not pages:
        return InsideText("What you should have heard by now", "\n\n".join([late, *lines[:MOST_LINES], *more]))
    count = "1 incident waits" if len(pages) == 1 else f"{len(pages)} incidents wait"
    head = f"{late} Open a link and confirm to acknowledge."
    return InsideText(f"{count} for your answer", "\n\n".join([head, *lines[:MOST_LINES], *more]))


def _named(incident: Incident) -> str:
    practice = "" if incident.nature == "real" else "Practice. "
    return f"{practice}SEV{incident.severity} #{incident.number}: {incident.title}"


def _warn_unapproved(text: Text, *, now: datetime) -> None:
    """Somebody inside must hear that customers did not get it."""
    named = f" of #{text.incident.number}" if text.incident else ""
    words = InsideText(
        subject=f"Not sent: a text for {text.audience} readers{named}",
        body_text=f"The text “{text.subject}” is not byte for byte what was approved, so nobody outside got it. "
        "Draft the update again and have it approved.",
    )
    told = inside(words, audience="responders", incident=text.incident, now=now)
    people = Person.objects.filter(
        is_active=True, roleassignment__incident=text.incident_id, roleassignment__role__in=RESPONSIBLE
    )
    for person in list(people.distinct()) or _admins():
        for method in person.contact_methods.all()[:1]:
            practice = text.incident is not None and text.incident.nature != "real"
            _queue(told, method.channel, method.address, person, about="unapproved", now=now, practice=practice)


def _admins() -> list[Person]:
    return list(Person.objects.filter(role="admin", is_active=True))


def _to_all_methods(person: Person, text: Text, *, about: str, now: datetime) -> None:
    for method in person.contact_methods.all():
        _queue(text, method.channel, method.address, person, about=about, now=now, practice=False)


def _queue(
    text: Text, channel: str, address: str, person: Person, *, about: str, now: datetime, practice: bool
) -> None:
    urgent = about in (SUMMARY, BREAKER)
    Delivery.objects.create(
        purpose=Purpose.PAGE if urgent else Purpose.NOTICE,
        priority=PAGE_PRIORITY if urgent else NOTICE_PRIORITY,
        text=text,
        channel=channel,
        address=address,
        recipient=person.uid,
        slots={ABOUT: about},
        practice=practice,
        created_at=now,
        wake_at=now,
    )
