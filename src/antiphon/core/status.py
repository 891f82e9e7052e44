"""How each thing in the catalog works now, rolled up from what is known of it itself and of what it leans on.

Something that is down takes down what needs it; where redundancy holds, and where what is needed works badly, the
dependent is degraded. Cycles settle on the least that follows; the order in which causes come changes nothing, and more
trouble never makes anything better.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from antiphon.core.impact import Spared, Walks, spared

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
    """Everything that does not simply work, each after what it comes from. What is not in it is operational."""

    steps: Mapping[str, Step] = field(default_factory=dict)

    def state(self, name: str) -> State:
        """How it works."""
        step = self.steps.get(name)
        return step.state if step else State.OPERATIONAL

    def why(self, name: str) -> tuple[Because, ...]:
        """From the entity itself to what it all comes from; at most `LONGEST_WHY` steps."""
        told: dict[str, Because] = {}
        waiting = [name]
        while waiting and len(told) < LONGEST_WHY:
            at = waiting.pop(0)
            if at in self.steps and at not in told:
                step = self.steps[at]
                told[at] = Because(at, step.state, step.because)
                waiting.extend(step.after)
        return tuple(told.values())


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
    troubled = {name: cause for name, cause in own.items() if cause.state.rank >= State.DEGRADED.rank}
    down = web.walk(name for name, cause in troubled.items() if cause.state == State.MAJOR_OUTAGE)
    held = {each.name: each for each in spared(web, down)}
    hurt = web.walk({*troubled, *down, *held})
    steps = {name: _down(name, before, down, own, web) for name, before in down.items()}
    for name in (*sorted(held), *(name for name in hurt if name not in held)):
        if name not in steps:
            steps[name] = _hurt(name, hurt[name], held.get(name), troubled.get(name), web)
    planned = {name: cause for name, cause in own.items() if cause.state == State.MAINTENANCE and name not in steps}
    steps.update((name, Step(State.MAINTENANCE, planned[name].because)) for name in sorted(planned))
    return RollUp(steps)


def _down(name: str, before: str, down: Mapping[str, str], own: Mapping[str, Cause], web: Walks) -> Step:
    if not before:
        return Step(State.MAJOR_OUTAGE, own[name].because)
    for group in web.redundancy.get(name, ()):
        lost = tuple(other for other in group.of if other in down)
        if before in group.of and len(lost) >= group.breaks_at:
            left = f"{len(group.of) - len(lost)} of {len(group.of)} left, {group.up} needed"
            return Step(State.MAJOR_OUTAGE, f"{left}: {', '.join(sorted(lost))} down", tuple(sorted(lost)))
    return Step(State.MAJOR_OUTAGE, f"needs {before}, which is down", (before,))


def _hurt(name: str, before: str, held: Spared | None, own: Cause | None, web: Walks) -> Step:
    if own is not None:
        return Step(own.state, own.because)
    if held is not None:
        return Step(State.DEGRADED, f"{held.text}, {held.up} needed: {', '.join(held.lost)} down", held.lost)
    return Step(State.DEGRADED, f"needs {before}, which does not work as it should", (before,))
