"""The incident: what it is, how it is declared, and what may change on it while it is open.

Its state is derived from its tracks and gates, never set. Resolving, closing and cancelling stand in `closing`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from antiphon.core.classification import STANDARD
from antiphon.core.decision import Decision, Refusal, earliest
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.events import (
    EntityAffected,
    EntityCleared,
    Event,
    IncidentDeclared,
    PriorityChanged,
    SeverityChanged,
    StateChanged,
)
from antiphon.core.questions.situation import paperwork_alone
from antiphon.core.severity import MATRIX, Level, Matrix, Severity, impact_of, priority_of, urgency_of
from antiphon.core.tracks import Stage, Track, TrackKind, move_stage, open_track

STABLE_FOR: Final = timedelta(minutes=15)
"""How long everything must have been quiet before the incident may be resolved."""

NATURES: Final = ("real", "drill", "test")


class IncidentState(StrEnum):
    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    MERGED = "merged"


OVER: Final = frozenset({IncidentState.CLOSED, IncidentState.CANCELLED, IncidentState.MERGED})

_STAGES: Final[Mapping[Stage, IncidentState]] = MappingProxyType({stage: IncidentState(stage) for stage in Stage})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident as it stands. Instants are aware UTC; `entities` are catalog names; `firing` counts its alerts.

    `stable_since`: since when all is quiet; `stable_reached_at`: when that had lasted long enough.
    """

    uid: str
    number: int
    title: str
    incident_type: str
    severity: Severity
    impact: Level
    urgency: Level
    priority: Level
    detected_at: datetime
    detected_by: str
    declared_at: datetime
    area: str = ""
    nature: str = "real"
    entities: tuple[str, ...] = ()
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    merged_into: str | None = None
    how: str = ""
    verified: str = ""
    sla_impact: str = ""
    stable_since: datetime | None = None
    stable_reached_at: datetime | None = None
    firing: int = 0
    technical: Track = field(default_factory=lambda: Track(kind=TrackKind.TECHNICAL))
    business: Track = field(default_factory=lambda: Track(kind=TrackKind.BUSINESS))

    @property
    def state(self) -> IncidentState:
        """Derived: how it ended, else how far the technical track is; without one, it is being investigated."""
        if self.merged_into is not None:
            return IncidentState.MERGED
        if self.cancelled_at is not None:
            return IncidentState.CANCELLED
        if self.closed_at is not None:
            return IncidentState.CLOSED
        if self.resolved_at is not None:
            return IncidentState.RESOLVED
        if self.technical.is_open:
            return _STAGES[self.technical.stage or Stage.TRIAGE]
        return IncidentState.INVESTIGATING if self.business.is_open else IncidentState.TRIAGE

    @property
    def over(self) -> bool:
        """Closed, cancelled or merged: nothing about it changes any more."""
        return self.state in OVER

    @property
    def practice(self) -> bool:
        """A drill or test: nobody outside hears of it."""
        return self.nature != "real"

    @property
    def stable_at(self) -> datetime | None:
        """When the stability countdown runs out; None while something fires, or when it ran out already."""
        if self.stable_since is None or self.stable_reached_at is not None:
            return None
        return self.stable_since + STABLE_FOR

    @property
    def wake_at(self) -> datetime | None:
        """The next instant at which time alone changes anything here: the countdown's end."""
        return None if self.over or self.resolved_at is not None else earliest([self.stable_at])


def declare(
    *,
    uid: str,
    number: int,
    title: str,
    severity: int,
    incident_type: str,
    reason: str,
    detected_at: datetime,
    detected_by: str,
    now: datetime,
    area: str = "",
    nature: str = "real",
    entities: tuple[str, ...] = (),
    impact: str = "",
    urgency: str = "",
    matrix: Matrix = MATRIX,
    alert_severity: str = "",
) -> Decision[Incident] | Refusal:
    """Declare an incident at `now`. Both tracks start as not needed: `begin` or the first verdict opens them.

    `reason` says by which rule or why; `alert_severity` is the alert's word behind the severity, if one is. Impact and
    urgency start from severity when empty. A detection in the future is taken as now.
    """
    refusal = _check(title, severity, incident_type, nature, impact, urgency)
    if refusal is not None:
        return refusal
    sev = Severity(severity)
    wide = Level(impact) if impact else impact_of(sev)
    pressing = Level(urgency) if urgency else urgency_of(sev)
    incident = Incident(
        uid=uid,
        number=number,
        title=title.strip(),
        incident_type=incident_type,
        area=area,
        severity=sev,
        impact=wide,
        urgency=pressing,
        priority=priority_of(wide, pressing, matrix=matrix),
        nature=nature,
        detected_at=min(detected_at, now),
        detected_by=detected_by,
        declared_at=now,
        entities=tuple(dict.fromkeys(entities)),
    )
    return Decision(incident, (_declared(incident, reason, alert_severity),))


BEGINS: Final = "Something may have to be restored; the six questions say what else it takes."


def begin(
    declared: Decision[Incident],
    *,
    nothing_to_restore: bool,
    uids: Iterator[str],
    now: datetime,
    papers: Collection[str] = STANDARD.paperwork_areas,
) -> Decision[Incident]:
    """The technical track opens with the declaration: people are paged before the six questions are asked.

    Not so where the verdict may be that there is nothing to restore (`papers`: areas of paperwork); it then opens
    what is needed.
    """
    incident = declared.state
    papers_only = paperwork_alone(incident.incident_type, incident.area, incident.entities, areas=papers)
    if nothing_to_restore or papers_only:
        return declared
    opened = open_track(incident.technical, severity=incident.severity, reason=BEGINS, uids=uids, now=now)
    if isinstance(opened, Refusal):
        return declared
    return Decision(replace(incident, technical=opened.state), (*declared.events, *opened.events))


def _check(title: str, severity: int, incident_type: str, nature: str, impact: str, urgency: str) -> Refusal | None:
    levels = ("", *Level)
    checks = (
        (bool(title.strip()), "Give the incident a title that says what is wrong.", "title"),
        (severity in tuple(Severity), f"There is no SEV{severity}; choose 1 to 5.", "severity"),
        (incident_type in INCIDENT_TYPES, _choose(incident_type, "a type", INCIDENT_TYPES), "incident_type"),
        (nature in NATURES, _choose(nature, "a nature", NATURES), "nature"),
        (impact in levels, _choose(impact, "an impact", tuple(Level)), "impact"),
        (urgency in levels, _choose(urgency, "an urgency", tuple(Level)), "urgency"),
    )
    return next((Refusal(sentence, name) for fine, sentence, name in checks if not fine), None)


def _choose(word: str, what: str, words: tuple[str, ...]) -> str:
    return f"“{word}” is not {what}; choose {', '.join(words[:-1])} or {words[-1]}."


def _declared(incident: Incident, reason: str, alert_severity: str) -> Event:
    return IncidentDeclared(
        title=incident.title,
        incident_type=incident.incident_type,
        area=incident.area,
        severity=int(incident.severity),
        impact=str(incident.impact),
        urgency=str(incident.urgency),
        priority=str(incident.priority),
        nature=incident.nature,
        detected_at=incident.detected_at,
        detected_by=incident.detected_by,
        entities=incident.entities,
        reason=f"{reason.rstrip('.')}." if reason else "",
        alert_severity=alert_severity,
    )


# --- changes while it is open ------------------------------------------------------------------------------------


def change_severity(
    incident: Incident, severity: int, *, reason: str, matrix: Matrix = MATRIX
) -> Decision[Incident] | Refusal:
    """Another severity, by a person (up or down) or by itself (up; see `severity.rise`), with the reason.

    Impact and urgency follow where they stood at what the old severity gives; priority follows them.
    """
    if severity not in tuple(Severity):
        return Refusal(f"There is no SEV{severity}; choose 1 to 5.", "severity")
    refusal = _shut(incident) or _reason(reason)
    if refusal is not None:
        return refusal
    after = Severity(severity)
    if after == incident.severity:
        return Decision(incident)
    follows_impact = incident.impact == impact_of(incident.severity)
    follows_urgency = incident.urgency == urgency_of(incident.severity)
    changed = replace(incident, severity=after)
    event = SeverityChanged(before=int(incident.severity), after=int(after), reason=reason)
    priority = _prioritised(
        changed,
        impact_of(after) if follows_impact else incident.impact,
        urgency_of(after) if follows_urgency else incident.urgency,
        reason=f"severity is SEV{int(after)} now",
        matrix=matrix,
    )
    return Decision(priority.state, (event, *priority.events))


def change_priority(
    incident: Incident, *, impact: str, urgency: str, reason: str, matrix: Matrix = MATRIX
) -> Decision[Incident] | Refusal:
    """Impact and urgency as a person sees them; priority is what the matrix makes of them."""
    words = tuple(Level)
    if impact not in words:
        return Refusal(_choose(impact, "an impact", words), "impact")
    if urgency not in words:
        return Refusal(_choose(urgency, "an urgency", words), "urgency")
    refusal = _shut(incident) or _reason(reason)
    if refusal is not None:
        return refusal
    return _prioritised(incident, Level(impact), Level(urgency), reason=reason, matrix=matrix)


def _prioritised(
    incident: Incident, impact: Level, urgency: Level, *, reason: str, matrix: Matrix
) -> Decision[Incident]:
    priority = priority_of(impact, urgency, matrix=matrix)
    after = replace(incident, impact=impact, urgency=urgency, priority=priority)
    if priority == incident.priority:
        return Decision(after)
    return Decision(after, (PriorityChanged(before=str(incident.priority), after=str(priority), reason=reason),))


def add_entity(incident: Incident, entity: str, *, reason: str) -> Decision[Incident] | Refusal:
    """One more catalog entity is affected; ask the six questions again. Named already: nothing happens."""
    if not entity.strip():
        return Refusal("Name the entity that is affected.", "entity")
    refusal = _shut(incident)
    if refusal is not None:
        return refusal
    if entity in incident.entities:
        return Decision(incident)
    after = replace(incident, entities=(*incident.entities, entity))
    return Decision(after, (EntityAffected(entity=entity, reason=reason),))


def clear_entity(incident: Incident, entity: str, *, reason: str) -> Decision[Incident] | Refusal:
    """The entity is not affected after all, or no more. Not named: nothing happens."""
    refusal = _shut(incident) or _reason(reason)
    if refusal is not None:
        return refusal
    if entity not in incident.entities:
        return Decision(incident)
    after = replace(incident, entities=tuple(name for name in incident.entities if name != entity))
    return Decision(after, (EntityCleared(entity=entity, reason=reason),))


def set_stage(incident: Incident, stage: str, *, reason: str) -> Decision[Incident] | Refusal:
    """How far the technical track is: triage, investigating, identified or monitoring."""
    if stage not in tuple(Stage):
        return Refusal(_choose(stage, "a stage", tuple(Stage)), "stage")
    refusal = _shut(incident)
    if refusal is not None:
        return refusal
    moved = move_stage(incident.technical, Stage(stage), reason=reason)
    if isinstance(moved, Refusal):
        return moved
    after = replace(incident, technical=moved.state)
    return Decision(after, (*moved.events, *state_events(incident, after, reason=reason)))


def state_events(before: Incident, after: Incident, *, reason: str) -> tuple[Event, ...]:
    """The event of a derived state that moved, for every rule that changes tracks or gates."""
    if before.state == after.state:
        return ()
    return (StateChanged(before=str(before.state), after=str(after.state), reason=reason),)


def _shut(incident: Incident) -> Refusal | None:
    if not incident.over:
        return None
    return Refusal(f"Incident #{incident.number} is {incident.state}; declare a new one instead.", "incident")


def _reason(reason: str) -> Refusal | None:
    return None if reason.strip() else Refusal("Say why; the reason stands on the record.", "reason")
