"""The two lines of work on one incident: technical (restore the service) and business (hold the damage down).

Each has a lead, tasks and exit criteria of its own. A track that nobody needs is `not_needed` and satisfies its gates.
Sources: DOMAIN §5 (tracks), §7 (exit criteria), §8.2 (measures that add up with severity).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import Event, RoleAssigned, TaskAdded, TaskDone, TrackDone, TrackMoved, TrackOpened


class TrackKind(StrEnum):
    TECHNICAL = "technical"
    BUSINESS = "business"


class TrackState(StrEnum):
    NOT_NEEDED = "not_needed"
    OPEN = "open"
    DONE = "done"


class Stage(StrEnum):
    """How far the technical track is; the incident's state before it is resolved."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to tick off. `key` names the default task it came from; empty when a person added it."""

    uid: str
    track: TrackKind
    title: str
    due_at: datetime | None = None
    done_at: datetime | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track of one incident. `stage` is used by the technical track only; `lead` is a person's uid."""

    kind: TrackKind
    state: TrackState = TrackState.NOT_NEEDED
    stage: Stage | None = None
    lead: str | None = None
    opened_at: datetime | None = None
    done_at: datetime | None = None
    tasks: tuple[Task, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state is TrackState.OPEN

    @property
    def open_tasks(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.done_at is None)


# --- legal moves -------------------------------------------------------------------------------------------------

MOVES: Final[Mapping[TrackState, frozenset[TrackState]]] = {
    TrackState.NOT_NEEDED: frozenset({TrackState.OPEN}),
    TrackState.OPEN: frozenset({TrackState.DONE}),
    TrackState.DONE: frozenset({TrackState.OPEN}),
}

STAGE_MOVES: Final[Mapping[Stage, frozenset[Stage]]] = {
    Stage.TRIAGE: frozenset({Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING}),
    Stage.INVESTIGATING: frozenset({Stage.IDENTIFIED, Stage.MONITORING}),
    Stage.IDENTIFIED: frozenset({Stage.INVESTIGATING, Stage.MONITORING}),
    Stage.MONITORING: frozenset({Stage.INVESTIGATING, Stage.IDENTIFIED}),
}
