"""Telling our own people what came back, calmly: what comes within a few minutes is one message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.actions.deliveries import NOTICE_PRIORITY, inside
from antiphon.actions.telling_inside import ABOUT
from antiphon.core.sending import InsideText, Purpose
from antiphon.db import addresses
from antiphon.db.models import Delivery, Entity, Incident, Person, RoleAssignment

SPEAKERS: Final = ("communications officer", "business lead", "incident commander")
LISTED: Final = 20
_LINES: Final = "lines"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a bundle is about: its key, what it says in one and in many, how long it gathers, where it leads."""

    key: str
    one: str
    many: str
    gathers: timedelta
    path: str


REPLIES: Final = Subject(
    "replies", "A reader has answered", "{n} readers have answered", timedelta(minutes=3), "/tell#replies"
)
RETURNED: Final = Subject(
    "returned", "A mail did not arrive", "{n} mails did not arrive", timedelta(minutes=15), "/who-knows-what"
)


def tell(subject: Subject, line: str, people: Iterable[Person], *, incident: Incident, now: datetime) -> None:
    """Add a line to the message that gathers for each of the people, or begin one; call inside a transaction."""
    about = f"{subject.key} {incident.uid}"
    for person in people:
        rows = Delivery.objects.filter(recipient=person.uid, outside=False, state="queued", lease="", wake_at__gt=now)
        row = rows.filter(slots__about=about).select_related("text").select_for_update(of=("self",)).first()
        if row is None:
            _begin(subject, about, line, person, incident=incident, now=now)
            continue
        lines = [*row.slots[_LINES], line]
        words = _words(subject, lines, incident)
        row.text.subject, row.text.body_text = words.subject, words.body_text
        row.text.save(update_fields=["subject", "body_text"])
        row.slots = {**row.slots, _LINES: lines}
        row.save(update_fields=["slots"])


def speakers(incident: Incident) -> list[Person]:
    """Who speaks with customers in this incident: the first of these roles that somebody holds, else the admins."""
    held = RoleAssignment.objects.filter(incident=incident, role__in=SPEAKERS, person__is_active=True)
    people = {row.role: row.person for row in held.select_related("person")}
    found = next((people[role] for role in SPEAKERS if role in people), None)
    return [found] if found else list(Person.objects.filter(role="admin", is_active=True).order_by("id"))


def manager(customer: Entity | None) -> Person | None:
    """The person of ours who keeps this account, as the catalog names its owner."""
    if customer is None or not customer.owner:
        return None
    people = Person.objects.filter(is_active=True)
    return people.filter(email__iexact=customer.owner).first() or people.filter(name__iexact=customer.owner).first()


def _begin(subject: Subject, about: str, line: str, person: Person, *, incident: Incident, now: datetime) -> None:
    method = person.contact_methods.order_by("position", "id").first()
    if method is None:
        return
    Delivery.objects.create(
        purpose=Purpose.NOTICE,
        priority=NOTICE_PRIORITY,
        text=inside(_words(subject, [line], incident), audience="responders", incident=incident, now=now),
        channel=method.channel,
        address=method.address,
        recipient=person.uid,
        slots={ABOUT: about, _LINES: [line]},
        practice=incident.nature != "real",
        created_at=now,
        wake_at=now + subject.gathers,
    )


def _words(subject: Subject, lines: Sequence[str], incident: Incident) -> InsideText:
    what = subject.one if len(lines) == 1 else subject.many.format(n=len(lines))
    shown = [f"- {line}" for line in lines[:LISTED]]
    more = [f"And {len(lines) - LISTED} more."] if len(lines) > LISTED else []
    url = f"{addresses.base_url()}/incidents/{incident.number}{subject.path}"
    return InsideText(
        subject=f"#{incident.number}: {what[:1].lower()}{what[1:]}",
        body_text="\n".join([f"{what}, about #{incident.number} {incident.title}.", "", *shown, *more, "", url, ""]),
    )
