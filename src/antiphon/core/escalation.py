"""Who is paged next, by which means, until somebody answers.

A policy is a list of steps, repeated, and a catch-all that is reached when all of them were in vain and that repeats
until somebody acknowledges: never silence. Paging fails open: a duplicate beats silence. Sources: RELIABILITY I7, I9
(step k+1 fires at t_k + delay, never early), I12 (re-check at send), I15, I16.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from antiphon.core.decision import Decision
from antiphon.core.events import (
    Event,
    PageAcknowledged,
    PagingExhausted,
    PagingStarted,
    PagingStopped,
    PersonPaged,
    StepReachedNobody,
)
from antiphon.core.sending import NotSent

CATCH_ALL_EVERY: Final = timedelta(minutes=15)
"""The catch-all is paged again so often, until somebody answers."""
CATCH_ALL_RETRY: Final = timedelta(minutes=1)
"""When not even the catch-all reaches anybody, it is tried again so soon."""
STALE_AFTER: Final = timedelta(minutes=15)
"""An unsent page older than this is folded into one current summary."""
LONGEST_DELAY: Final = timedelta(hours=24)
MOST_REPEATS: Final = 50


APPROVAL: Final = "approval"
"""The track of an escalation that pages because a text waits for approval; it outlives the resolution."""


class TargetKind(StrEnum):
    PERSON = "person"
    ROTA = "rota"


@dataclass(frozen=True, slots=True)
class Target:
    """A person (uid) or a rota (its unique name), resolved to people when the step fires."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """Page the targets, then wait `delay` for an answer before the next step. No channels: whatever each person has."""

    delay: timedelta
    targets: tuple[Target, ...]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps, run once and then `repeat` times more; after that the catch-all."""

    name: str
    steps: tuple[Step, ...]
    repeat: int
    catch_all: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Reachable:
    """A person that a target resolves to now, with the channels that are set up for them, preferred first."""

    person: str
    channels: tuple[str, ...]


Reach = Mapping[Target, tuple[Reachable, ...]]
"""Who each target of a policy resolves to now; a target that is missing reaches nobody."""


class EscalationState(StrEnum):
    PAGING = "paging"
    EXHAUSTED = "exhausted"
    ACKNOWLEDGED = "acknowledged"
    STOPPED = "stopped"


RUNNING: Final = frozenset({EscalationState.PAGING, EscalationState.EXHAUSTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One run of a policy for one track. `step` counts the steps fired in this `cycle` (both shown from 1).

    `exhausted` means that every step was in vain and the catch-all is being paged; each time counts as a new cycle, so
    that (cycle, step, person, channel) names one page. `ended_at`: when somebody answered or it was stopped.
    """

    uid: str
    incident: str
    track: str
    policy: str
    cycle: int
    step: int
    state: EscalationState
    started_at: datetime
    next_at: datetime | None
    ended_at: datetime | None = None

    @property
    def wake_at(self) -> datetime | None:
        return self.next_at if self.state in RUNNING else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePerson:
    """Effect: page this person by these channels. The catch-all is the step after the policy's last."""

    escalation: str
    incident: str
    person: str
    step: int
    cycle: int
    channels: tuple[str, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Paging(Decision[Escalation]):
    """A decision on an escalation, with the pages to send."""

    pages: tuple[PagePerson, ...] = ()


def check(policy: Policy) -> tuple[str, ...]:
    """What makes the policy one that cannot work, one sentence each; empty when it may be saved."""
    problems = []
    if not policy.steps:
        problems.append(f"Policy {policy.name} has no step: add one that says whom to page.")
    if not policy.catch_all:
        problems.append(f"Policy {policy.name} has no catch-all: name who is paged when nobody answered.")
    if not 0 <= policy.repeat <= MOST_REPEATS:
        problems.append(f"Policy {policy.name} repeats {policy.repeat} times: choose 0 to {MOST_REPEATS}.")
    for number, step_ in enumerate(policy.steps, start=1):
        if not step_.targets:
            problems.append(f"Step {number} of policy {policy.name} pages nobody: name a person or a rota.")
        if not timedelta(seconds=30) <= step_.delay <= LONGEST_DELAY:
            problems.append(f"Step {number} of policy {policy.name} must wait between 30 seconds and 24 hours.")
    return tuple(problems)


def start(
    *, uid: str, incident: str, track: str, policy: Policy, now: datetime, cycle: int = 1
) -> Decision[Escalation]:
    """Begin paging: the first step is due at once."""
    escalation = Escalation(
        uid=uid,
        incident=incident,
        track=track,
        policy=policy.name,
        cycle=cycle,
        step=0,
        state=EscalationState.PAGING,
        started_at=now,
        next_at=now,
    )
    return Decision(escalation, (PagingStarted(policy=policy.name, track=track, cycle=cycle),))


def step(escalation: Escalation, policy: Policy, reach: Reach, *, reason: str, now: datetime) -> Paging:
    """Fire the step that is due, if any. `reason` says why people are paged, e.g. the incident's title.

    A step that reaches nobody gives way to the next one at once. The wait counts from when a step really fired, so
    that a late engine never pages two steps in one breath. A policy that has lost its steps goes to the catch-all.
    """
    if escalation.wake_at is None or now < escalation.wake_at:
        return Paging(escalation)
    events: list[Event] = []
    for _ in policy.steps:
        escalation, moved = _turn(escalation, policy)
        events += moved
        if escalation.state is EscalationState.EXHAUSTED:
            break
        due = policy.steps[escalation.step]
        fired = replace(escalation, step=escalation.step + 1)
        pages = _pages(fired, due.targets, due.channels, reach, now=now)
        if pages:
            waiting = replace(fired, next_at=now + due.delay)
            return Paging(waiting, (*events, *_paged(pages, reason)), pages)
        escalation = replace(fired, next_at=now)
        events.append(_nobody(fired.step))
    # The last step was passed, or a whole cycle reached nobody: more cycles of the same would be silence.
    if escalation.state is not EscalationState.EXHAUSTED:
        events.append(_exhausted(escalation, "no step of it reaches anybody."))
        escalation = replace(escalation, state=EscalationState.EXHAUSTED)
    caught = _catch_all(escalation, policy, reach, reason=reason, now=now)
    return Paging(caught.state, (*events, *caught.events), caught.pages)


def acknowledge(escalation: Escalation, *, person: str, via: str, now: datetime) -> Decision[Escalation]:
    """Somebody answers: no further page. Already acknowledged or stopped: nothing happens, and nobody is told off."""
    if escalation.state not in RUNNING:
        return Decision(escalation)
    acknowledged = replace(escalation, state=EscalationState.ACKNOWLEDGED, next_at=None, ended_at=now)
    return Decision(acknowledged, (PageAcknowledged(person=person, via=via),))


def stop(escalation: Escalation, *, reason: str, now: datetime) -> Decision[Escalation]:
    """No longer needed: resolved, merged, cancelled. Nobody is paged any more."""
    if escalation.state not in RUNNING:
        return Decision(escalation)
    stopped = replace(escalation, state=EscalationState.STOPPED, next_at=None, ended_at=now)
    return Decision(stopped, (PagingStopped(reason=reason),))


class Over(Protocol):
    """What the re-check at send must know of the incident."""

    @property
    def resolved_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def cancelled_at(self) -> datetime | None: ...


def wanted(page: PagePerson, escalation: Escalation, incident: Over, *, now: datetime) -> NotSent | None:
    """Asked just before a page is handed to a provider: why it is not wanted any more, or None: send it."""
    if escalation.state is EscalationState.ACKNOWLEDGED:
        return NotSent.ACKNOWLEDGED
    resolved = incident.resolved_at is not None and escalation.track != APPROVAL
    if resolved or incident.closed_at or incident.cancelled_at:
        return NotSent.RESOLVED
    if escalation.uid != page.escalation or escalation.state is EscalationState.STOPPED:
        return NotSent.SUPERSEDED
    if page.cycle < escalation.cycle and page.step <= escalation.step:
        return NotSent.SUPERSEDED  # the same step has been paged again since
    if now - page.made_at > STALE_AFTER:
        return NotSent.STALE_FOLDED
    return None


def _turn(escalation: Escalation, policy: Policy) -> tuple[Escalation, tuple[Event, ...]]:
    """Past the last step: the next cycle, or the catch-all when all cycles are over."""
    if escalation.state is EscalationState.EXHAUSTED or escalation.step < len(policy.steps):
        return escalation, ()
    if escalation.cycle <= policy.repeat:
        return replace(escalation, cycle=escalation.cycle + 1, step=0), ()
    event = _exhausted(escalation, "the catch-all is paged until somebody answers.")
    return replace(escalation, state=EscalationState.EXHAUSTED), (event,)


def _catch_all(escalation: Escalation, policy: Policy, reach: Reach, *, reason: str, now: datetime) -> Paging:
    number = len(policy.steps) + 1
    again = escalation.step >= number
    caught = replace(escalation, step=number, cycle=escalation.cycle + again)
    pages = _pages(caught, policy.catch_all, (), reach, now=now)
    if pages:
        return Paging(replace(caught, next_at=now + CATCH_ALL_EVERY), _paged(pages, reason), pages)
    return Paging(replace(caught, next_at=now + CATCH_ALL_RETRY), (_nobody(number),))


def _pages(
    escalation: Escalation, targets: Iterable[Target], channels: tuple[str, ...], reach: Reach, *, now: datetime
) -> tuple[PagePerson, ...]:
    """One page per person that can be reached, however many targets lead to them."""
    people: dict[str, tuple[str, ...]] = {}
    for target in targets:
        for found in reach.get(target, ()):
            # Someone without any of the step's channels is paged by what they have: fail open.
            usable = tuple(c for c in found.channels if c in channels) or found.channels
            if usable:
                people.setdefault(found.person, usable)
    return tuple(
        PagePerson(
            escalation=escalation.uid,
            incident=escalation.incident,
            person=person,
            step=escalation.step,
            cycle=escalation.cycle,
            channels=usable,
            made_at=now,
        )
        for person, usable in people.items()
    )


def _paged(pages: Iterable[PagePerson], reason: str) -> tuple[Event, ...]:
    return tuple(PersonPaged(person=p.person, step=p.step, channels=p.channels, reason=reason) for p in pages)


def _nobody(number: int) -> Event:
    return StepReachedNobody(step=number, reason="nobody is on call there with a channel that is set up.")


def _exhausted(escalation: Escalation, reason: str) -> Event:
    return PagingExhausted(policy=escalation.policy, cycle=escalation.cycle, reason=reason)
