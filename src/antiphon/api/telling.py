"""Facts, what was made of them for each audience, and what was promised."""

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.responses import Status

from antiphon.actions import facts
from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.answers import refused
from antiphon.api.incidents import Promise
from antiphon.api.shapes import ERRORS, Input, Number, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.db.snapshots import telling
from antiphon.queries import promises, updates

router = Router(tags=["telling"])


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


class Facts(Shape):
    items: list[Fact]


class RecordedFacts(Facts):
    """All facts after it, the new one last; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class NewFact(Input):
    """`audiences` left out: the kind of fact says who may know. `confidence`: confirmed, likely or possible.
    `corrects` is the uid of a fact that this one supersedes; its name stays."""

    text: Text
    name: Word = ""
    audiences: list[Word] | None = None
    confidence: Word = ""
    corrects: Word = ""


class Promises(Shape):
    items: list[Promise]


class Approval(Shape):
    """A person's yes to the bytes with this digest. `holds` is false once the text was edited."""

    kind: str
    by: str
    at: datetime
    digest: str
    holds: bool


class Version(Shape):
    """An audience's own text; `body` is Markdown, `findings` are the lint's."""

    audience: str
    subject: str
    body: str
    digest: str
    findings: list[dict[str, Any]]
    author: str
    edited_at: datetime
    approval: Approval | None


class Update(Shape):
    """One telling. `state` is draft, approved, published or discarded."""

    uid: str
    moment: str
    state: str
    next_update_at: datetime | None
    created_at: datetime
    published_at: datetime | None
    versions: list[Version]


class Updates(Shape):
    items: list[Update]


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


@router.get("/incidents/{number}/updates", auth=Bearer("incident.see"), response={200: Updates, **ERRORS})
def list_updates(request: Call, number: Number) -> dict[str, Any]:
    """Drafts and published updates with each audience's version and its approval."""
    return {"items": updates.of_incident(incident_of(request, number))}


def _record(request: Call, incident: Incident, body: NewFact) -> Refusal | None:
    return facts.record(
        incident=incident.uid,
        name=body.name,
        text=body.text,
        audiences=body.audiences,
        confidence=body.confidence or "confirmed",
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
        actor=request.auth,
        now=request.now,
    )
