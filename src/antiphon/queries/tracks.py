"""The two lines of work of an incident, as the room shows them side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from antiphon.core import closing
from antiphon.core.incidents import Incident as Core
from antiphon.core.tracks import Criterion, Task, Track, TrackKind, talk_every
from antiphon.db.models import Incident
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import incidents
from antiphon.queries import promises
from antiphon.queries.promises import Promised

CUSTOMERS: Final = {TrackKind.TECHNICAL: ("technical",), TrackKind.BUSINESS: ("business", "public", "executives")}
"""Whose next promise a lane shows, in this order of preference."""


TO_WRITE: Final = ("how", "verified", "changes", "sla_impact")
"""Criteria that somebody meets by writing something down; the gates say what."""


@dataclass(frozen=True, slots=True)
class CriterionSeen:
    """One thing that must hold; `note` says what shows it, or what is missing."""

    text: str
    met: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSeen:
    """Something to tick off."""

    uid: str
    url: str
    title: str
    owner: str
    due_at: datetime | None
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One line of work. `reason` says why it is open or not needed; `cadence` how often it speaks."""

    kind: str
    state: str
    stage: str
    reason: str
    lead: str
    cadence: str
    promise: Promised | None
    criteria: tuple[CriterionSeen, ...]
    tasks: tuple[TaskSeen, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Both lanes, and the incident they were read from, as the rules see it."""

    technical: Lane
    business: Lane
    core: Core


def lanes(incident: Incident, names: dict[str, str], *, promised: Sequence[Promised], why: str) -> Lanes:
    """Both lanes of an incident; `why` is the verdict's reason."""
    core, known = incidents.load(incident), gates.load(incident)

    def lane(track: Track) -> Lane:
        return Lane(
            kind=str(track.kind),
            state=str(track.state),
            stage=str(track.stage or ""),
            reason=_reason(track, why),
            lead=names.get(track.lead or "", ""),
            cadence=_cadence(track.kind, incident.severity),
            promise=_next(promised, CUSTOMERS[track.kind]),
            criteria=seen(_short(each, track, promised) for each in closing.lane(track, core, known)),
            tasks=tuple(_task(task, incident, names) for task in _ordered(track.tasks)),
        )

    return Lanes(lane(core.technical), lane(core.business), core)


def seen(criteria: Iterable[Criterion]) -> tuple[CriterionSeen, ...]:
    """Criteria as people read them."""
    return tuple(CriterionSeen(each.text, each.met, each.by) for each in criteria)


def _short(criterion: Criterion, track: Track, promised: Sequence[Promised]) -> Criterion:
    """The lane lists tasks and the rail promises: here their number is enough. What is to be written says so itself."""
    if not criterion.met and criterion.key in TO_WRITE:
        return replace(criterion, by="")
    if criterion.met or criterion.key not in ("tasks_done", "promises"):
        return criterion
    waiting = [one for one in promised if one.state == promises.OPEN and one.what != "review"]
    count = len(track.open_tasks) if criterion.key == "tasks_done" else len(waiting)
    return replace(criterion, by=f"{count} still open.")


def _ordered(tasks: Iterable[Task]) -> list[Task]:
    return sorted(
        tasks, key=lambda task: (task.done_at is not None, task.due_at is None, task.due_at or task.done_at or 0)
    )


def _task(task: Task, incident: Incident, names: dict[str, str]) -> TaskSeen:
    return TaskSeen(
        uid=task.uid,
        url=f"/incidents/{incident.number}/tasks/{task.uid}",
        title=task.title,
        owner=names.get(task.owner, ""),
        due_at=task.due_at,
        done=task.done_at is not None,
    )


def _reason(track: Track, why: str) -> str:
    if track.is_open and track.kind is TrackKind.BUSINESS:
        return why
    return "No answer asks for it so far." if track.kind is TrackKind.BUSINESS and not track.done_at else ""


def _cadence(kind: TrackKind, severity: int) -> str:
    every = talk_every(kind, severity=severity)
    if every is None:
        return "Talks continuously, in its own channel."
    return f"A synthesis inside every {every.seconds // 60} min."


def _next(promised: Sequence[Promised], audiences: Sequence[str]) -> Promised | None:
    waiting = [one for one in promised if one.state == promises.OPEN and one.audience in audiences]
    return min(waiting, key=lambda one: (audiences.index(one.audience), one.due_at), default=None)
