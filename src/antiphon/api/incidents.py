"""Incidents: listed, shown, declared by a script, and moved through their states."""

from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from ninja.responses import Status
from pydantic import BaseModel, Field

from antiphon.actions import closing, incidents, merging, paging
from antiphon.api.access import Bearer, Call, incident_of, no_incident, person_for
from antiphon.api.answers import refused
from antiphon.api.shapes import (
    ERRORS,
    Email,
    Input,
    Instant,
    Limit,
    Line,
    Name,
    Number,
    Severity,
    Shape,
    Text,
    Word,
    sev,
)
from antiphon.api.verdicts import Answer
from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.core.incidents import IncidentState
from antiphon.queries import merging as others
from antiphon.queries import overviews
from antiphon.queries.overviews import Overview, Wanted

router = Router(tags=["incidents"])
Cursor = Annotated[int, Field(ge=1, le=2_147_483_647, description="“next” of the page before")]


class ShortVerdict(Shape):
    """`kind` is technical, business or both; `answers` are empty until the six questions were asked."""

    kind: str
    reason: str
    answers: list[Answer]


class Track(Shape):
    """`state` is not_needed, open or done; `stage` is the technical track's; `lead` a name, or empty."""

    kind: str
    state: str
    stage: str
    lead: str
    opened_at: datetime | None
    done_at: datetime | None


class Promise(Shape):
    """What an audience may expect by `due_at`. `state` is open, kept, broken or released."""

    uid: str
    audience: str
    what: str
    made_at: Annotated[datetime, Field(validation_alias="opened_at")]
    due_at: datetime
    state: str
    settled_at: datetime | None


class Incident(Shape):
    """An incident as it stands. `severity` is SEV1 … SEV5, `sev` the same as a number, 1 the worst. `merged_into` is
    the number of the incident that goes on in its place, `merged` the numbers of those for which this one does."""

    number: int
    uid: str
    title: str
    severity: str
    sev: int
    state: str
    nature: str
    type: str
    area: str
    impact: str
    urgency: str
    priority: str
    entities: list[str]
    verdict: ShortVerdict
    tracks: list[Track]
    promises: list[Promise]
    detected_at: datetime
    detected_by: str
    declared_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    merged_into: int | None
    merged: list[int]
    stable_since: datetime | None
    how: str
    verified: str
    firing: int

    @classmethod
    def of(cls, seen: Overview, **more: object) -> "Incident":
        """The answer made of a query's; `more` fills what a subclass adds."""
        renamed = {"type": seen.incident_type, "severity": sev(seen.severity), "sev": seen.severity}
        plain = {name: getattr(seen, name) for name in Incident.model_fields if name not in renamed}
        return cls.model_validate({**plain, **renamed, **more})


class Incidents(Shape):
    """A page of incidents; give `next` as `cursor` for those before."""

    items: list[Incident]
    next: int | None


class Changed(Incident):
    """The incident after it; `ignored` names the fields of the body that nothing was done with."""

    ignored: list[str]


class Acknowledged(Changed):
    """`acknowledged` is false when nobody was being paged any more."""

    acknowledged: bool


class Part(BaseModel):
    """An entity of which a share (above 0 up to 1) is hit, in a region (empty: in all)."""

    entity: Name
    share: float = 1.0
    region: Annotated[Word, Field(max_length=60)] = ""


class Declaration(Input):
    """A new incident. `entities` are catalog names; `started_at` is when it was first seen, now when left out."""

    title: Line
    severity: Severity
    type: Word
    area: Word = ""
    entities: Annotated[list[Name], Field(max_length=100)] = []
    affected: Annotated[list[Part], Field(max_length=100, description="Those that are hit in part only")] = []
    started_at: Instant | None = None
    nature: Word = "real"
    detected_by: Annotated[Name, Field(description="Who or what noticed it")] = "a program"
    reason: Annotated[Line, Field(description="Why it is declared; stands on the record")] = "Declared by a program"
    nothing_to_restore: bool = False


class Acknowledgement(Input):
    """`on_behalf_of` is the e-mail of the person who answers for it."""

    on_behalf_of: Email = ""


class StageMove(Input):
    """How far the technical track is: triage, investigating, identified or monitoring."""

    stage: Word
    reason: Line = "Said by a program."


class Note(Input):
    text: Text


class Resolution(Input):
    """How it was resolved, and how that was verified."""

    how: Text
    verified: Text


class Closure(Input):
    """Nothing needs to be said to close an incident."""


class Duplicate(Input):
    """`into` is the number of the incident that goes on, `reason` how it is known that both are the same."""

    into: Number
    reason: Text


@router.get("/incidents", auth=Bearer("incident.see"), response={200: Incidents, **ERRORS})
def list_incidents(
    request: Call,
    state: Annotated[list[IncidentState] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    q: Line = "",
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Incidents:
    """Incidents, newest first. `q` looks in titles and affected entities, and takes a number."""
    wanted = Wanted(states=tuple(state or ()), severities=tuple(severity or ()), q=q)
    found = overviews.find(wanted, reader=request.auth, before=cursor, limit=limit + 1)
    items = [Incident.of(each) for each in found[:limit]]
    return Incidents(items=items, next=items[-1].number if len(found) > limit else None)


@router.get("/incidents/{number}", auth=Bearer("incident.see"), response={200: Incident, **ERRORS})
def show_incident(request: Call, number: Number) -> Incident:
    """One incident."""
    return Incident.of(_seen(request, number))


@router.post("/incidents", auth=Bearer("incident.declare"), response={201: Changed, **ERRORS})
def declare(request: Call, body: Declaration) -> Status[Incident]:
    """Declare an incident: the questions are asked, tracks open, people are paged at once."""
    made = incidents.declare(
        title=body.title,
        severity=body.severity,
        incident_type=body.type,
        area=body.area,
        entities=list(dict.fromkeys([*body.entities, *(each.entity for each in body.affected)])),
        stated={each.entity: Stated(each.share, each.region) for each in body.affected},
        detected_at=body.started_at,
        detected_by=body.detected_by,
        nature=body.nature,
        reason=body.reason,
        nothing_to_restore=body.nothing_to_restore,
        actor=request.auth,
        now=request.now,
    )
    if isinstance(made, Refusal):
        raise refused(made, inputs=body.inputs() | Part.model_fields.keys())
    return Status(201, Changed.of(_seen(request, made.number), ignored=body.ignored))


@router.post("/incidents/{number}/acknowledge", auth=Bearer("page.acknowledge"), response={200: Acknowledged, **ERRORS})
def acknowledge(request: Call, number: Number, body: Acknowledgement) -> Incident:
    """Say that a person is on it: paging stops. Twice does no harm."""
    found, person = incident_of(request, number), person_for(body.on_behalf_of)
    taken = paging.acknowledge(incident=found.uid, person=person, via="api", actor=request.auth, now=request.now)
    return Acknowledged.of(_seen(request, number), ignored=body.ignored, acknowledged=taken)


@router.post("/incidents/{number}/stage", auth=Bearer("incident.stage"), response={200: Changed, **ERRORS})
def set_stage(request: Call, number: Number, body: StageMove) -> Incident:
    """Say how far the technical track is."""
    found = incident_of(request, number)
    refusal = incidents.set_stage(
        incident=found.uid, stage=body.stage, reason=body.reason, actor=request.auth, now=request.now
    )
    return _after(request, number, body, refusal)


@router.post("/incidents/{number}/notes", auth=Bearer("incident.note"), response={201: Changed, **ERRORS})
def add_note(request: Call, number: Number, body: Note) -> Status[Incident]:
    """Put a line on the timeline."""
    found = incident_of(request, number)
    refusal = incidents.note(incident=found.uid, text=body.text, actor=request.auth, now=request.now)
    return Status(201, _after(request, number, body, refusal))


@router.post("/incidents/{number}/resolve", auth=Bearer("incident.resolve"), response={200: Changed, **ERRORS})
def resolve(request: Call, number: Number, body: Resolution) -> Incident:
    """Say that it is over. Refused until the gate to resolved is passed, with each thing that is missing."""
    found = incident_of(request, number)
    refusal = closing.resolve(
        incident=found.uid, how=body.how, verified=body.verified, actor=request.auth, now=request.now
    )
    return _after(request, number, body, refusal)


@router.post("/incidents/{number}/close", auth=Bearer("incident.close"), response={200: Changed, **ERRORS})
def close(request: Call, number: Number, body: Closure | None = None) -> Incident:
    """Close it. Refused until the second gate is passed, with each thing that is missing."""
    found = incident_of(request, number)
    refusal = closing.close(incident=found.uid, actor=request.auth, now=request.now)
    return _after(request, number, body or Closure(), refusal)


@router.post("/incidents/{number}/merge", auth=Bearer("incident.merge"), response={200: Changed, **ERRORS})
def merge(request: Call, number: Number, body: Duplicate) -> Incident:
    """It is the same as another, which goes on: that one takes over its alerts, its readers and its promises."""
    found = incident_of(request, number)
    refusal = others.unseen(body.into, reader=request.auth) or merging.merge(
        incident=found.uid, into=body.into, reason=body.reason, actor=request.auth, now=request.now
    )
    return _after(request, number, body, refusal)


def _after(request: Call, number: int, body: Input, refusal: Refusal | None) -> Incident:
    """The incident as it stands after an action, or the action's no."""
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Changed.of(_seen(request, number), ignored=body.ignored)


def _seen(request: Call, number: int) -> Overview:
    seen = overviews.of_number(number, reader=request.auth)
    if seen is None:
        raise no_incident(number)
    return seen
