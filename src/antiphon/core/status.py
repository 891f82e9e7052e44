"""How each thing in the catalog works now, rolled up from what is known of it itself and of what it leans on.

Something that is down takes down what needs it; where redundancy holds, and where what is needed works badly, the
dependent is degraded. Cycles settle on the least that follows; the order in which causes come changes nothing, and more
trouble never makes anything better.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Final

from antiphon.core.impact import Groups, Spared, Walks, spared

LONGEST_WHY: Final = 12
"""Steps told of one entity; the nearest first."""


class State(StrEnum):
    """From the best to the worst; `MAINTENANCE` is what is shown of planned work on something that works."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def rank(self) -> int:
        """The higher the worse."""
        return RANKS[self]


RANKS: Final = {state: at for at, state in enumerate(State)}

BY_ALERT: Final = {"critical": State.MAJOR_OUTAGE, "error": State.PARTIAL_OUTAGE, "warning": State.DEGRADED}
"""What an alert that fires says of the thing it names; one that only informs says nothing."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What is known of one entity itself: the state it is in by that, and a sentence."""

    state: State
    because: str


@dataclass(frozen=True, slots=True)
class Because:
    """One step of the answer to "why"."""

    entity: str
    state: State
    because: str


@dataclass(frozen=True, slots=True)
class Step:
    """How one entity comes to its state: the sentence, and what it comes from (nothing: from itself)."""

    state: State
    because: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class RollUp:
    """Everything that does not simply work. What is not in it is operational.

    `down`, `hurt`: what is down, and that with what does not work as it should, each with what it came by; `held`: what
    redundancy holds up; `own`: the causes. Sentences are made when they are asked for: of a great failure few are.
    """

    own: Mapping[str, Cause] = field(default_factory=dict)
    down: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Spared] = field(default_factory=dict)
    hurt: Mapping[str, str] = field(default_factory=dict)
    redundancy: Groups = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.hurt or name in self.own

    def __iter__(self) -> Iterator[str]:
        """Names, as near as can be after what they come from."""
        planned = sorted(name for name in self.own if name not in self.hurt)
        return iter(dict.fromkeys(chain(self.down, self.held, self.hurt, planned)))

    def state(self, name: str) -> State:
        """How it works."""
        if name in self.down:
            return State.MAJOR_OUTAGE
        if name in self.own:
            return self.own[name].state
        return State.DEGRADED if name in self.hurt else State.OPERATIONAL

    def step(self, name: str) -> Step:
        """How something that is in it comes to its state."""
        if self.down.get(name):
            return self._taken_down(name, self.down[name])
        if name in self.own:
            return Step(self.own[name].state, self.own[name].because)
        if name in self.held:
            held = self.held[name]
            return Step(State.DEGRADED, f"{held.text}, {held.up} needed: {', '.join(held.lost)} down", held.lost)
        before = self.hurt[name]
        return Step(State.DEGRADED, f"needs {before}, which does not work as it should", (before,))

    def why(self, name: str) -> tuple[Because, ...]:
        """From the entity itself to what it all comes from; at most `LONGEST_WHY` steps."""
        told: dict[str, Because] = {}
        waiting = [name]
        while waiting and len(told) < LONGEST_WHY:
            at = waiting.pop(0)
            if at in self and at not in told:
                step = self.step(at)
                told[at] = Because(at, step.state, step.because)
                waiting.extend(step.after)
        return tuple(told.values())

    def changed_since(self, before: "RollUp") -> set[str]:
        """What comes to its state otherwise than before, or by others that do; what works again is not named."""
        pairs = ((self.down, before.down), (self.hurt, before.hurt), (self.held, before.held), (self.own, before.own))
        moved = {name for one, other in pairs for name, _ in one.items() ^ other.items()}
        for name, by in chain(self.down.items(), self.hurt.items()):
            if by in moved or any(not moved.isdisjoint(group.of) for group in self.redundancy.get(name, ())):
                moved.add(name)
        return {name for name in moved if name in self}

    def _taken_down(self, name: str, before: str) -> Step:
        for group in self.redundancy.get(name, ()):
            lost = tuple(sorted(other for other in group.of if other in self.down))
            if before in group.of and len(lost) >= group.breaks_at:
                left = f"{len(group.of) - len(lost)} of {len(group.of)} left, {group.up} needed"
                return Step(State.MAJOR_OUTAGE, f"{left}: {', '.join(lost)} down", lost)
        return Step(State.MAJOR_OUTAGE, f"needs {before}, which is down", (before,))


def worst(causes: Iterable[Cause]) -> Cause:
    """The cause that counts of several: the worst, among equals the first by its words."""
    return min(causes, key=lambda cause: (-cause.state.rank, cause.because))


def of_incident(kind: str, severity: int, *, share: float | None, region: str) -> State:
    """What an open incident says of an entity it is about. Part of the work, or one region, is a partial outage."""
    if kind != "disruption":
        return State.DEGRADED
    wholly = (share is None or share >= 1) and not region
    return State.MAJOR_OUTAGE if wholly and severity <= SEVERE else State.PARTIAL_OUTAGE


SEVERE: Final = 2
"""A disruption of this severity or worse takes down what it is about."""


def roll_up(own: Mapping[str, Cause], web: Walks) -> RollUp:
    """The state of everything that these causes touch."""
    own = {name: cause for name, cause in own.items() if cause.state != State.OPERATIONAL}
    troubled = {name for name, cause in own.items() if cause.state != State.MAINTENANCE}
    down = web.walk(name for name in troubled if own[name].state == State.MAJOR_OUTAGE)
    held = {each.name: each for each in spared(web, down)}
    hurt = web.walk({*troubled, *down, *held})
    planned_alone = {name: cause for name, cause in own.items() if name in troubled or name not in hurt}
    return RollUp(planned_alone, down, held, hurt, web.redundancy)
