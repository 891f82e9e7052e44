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
from antiphon.core.events import Event, RoleAssigned, TaskAdded, TaskDone, TaskGiven, TrackDone, TrackMoved, TrackOpened


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
    """Something to tick off. `key`: the default task it came from, "" of a person's; `owner`: a person's uid, or ""."""

    uid: str
    track: TrackKind
    title: str
    due_at: datetime | None = None
    done_at: datetime | None = None
    key: str = ""
    owner: str = ""


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

# --- exit criteria -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing that must hold. `text` says it; `by` is what shows it when met, what is missing when not."""

    key: str
    text: str
    met: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """All that exit criteria look at, beside the track itself.

    firing      alerts of the incident that fire now
    stable      the stability countdown has run out
    changes     what was changed, or the statement that nothing was; empty when nobody wrote it
    untold      audiences told “open” and not yet told “resolved”
    unsettled   promises still open, as a person reads them
    sla_impact  what the incident meant for contracts, or that it meant nothing
    duties      compliance duties neither met nor scheduled
    uncalled    accounts that were called when it opened and not yet that it is over
    contracts   contracts that were breached, and whose customers' matters are neither settled nor waived
    """

    firing: int = 0
    stable: bool = False
    stable_until: datetime | None = None
    how: str = ""
    verified: str = ""
    changes: str = ""
    untold: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()
    sla_impact: str = ""
    duties: tuple[str, ...] = ()
    uncalled: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    open_tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    key: str
    text: str
    ask: Callable[[Progress], tuple[bool, str]]


def _quiet(seen: Progress) -> tuple[bool, str]:
    if not seen.firing:
        return True, "No alert of the incident fires."
    return False, f"{_count(seen.firing)} still firing: wait until every one is quiet."


def _stable(seen: Progress) -> tuple[bool, str]:
    if seen.stable:
        return True, "The stability countdown has run out."
    if seen.stable_until is None:
        return False, "The stability countdown has not started: it starts when everything is quiet."
    return False, f"The stability countdown runs until {seen.stable_until:%H:%M} UTC: resolve it then."


def _written(field: str, missing: str) -> Callable[[Progress], tuple[bool, str]]:
    def ask(seen: Progress) -> tuple[bool, str]:
        text = getattr(seen, field).strip()
        return (True, text) if text else (False, missing)

    return ask


def _none_left(field: str, done: str, missing: str) -> Callable[[Progress], tuple[bool, str]]:
    def ask(seen: Progress) -> tuple[bool, str]:
        left = getattr(seen, field)
        return (False, f"{missing}: {', '.join(left)}.") if left else (True, done)

    return ask


_TASKS_DONE: Final = _Rule(
    "tasks_done", "Every task of the track is done", _none_left("open_tasks", "No task is open.", "Tasks still open")
)

EXIT: Final[Mapping[TrackKind, tuple[_Rule, ...]]] = {
    TrackKind.TECHNICAL: (
        _Rule("quiet", "Every alert is quiet", _quiet),
        _Rule("stable", "Stable for the whole countdown", _stable),
        _Rule("how", "How it was resolved is written", _written("how", "Write how it was resolved.")),
        _Rule("verified", "How that was verified is written", _written("verified", "Write how that was verified.")),
        _Rule(
            "changes",
            "Changes are documented",
            _written("changes", "Write down what was changed, or that nothing was changed."),
        ),
        _TASKS_DONE,
    ),
    TrackKind.BUSINESS: (
        _Rule(
            "told",
            "Everyone who was told of it was told that it is over",
            _none_left("untold", "Every audience was told.", "Not yet told that it is resolved"),
        ),
        _Rule(
            "promises",
            "Every promise is settled",
            _none_left("unsettled", "No promise is open.", "Promises still open"),
        ),
        _Rule(
            "sla_impact",
            "The impact on contracts is written",
            _written("sla_impact", "Write what it meant for service-level agreements, or that it meant nothing."),
        ),
        _Rule(
            "calls", "Who was called knows it is over", _none_left("uncalled", "Nobody waits.", "Still to be called")
        ),
        _Rule(
            "contracts",
            "Customers' contract matters are settled or waived",
            _none_left("contracts", "No contract matter is open.", "Contract matters still open"),
        ),
        _Rule(
            "compliance",
            "Compliance duties are met or scheduled",
            _none_left("duties", "No duty is open.", "Compliance duties neither met nor scheduled"),
        ),
        _TASKS_DONE,
    ),
}


def exit_criteria(track: Track, progress: Progress) -> tuple[Criterion, ...]:
    """What must hold before the track is done, each with what shows it. A track nobody needs has met them all."""
    if track.state is TrackState.NOT_NEEDED:
        return tuple(
            Criterion(key=r.key, text=r.text, met=True, by="Nobody needs this track.") for r in EXIT[track.kind]
        )
    seen = replace(progress, open_tasks=tuple(task.title for task in track.open_tasks))
    answers = ((rule, *rule.ask(seen)) for rule in EXIT[track.kind])
    return tuple(Criterion(key=rule.key, text=rule.text, met=met, by=by) for rule, met, by in answers)


def _count(alerts: int) -> str:
    return "1 alert of the incident is" if alerts == 1 else f"{alerts} alerts of the incident are"


# --- measures that add up with severity --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefaultTask:
    """A measure taken whenever the track is open. `within` maps SEV to minutes; a SEV not listed has no such task."""

    key: str
    kind: TrackKind
    title: str
    within: Mapping[int, int]


PULL_IN: Final = "pull in "
"""The key of a task that asks who holds a role begins so; the role's name follows."""

CONTAINMENT: Final = "Contain it first: isolate, switch off, reroute or roll back"

DEFAULT_TASKS: Final[tuple[DefaultTask, ...]] = (
    DefaultTask("contain", TrackKind.TECHNICAL, CONTAINMENT, {1: 15, 2: 30}),
    DefaultTask(
        "technical_writer",
        TrackKind.TECHNICAL,
        "Name a senior engineer, not the one fixing, to write the technical version",
        {1: 10, 2: 15, 3: 15},
    ),
    DefaultTask(
        "urgent_contact",
        TrackKind.BUSINESS,
        "Name the contact for urgent matters in the business version",
        {1: 10, 2: 15, 3: 15},
    ),
    DefaultTask("call_largest", TrackKind.BUSINESS, "Call the largest accounts affected", {1: 30, 2: 60, 3: 60}),
    DefaultTask("enterprise_contact", TrackKind.BUSINESS, "Reach enterprise customers directly", {1: 60}),
    DefaultTask("executive", TrackKind.BUSINESS, "Bring in an executive for the major accounts", {1: 30}),
    DefaultTask("social", TrackKind.BUSINESS, "Post on the social channels", {1: 15}),
)


def talk_every(kind: TrackKind, *, severity: int) -> timedelta | None:
    """How often the track gives its update inside. None: it talks continuously, as the technical one does."""
    if kind is TrackKind.TECHNICAL:
        return None
    return timedelta(minutes=15 if severity == 1 else 30)


# --- moves -------------------------------------------------------------------------------------------------------


def open_track(
    track: Track, *, severity: int, reason: str, uids: Iterator[str], now: datetime
) -> Decision[Track] | Refusal:
    """Open the track, with its default tasks; also opens again one that was done. Open already: nothing happens.

    `uids` yields fresh 12-character ids, one per task.
    """
    if track.is_open:
        return Decision(track)
    refusal = _illegal(track, TrackState.OPEN)
    if refusal:
        return refusal
    stage = Stage.TRIAGE if track.kind is TrackKind.TECHNICAL else None
    opened = replace(
        track, state=TrackState.OPEN, stage=track.stage or stage, opened_at=track.opened_at or now, done_at=None
    )
    tasks = add_measures(opened, severity=severity, uids=uids, now=now)
    return Decision(tasks.state, (TrackOpened(track=track.kind, reason=reason), *tasks.events))


def add_measures(track: Track, *, severity: int, uids: Iterator[str], now: datetime) -> Decision[Track]:
    """The default tasks of this severity that the track does not have yet; also when the severity has risen."""
    have = {task.key for task in track.tasks}
    due = [t for t in DEFAULT_TASKS if t.kind is track.kind and severity in t.within and t.key not in have]
    if not track.is_open or not due:
        return Decision(track)
    tasks = tuple(
        Task(
            uid=next(uids),
            track=track.kind,
            title=default.title,
            due_at=now + timedelta(minutes=default.within[severity]),
            key=default.key,
        )
        for default in due
    )
    return Decision(replace(track, tasks=track.tasks + tasks), tuple(_added(task) for task in tasks))


def add_task(track: Track, task: Task) -> Decision[Track] | Refusal:
    """A task that a person adds. Only an open track takes tasks."""
    if not track.is_open:
        return Refusal(f"The {track.kind} track is not open: open it before adding a task.", field="track")
    if not task.title.strip():
        return Refusal("A task needs a title that says what is to be done.", field="title")
    return Decision(replace(track, tasks=(*track.tasks, task)), (_added(task),))


def finish_task(track: Track, uid: str, *, now: datetime) -> Decision[Track] | Refusal:
    """Tick a task off. Ticked off already: nothing happens."""
    task = _task(track, uid)
    if isinstance(task, Refusal):
        return task
    if task.done_at is not None:
        return Decision(track)
    tasks = tuple(replace(t, done_at=now) if t.uid == uid else t for t in track.tasks)
    return Decision(replace(track, tasks=tasks), (TaskDone(task=uid, title=task.title),))


def give_task(track: Track, uid: str, person: str) -> Decision[Track] | Refusal:
    """Somebody (a person's uid) takes the task over. The owner already, or done: nothing happens."""
    task = _task(track, uid)
    if isinstance(task, Refusal):
        return task
    if task.owner == person or task.done_at is not None:
        return Decision(track)
    tasks = tuple(replace(t, owner=person) if t.uid == uid else t for t in track.tasks)
    return Decision(replace(track, tasks=tasks), (TaskGiven(task=uid, title=task.title, person=person),))


def move_stage(track: Track, stage: Stage, *, reason: str) -> Decision[Track] | Refusal:
    """Say how far the technical track is. The stage it has already: nothing happens."""
    if track.kind is not TrackKind.TECHNICAL or not track.is_open or track.stage is None:
        return Refusal("Only an open technical track has stages: open it first.", field="stage")
    if stage is track.stage:
        return Decision(track)
    if stage not in STAGE_MOVES[track.stage]:
        return Refusal(f"The technical track cannot go back from {track.stage} to {stage}.", field="stage")
    event = TrackMoved(track=track.kind, before=track.stage, after=stage, reason=reason)
    return Decision(replace(track, stage=stage), (event,))


def assign_lead(track: Track, person: str) -> Decision[Track]:
    """Make the person (uid) the track's lead. The lead already: nothing happens."""
    if track.lead == person:
        return Decision(track)
    return Decision(replace(track, lead=person), (RoleAssigned(role=f"{track.kind} lead", person=person),))


def finish(track: Track, progress: Progress, *, reason: str, now: datetime) -> Decision[Track] | Refusal:
    """The track is done, when each of its exit criteria is met. Done already: nothing happens."""
    if track.state is TrackState.DONE:
        return Decision(track)
    refusal = _illegal(track, TrackState.DONE)
    if refusal:
        return refusal
    missing = [criterion.by for criterion in exit_criteria(track, progress) if not criterion.met]
    if missing:
        return Refusal(" ".join(missing), field="track")
    done = replace(track, state=TrackState.DONE, done_at=now)
    return Decision(done, (TrackDone(track=track.kind, reason=reason),))


def _task(track: Track, uid: str) -> Task | Refusal:
    missing = Refusal(f"The {track.kind} track has no task {uid}: reload the page to see its tasks.", field="task")
    return next((task for task in track.tasks if task.uid == uid), missing)


def _illegal(track: Track, to: TrackState) -> Refusal | None:
    if to in MOVES[track.state]:
        return None
    return Refusal(f"The {track.kind} track is {track.state.replace('_', ' ')} and cannot become {to}.", field="track")


def _added(task: Task) -> Event:
    return TaskAdded(task=task.uid, track=task.track, title=task.title, due_at=task.due_at)
