"""The contract matters of an incident, as `core.follow_ups` sees them, and the figures that they are made of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from django.db.models import Q, QuerySet

from antiphon.core.audiences import Approval
from antiphon.core.follow_ups import DUTIES, FollowUp, FollowUpState
from antiphon.core.follow_ups.figures import Figures, Span, Terms, disturbed, reckon
from antiphon.core.languages import spoken
from antiphon.core.questions.situation import PEOPLE
from antiphon.db import approving, record
from antiphon.db.graph import graph
from antiphon.db.models import Contact, Contract, DutyRole, Organisation, Person
from antiphon.db.models import FollowUp as Row
from antiphon.db.models.incidents import Incident
from antiphon.db.snapshots import affected, oncall

AT_ONCE: Final = 500
"""Services that one statement names."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A contract over what was hit, its terms as its customer knows them, and what the incident meant for it."""

    contract: Contract
    terms: Terms
    figures: Figures


def reckoned(incident: Incident) -> tuple[Reckoned, ...]:
    """Every contract in force over production work that was hit and sets a limit, once the incident was resolved; those
    that were breached first."""
    story = ((one.at, one.event) for one in record.read(record.incident_stream(incident.uid)))
    own = disturbed(story, number=incident.number, resolved_at=incident.resolved_at)
    if not own or incident.resolved_at is None:
        return ()
    contracts = _contracts(incident, at=own[-1].ended)
    down = _others({each.service.name for each in contracts}, incident, own[-1].ended)
    made = ((each, terms(each)) for each in contracts)
    found = [
        Reckoned(contract, said, figures)
        for contract, said in made
        if (figures := reckon(said, own, down.get(contract.service.name, ()))) is not None
    ]
    return tuple(sorted(found, key=lambda each: (not each.figures.breached, each.terms.customer, each.terms.name)))


def terms(row: Contract) -> Terms:
    """The contract; its service under the name that customers know."""
    return Terms(
        uid=row.uid,
        name=row.name,
        customer=row.customer.title,
        service=row.service.public_title or row.service.title or row.service.name,
        resolution_minutes=row.resolution_minutes,
        downtime_minutes=row.downtime_minutes_per_month,
        credits=row.credits,
    )


def open_customers(incident: Incident) -> tuple[str, ...]:
    """The customers whose matters keep the incident from being closed."""
    return tuple(Row.objects.filter(incident=incident, state="open").values_list("title", flat=True))


def follow_up(row: Row) -> FollowUp:
    """One matter; its row comes with its author."""
    return FollowUp(
        uid=row.uid,
        contract=row.name,
        customer=row.title,
        subject=row.subject,
        body=row.body,
        language=row.language,
        author=row.author.uid if row.author else "",
        given=tuple(msgspec.convert(each, Approval) for each in row.given),
        asked=row.asked,
        state=FollowUpState(row.state),
        reason=row.reason,
        edited_at=row.edited_at,
        settled_at=row.settled_at,
    )


def save(row: Row, state: FollowUp) -> None:
    """Write one matter onto its row."""
    row.language, row.subject, row.body, row.digest = state.language, state.subject, state.body, state.digest
    row.author = Person.objects.filter(uid=state.author).first() if state.author else None
    row.given = msgspec.to_builtins(state.given)
    row.approved_digest = state.digest if state.approval else ""
    row.state, row.reason, row.settled_at = state.state, state.reason, state.settled_at
    row.edited_at = state.edited_at or row.edited_at
    row.save()


def named(*, now: datetime) -> tuple[frozenset[str], str]:
    """Whose yes such a message takes, as uids, and what it is called: those named in the approvals, else the holders of
    the roles legal and finance. Nobody: anybody's who may approve."""
    further = approving.rules().further
    if further.people:
        return further.people, further.name
    duties = DutyRole.objects.filter(role__in=DUTIES)
    people = frozenset(person.uid for duty in duties for person in oncall.holders(duty, now=now))
    return people, " or ".join(DUTIES) if people else "four eyes"


def recipients(row: Row) -> list[Contact]:
    """Whom the message goes to: this contract's customer's contacts and nobody else's (RELIABILITY I28, I31)."""
    if row.customer_id is None or row.incident.nature != "real":
        return []
    return list(_reached(row.customer_id).order_by("id"))


def language_of(contract: Contract) -> str:
    """The one language that all of the customer's contacts read; the organisation's where they read several."""
    house = spoken(Organisation.only().language)
    asked = _reached(contract.customer_id).values_list("language", flat=True)
    theirs = {spoken(language, otherwise=house) for language in asked}
    return theirs.pop() if len(theirs) == 1 else house


def _reached(customer: int) -> QuerySet[Contact]:
    return Contact.objects.filter(customer=customer, unsubscribed_at__isnull=True)


def others(row: Row) -> tuple[str, ...]:
    """Names of the other customers who were hit or have a contract over what was: none may stand in the message."""
    hit = {each.shown for each in affected.reached(row.incident) if each.kind == "customer"}
    contracted = Row.objects.filter(incident=row.incident).exclude(title=row.title).values_list("title", flat=True)
    return tuple(sorted({name for name in {*hit, *contracted} - {row.title} if len(name) > 2}))


def support() -> str:
    """Where a customer answers."""
    return Organisation.only().support


def _contracts(incident: Incident, *, at: datetime) -> list[Contract]:
    hit = affected.reached(incident)
    services = [each.name for each in hit if each.production and each.kind not in PEOPLE]
    rows = Contract.objects.filter(starts_at__lte=at, ends_at__gt=at).select_related("customer", "service")
    return [
        row
        for start in range(0, len(services), AT_ONCE)
        for row in rows.filter(service__name__in=services[start : start + AT_ONCE])
    ]


def _others(services: Collection[str], incident: Incident, ended: datetime) -> dict[str, list[Span]]:
    """Other disruptions in the month, of each service or of what it leans on."""
    month = ended.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Incident.objects.filter(
        Q(resolved_at__gt=month) | Q(resolved_at=None, cancelled_at=None),
        nature="real",
        incident_type="disruption",
        detected_at__lt=ended,
    ).exclude(pk=incident.pk)
    told = rows.order_by().values_list("number", "detected_at", "resolved_at", "affected__entity")
    spans: dict[int, tuple[Span, set[str]]] = {}
    for number, began, over, entity in told:
        span = Span(began=began, ended=over or ended, source=f"#{number}")
        spans.setdefault(number, (span, set()))[1].add(entity)
    known = graph()
    beneath = {service: known.foundations(service) for service in services} if spans else {}
    return {service: _on(spans.values(), below) for service, below in beneath.items()}


def _on(spans: Iterable[tuple[Span, set[str]]], below: Collection[str]) -> list[Span]:
    return [span for span, hit in spans if not hit.isdisjoint(below)]
