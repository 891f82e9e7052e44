"""Facts, what was promised of them, and who knows what."""

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.responses import Status

from antiphon.actions import facts, reports
from antiphon.actions import promises as kept
from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.answers import refused
from antiphon.api.incidents import Promise
from antiphon.api.shapes import ERRORS, Input, Instant, Line, Number, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.db.snapshots import telling
from antiphon.queries import in_time, knowing, promises

router = Router(tags=["telling"])
MOST_CELLS = 10_000


class Fact(Shape):
    """Something known. `audiences` may know it; `superseded_by` is the fact that corrects it, or empty."""

    uid: str
    name: str
    text: str
    audiences: list[str]
    confidence: str
    source: str
    at: datetime
    superseded_by: str
    translations: dict[str, str]


class Facts(Shape):
    items: list[Fact]


class RecordedFacts(Facts):
    """All facts after it, the new one last; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class NewFact(Input):
    """`audiences` left out: the kind of fact says who may know. `confidence`: confirmed, likely or possible.
    `corrects` is the uid of a fact that this one supersedes; its name stays. `translations`: language → its words."""

    text: Text
    name: Word = ""
    audiences: list[Word] | None = None
    confidence: Word = ""
    corrects: Word = ""
    translations: dict[Word, Text] = {}


class Promises(Shape):
    items: list[Promise]


class NewPromise(Input):
    """A next update, said outside of a text, such as on the telephone. `reason`: who said so, and where."""

    audience: Word
    due_at: Instant
    reason: Line = ""


class NewReport(Input):
    """`customer` is its name in the catalog; `at`: when they told us; `reference`: a ticket's number, if there is."""

    customer: Word
    at: Instant
    reference: Line = ""


class Cell(Shape):
    """One customer's readers of one version by one channel. `told`: the moment of their last text, "" for none."""

    customer: str
    audience: str
    channel: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: str


class Arrived(Shape):
    """How the last word fared by one channel, in readers."""

    channel: str
    reached: int
    waiting: int
    failed: int


class AudienceKnows(Shape):
    """One audience as a whole; `stranded` counts its readers who are left waiting, `why` says of all of them why."""

    audience: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: int
    next: Promise | None
    why: str
    by: list[Arrived]


class ToldBefore(Shape):
    """Customers who were told before they told us, of all who were told or told us; `late` are the others."""

    before: int
    total: int
    late: list[str]


class WhoKnows(Shape):
    """`more` counts cells beyond the ten thousand that are listed; `wrong`: what an audit holds against the telling."""

    stranded: int
    audiences: list[AudienceKnows]
    cells: list[Cell]
    more: int
    channels: list[str]
    wrong: list[str]
    told_before: ToldBefore


@router.get("/incidents/{number}/facts", auth=Bearer("incident.see"), response={200: Facts, **ERRORS})
def list_facts(request: Call, number: Number) -> dict[str, Any]:
    """Every fact in the order of entry, corrected ones included."""
    return {"items": telling.facts(incident_of(request, number))}


@router.post("/incidents/{number}/facts", auth=Bearer("fact.record"), response={201: RecordedFacts, **ERRORS})
def record_fact(request: Call, number: Number, body: NewFact) -> Status[dict[str, Any]]:
    """Enter a fact or correct one; the six questions are asked again with it."""
    found = incident_of(request, number)
    refusal = _correct(request, found, body) if body.corrects else _record(request, found, body)
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, {"items": telling.facts(found), "ignored": body.ignored})


@router.get("/incidents/{number}/promises", auth=Bearer("incident.see"), response={200: Promises, **ERRORS})
def list_promises(request: Call, number: Number) -> dict[str, Any]:
    """Every promise: the open ones first, the next due on top."""
    return {"items": promises.of_incident(incident_of(request, number))}


@router.post("/incidents/{number}/promises", auth=Bearer("promise.keep"), response={201: Promises, **ERRORS})
def give_promise(request: Call, number: Number, body: NewPromise) -> Status[dict[str, Any]]:
    """Write down by when an audience was told that it hears again. It may bring a promise forward, never delay one."""
    found = incident_of(request, number)
    refusal = kept.give(
        incident=found.uid,
        audience=body.audience,
        due_at=body.due_at,
        reason=body.reason,
        actor=request.auth,
        now=request.now,
    )
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, {"items": promises.of_incident(found)})


@router.get("/incidents/{number}/who-knows-what", auth=Bearer("incident.see"), response={200: WhoKnows, **ERRORS})
def who_knows_what(request: Call, number: Number) -> Any:
    """Audience × channel × customer: told what, when, and whether it arrived; who is left waiting stands first."""
    return knowing.matrix(incident_of(request, number), limit=MOST_CELLS, now=request.now)


@router.post("/incidents/{number}/reports", auth=Bearer("fact.record"), response={201: ToldBefore, **ERRORS})
def report_customer(request: Call, number: Number, body: NewReport) -> Status[Any]:
    """A customer told us of it themselves at that instant; answers who was told before they told us."""
    found = incident_of(request, number)
    refusal = reports.report(
        incident=found.uid,
        customer=body.customer,
        at=body.at,
        reference=body.reference,
        actor=request.auth,
        now=request.now,
    )
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, in_time.of_incident(found, now=request.now))


def _record(request: Call, incident: Incident, body: NewFact) -> Refusal | None:
    return facts.record(
        incident=incident.uid,
        name=body.name,
        text=body.text,
        audiences=body.audiences,
        confidence=body.confidence or "confirmed",
        translations=body.translations,
        actor=request.auth,
        now=request.now,
    )


def _correct(request: Call, incident: Incident, body: NewFact) -> Refusal | None:
    return facts.correct(
        incident=incident.uid,
        fact=body.corrects,
        text=body.text,
        audiences=body.audiences,
        confidence=body.confidence,
        translations=body.translations,
        actor=request.auth,
        now=request.now,
    )
