"""Past incidents under other settings of classification: which verdicts would differ, and who would have been told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from antiphon.core import events
from antiphon.core.audiences import Audience, audience_of
from antiphon.core.cadence import WHILE_BUSINESS_OPEN
from antiphon.core.classification import Classification
from antiphon.core.decision import Actor
from antiphon.core.events import IncidentDeclared, QuestionsAsked, VerdictOverridden, VerdictReached
from antiphon.core.questions import inputs
from antiphon.core.questions.replay import Asked, Course, Overruled, Step, replay
from antiphon.db import record
from antiphon.db.models import Contact, Incident, Stakeholder
from antiphon.db.models.record import Event

KINDS: Final = tuple(kind.kind_of() for kind in (IncidentDeclared, VerdictReached, QuestionsAsked, VerdictOverridden))
AT_ONCE: Final = 200
"""Incidents whose record is read with one statement."""


@dataclass(frozen=True, slots=True)
class AnswerChanged:
    """A question that would be answered otherwise, as it was last."""

    number: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One incident. `was_told` and `would_have_been_told`: readers by audience, counted by the contacts of today."""

    number: int
    title: str
    before: str
    after: str
    answers: tuple[AnswerChanged, ...] = ()
    was_told: Mapping[str, int] = field(default_factory=dict)
    would_have_been_told: Mapping[str, int] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Another verdict."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Readers:
    """Who there is to tell today: contacts by customer and audience, stakeholders by audience."""

    contacts: Mapping[str, Mapping[str, int]]
    inside: Mapping[str, int]


def replayed(*, since: datetime, rules: Classification, now: datetime, newest: int | None = None) -> Iterator[Replayed]:
    """Every incident declared since then whose questions were asked, the newest first."""
    readers = _readers()
    found = Incident.objects.filter(declared_at__gte=since, declared_at__lte=now).order_by("-number")[:newest]
    rows = found.values_list("uid", "number", "title", "resolved_at", "cancelled_at")
    for some in _batches(rows.iterator(chunk_size=AT_ONCE)):
        recorded = _recorded(uid for uid, *_ in some)
        for uid, number, title, resolved_at, cancelled_at in some:
            said = recorded.get(uid, [])
            if any(isinstance(event, VerdictReached) for *_, event in said):
                until = resolved_at or cancelled_at or now
                yield _one(uid, said, rules, readers, until=until, number=number, title=title)


def totals(found: Iterable[Replayed]) -> dict[str, Any]:
    """How many incidents there are, how many would have another verdict, and who would have been told more or less."""
    seen, others, kinds = 0, 0, Counter[str]()
    more: Counter[str] = Counter()
    for one in found:
        seen += 1
        others += one.differs
        kinds[f"{one.before} → {one.after}"] += one.differs
        for audience in {*one.was_told, *one.would_have_been_told}:
            more[audience] += one.would_have_been_told.get(audience, 0) - one.was_told.get(audience, 0)
    moved = {name: count for name, count in sorted(more.items()) if count}
    return {"incidents": seen, "other_verdicts": others, "changes": dict(+kinds), "told_more_or_less": moved}


def _batches(rows: Iterator[Any]) -> Iterator[Sequence[Any]]:
    while some := tuple(islice(rows, AT_ONCE)):
        yield some


def _recorded(uids: Iterable[str]) -> dict[str, list[tuple[datetime, str, events.Event]]]:
    """What stands on the records of these incidents about their verdicts, in order."""
    streams = {record.incident_stream(uid): uid for uid in uids}
    rows = Event.objects.filter(stream__in=list(streams), kind__in=KINDS).order_by("stream", "seq")
    found: dict[str, list[tuple[datetime, str, events.Event]]] = {}
    for stream, at, actor, body in rows.values_list("stream", "at", "actor", "body"):
        found.setdefault(streams[stream], []).append((at, actor, events.decode(body)))
    return found


def _steps(said: Sequence[tuple[datetime, str, events.Event]]) -> Iterator[Step]:
    asked = (event.inputs for *_, event in said if isinstance(event, VerdictReached | QuestionsAsked))
    situations = inputs.situations(asked)
    for at, actor, event in said:
        if isinstance(event, VerdictOverridden):
            kind, _, uid = actor.partition(":")
            yield Overruled(at, event.after, Actor(kind=kind, uid=uid, role=""), event.reason)
        elif isinstance(event, VerdictReached | QuestionsAsked):
            yield Asked(at, next(situations))


def _one(
    uid: str,
    said: Sequence[tuple[datetime, str, events.Event]],
    rules: Classification,
    readers: Readers,
    *,
    until: datetime,
    number: int,
    title: str,
) -> Replayed:
    steps = tuple(_steps(said))
    as_it_was = replay(uid, steps, until=until)
    other = any(isinstance(step, Asked) and step.situation.rules != rules for step in steps)
    alert = next((event.alert_severity for *_, event in said if isinstance(event, IncidentDeclared)), "")
    course = replay(uid, steps, until=until, rules=rules, alert=alert) if other else as_it_was
    before, answers = _decided(said)
    now = {answer.number: str(answer.answer) for answer in course.verdict.answers}
    return Replayed(
        number=number,
        title=title,
        before=before,
        after=str(course.verdict.kind),
        answers=tuple(AnswerChanged(n, word, now[n]) for n, word in answers.items() if now.get(n, word) != word),
        was_told=_told(as_it_was, readers),
        would_have_been_told=_told(course, readers),
    )


def _decided(said: Sequence[tuple[datetime, str, events.Event]]) -> tuple[str, dict[int, str]]:
    """The verdict and the answers as they stood last."""
    kinds = [event.after for *_, event in said if isinstance(event, VerdictReached | VerdictOverridden)]
    reached = [event for *_, event in said if isinstance(event, VerdictReached)]
    answers = {answer.number: answer.answer for answer in reached[-1].answers} if reached else {}
    return kinds[-1] if kinds else "", answers


def _told(course: Course, readers: Readers) -> dict[str, int]:
    told: Counter[str] = Counter()
    for customer in course.customers:
        told.update(readers.contacts.get(customer, {}))
    inside = set(WHILE_BUSINESS_OPEN) if course.business else set()
    inside |= {"internal"} if course.notified else set()
    inside |= {"legal"} if course.legal else set()
    told.update({name: readers.inside.get(name, 0) for name in inside})
    public = {str(Audience.PUBLIC): 1} if course.public or course.customers else {}
    return {**{name: count for name, count in sorted(told.items()) if count}, **public}


def _readers() -> Readers:
    contacts: dict[str, Counter[str]] = {}
    rows = Contact.objects.filter(unsubscribed_at__isnull=True).select_related("customer")
    for contact in rows.iterator(chunk_size=2_000):
        contacts.setdefault(contact.customer.name, Counter())[str(audience_of(contact))] += 1
    return Readers(contacts, Counter(Stakeholder.objects.values_list("audience", flat=True)))
