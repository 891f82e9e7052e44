"""Incidents as lists show them and as the head of their room does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Case, When

from antiphon.core.decision import Actor
from antiphon.core.incidents import OVER, STABLE_FOR, IncidentState
from antiphon.core.tracks import STAGE_MOVES, Stage
from antiphon.db.models import Incident, RoleAssignment, Track
from antiphon.queries import promises
from antiphon.queries.promises import Promised
from antiphon.queries.readers import seen_by

RUNNING: Final = tuple(str(s) for s in IncidentState if s not in OVER and s is not IncidentState.RESOLVED)
VIEWS: Final = ("open", "resolved", "closed", "practice")
STEPS: Final = ("triage", "investigating", "identified", "monitoring", "resolved", "closed")


@dataclass(frozen=True, slots=True)
class TrackSeen:
    """How far one line of work is, and who leads it ("" for nobody)."""

    state: str
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line of a list. `ended_at` is None while it runs."""

    uid: str
    number: int
    title: str
    severity: int
    state: str
    practice: bool
    declared_at: datetime
    ended_at: datetime | None
    technical: TrackSeen
    business: TrackSeen
    commander: str
    promise: Promised | None

    @property
    def url(self) -> str:
        """The path of its room."""
        return f"/incidents/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the states on the way, as the room's head draws them."""

    label: str
    done: bool
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the room says of the incident as a whole. `stable_until` is when the gate opens, if the countdown runs."""

    uid: str
    number: int
    title: str
    severity: int
    state: str
    type: str
    area: str
    priority: str
    practice: bool
    declared_at: datetime
    detected_at: datetime
    detected_by: str
    ended_at: datetime | None
    stable_until: datetime | None
    commander: str
    promise: Promised | None
    next_states: tuple[tuple[str, str], ...]
    bridge_url: str = ""
    cost_so_far: str = ""

    @property
    def url(self) -> str:
        """The path of its room."""
        return f"/incidents/{self.number}"

    @property
    def live_url(self) -> str:
        """What its room asks every two seconds."""
        return f"{self.url}/live"


def running(*, reader: Actor, limit: int) -> tuple[Summary, ...]:
    """Incidents that are not over, the worst first, then the longest; drills after real ones."""
    practised = Case(When(nature="real", then=0), default=1)
    rows = seen_by(reader).filter(state__in=RUNNING).order_by(practised, "severity", "declared_at")
    return _summaries(list(rows[:limit]))


def listing(view: str, *, reader: Actor, before: int | None = None, limit: int = 50) -> tuple[Summary, ...]:
    """One page of a view (see `VIEWS`), the newest first; `before` is the number to go on under."""
    rows = seen_by(reader).order_by("-number")
    if view == "practice":
        rows = rows.exclude(nature="real")
    elif view == "closed":
        rows = rows.filter(state__in=[str(state) for state in OVER])
    else:
        rows = rows.filter(state__in=RUNNING if view == "open" else [IncidentState.RESOLVED.value])
    if before is not None:
        rows = rows.filter(number__lt=before)
    return _summaries(list(rows[:limit]))


def on_entity(name: str, *, reader: Actor, limit: int = 10) -> tuple[Summary, ...]:
    """The newest incidents that name this catalog entity as affected."""
    rows = seen_by(reader).filter(affected__entity=name).order_by("-number")
    return _summaries(list(rows[:limit]))


def head(incident: Incident, *, stage: str, commander: str, promised: Sequence[Promised], cost: str = "") -> Head:
    """The head of a room, from what its page has loaded anyway."""
    return Head(
        uid=incident.uid,
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        state=incident.state,
        type=incident.incident_type.capitalize(),
        area=incident.area,
        priority=incident.priority,
        practice=incident.nature != "real",
        declared_at=incident.declared_at,
        detected_at=incident.detected_at,
        detected_by=f"by {incident.detected_by}" if incident.detected_by else "",
        ended_at=ended_at(incident),
        stable_until=_stable_until(incident),
        commander=commander,
        promise=next((one for one in promised if one.state == promises.OPEN), None),
        next_states=_next_states(stage) if incident.state in RUNNING else (),
        cost_so_far=cost,
    )


def steps(state: str) -> tuple[Step, ...]:
    """The states on the way, with where it stands; one that left the way ends with its own word."""
    way = STEPS if state in STEPS else (*STEPS[:4], state)
    here = way.index(state)
    return tuple(Step(label=each.capitalize(), done=place < here, here=place == here) for place, each in enumerate(way))


def ended_at(incident: Incident) -> datetime | None:
    """When it stopped to run: resolved, else cancelled."""
    ended: datetime | None = incident.resolved_at or incident.cancelled_at or incident.closed_at
    return ended


def _stable_until(incident: Incident) -> datetime | None:
    since: datetime | None = incident.stable_since
    if since is None or incident.stable_reached_at or incident.resolved_at:
        return None
    return since + STABLE_FOR


def _next_states(stage: str) -> tuple[tuple[str, str], ...]:
    if stage not in tuple(Stage):
        return ()
    moves = STAGE_MOVES[Stage(stage)]
    return tuple((str(each), each.capitalize()) for each in Stage if each in moves)


def _summaries(rows: Sequence[Incident]) -> tuple[Summary, ...]:
    keys = [row.pk for row in rows]
    told = Track.objects.filter(incident__in=keys).values_list("incident", "kind", "state", "lead__name")
    tracks = {(incident, kind): TrackSeen(state, lead or "") for incident, kind, state, lead in told}
    commands = RoleAssignment.objects.filter(incident__in=keys, role="incident commander")
    commanders = dict(commands.values_list("incident", "person__name"))
    due = promises.next_of(rows)
    none = TrackSeen("not_needed")
    return tuple(
        Summary(
            uid=row.uid,
            number=row.number,
            title=row.title,
            severity=row.severity,
            state=row.state,
            practice=row.nature != "real",
            declared_at=row.declared_at,
            ended_at=ended_at(row),
            technical=tracks.get((row.pk, "technical"), none),
            business=tracks.get((row.pk, "business"), none),
            commander=commanders.get(row.pk, ""),
            promise=due.get(row.pk),
        )
        for row in rows
    )
