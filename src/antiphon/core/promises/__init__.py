"""What was said to come by a time: first word, next update, resolution word, review, answer.

A promise is kept or broken, never forgotten. It is released when it is no longer owed, or an earlier one takes its
place. Broken stays broken, whatever is said later. Sources: DOMAIN §8.2 (table in `cadence`), RELIABILITY I29 (warned
before, paged at the breach). Audiences are the words of `antiphon.core.audiences`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.cadence import AT_ONCE, cadence
from antiphon.core.decision import Decision
from antiphon.core.events import Event, PromiseBroken, PromiseKept, PromiseMade, PromiseReleased, PromiseWarned


class What(StrEnum):
    FIRST_WORD = "first word"
    NEXT_UPDATE = "next update"
    RESOLUTION_WORD = "resolution word"
    REVIEW = "review"
    ANSWER = "answer"


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"


WARN_BEFORE: Final = timedelta(minutes=5)
"""A promise warns so long before it is due; one shorter than twice that warns halfway."""


PREPARE_BEFORE: Final = timedelta(minutes=20)
"""A draft is ready so long before it is due; for a shorter promise when a third of its time has passed."""
DRAFTED: Final = frozenset({What.FIRST_WORD, What.NEXT_UPDATE, What.RESOLUTION_WORD})
"""Promises that a text keeps which can be made of the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise to one audience. `settled_at` of a broken one is the instant it was due; `prepared_at`: when a draft
    for it was there."""

    uid: str
    incident: str
    audience: str
    what: What
    made_at: datetime
    due_at: datetime
    state: PromiseState = PromiseState.OPEN
    warned_at: datetime | None = None
    settled_at: datetime | None = None
    prepared_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Kept, broken or released: nothing more is owed under this promise."""
        return self.state is not PromiseState.OPEN

    @property
    def warn_at(self) -> datetime:
        """When its owner is reminded: 5 minutes before, or halfway when the whole promise is shorter than 10."""
        whole = max(self.due_at - self.made_at, timedelta())
        return self.due_at - min(WARN_BEFORE, whole / 2)

    @property
    def prepare_at(self) -> datetime | None:
        """When a draft for it is made by itself; None when there is one, or none is needed."""
        if self.settled or self.prepared_at or self.what not in DRAFTED:
            return None
        whole = max(self.due_at - self.made_at, timedelta())
        return self.due_at - min(PREPARE_BEFORE, whole * 2 / 3)

    def prepared(self, *, now: datetime) -> "Promise":
        """The same once its draft is there."""
        return replace(self, prepared_at=now)

    @property
    def wake_at(self) -> datetime | None:
        if self.settled:
            return None
        return self.warn_at if self.warned_at is None else self.due_at

    @property
    def sentence(self) -> str:
        return f"{self.what} for {self.audience} by {self.due_at:%H:%M} UTC"


# --- making ------------------------------------------------------------------------------------------------------


def make(
    *, uid: str, incident: str, audience: str, what: What, due_at: datetime, reason: str, now: datetime
) -> Decision[Promise]:
    """A new open promise, due at the given instant."""
    promise = Promise(uid=uid, incident=incident, audience=audience, what=what, made_at=now, due_at=due_at)
    event = PromiseMade(promise=uid, audience=audience, what=what, due_at=due_at, reason=reason)
    return Decision(promise, (event,))


def first_words(
    existing: Iterable[Promise],
    audiences: Iterable[str],
    *,
    incident: str,
    severity: int,
    since: datetime,
    holding: Collection[str],
    uids: Iterator[str],
    now: datetime,
) -> Decision[tuple[Promise, ...]]:
    """A first word for each audience that has no promise yet; the state holds the new promises only.

    `since` is when the clock of these audiences started: the declaration, or the later yes that pulled them in. After a
    reopening, `existing` are the promises made since and those still open.
    `holding` names the audiences with an approved holding message for this incident's type.
    """
    have = {promise.audience for promise in existing if promise.state is not PromiseState.RELEASED}
    made: list[Decision[Promise]] = []
    for audience in audiences:
        pace = cadence(severity, audience, holding=audience in holding)
        if pace is None or audience in have:
            continue
        made.append(
            make(
                uid=next(uids),
                incident=incident,
                audience=audience,
                what=What.FIRST_WORD,
                due_at=since + pace.first_word,
                reason=f"First word at SEV{severity}.",
                now=now,
            )
        )
    return _joined(made)


def resolution_words(
    existing: Iterable[Promise],
    told: Iterable[str],
    *,
    incident: str,
    severity: int,
    uids: Iterator[str],
    now: datetime,
) -> Decision[tuple[Promise, ...]]:
    """“Resolved” promised to every audience that was told of the incident, within its first-word time."""
    have = _awaiting(existing, What.RESOLUTION_WORD)
    made = []
    for audience in told:
        if audience in have:
            continue
        pace = cadence(severity, audience)
        made.append(
            make(
                uid=next(uids),
                incident=incident,
                audience=audience,
                what=What.RESOLUTION_WORD,
                due_at=now + (pace.first_word if pace else AT_ONCE),
                reason="Everyone who was told of it hears that it is over.",
                now=now,
            )
        )
    return _joined(made)


# --- keeping, breaking, releasing --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TellOwner:
    """Effect: tell the promise's owner (see `owner`). `breach`: page; otherwise a reminder."""

    promise: str
    incident: str
    breach: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Stepped(Decision[Promise]):
    """A decision on a promise, with what its owner must be told."""

    tell: TellOwner | None = None


def step(promise: Promise, *, now: datetime) -> Stepped:
    """Warn its owner before it is due, break it when due. One that is late for both is only broken."""
    if promise.settled or now < (promise.wake_at or now):
        return Stepped(promise)
    if now < promise.due_at:
        warned = PromiseWarned(promise=promise.uid, audience=promise.audience, what=promise.what, due_at=promise.due_at)
        tell = TellOwner(promise.uid, promise.incident, breach=False, reason=warned.sentence())
        return Stepped(replace(promise, warned_at=now), (warned,), tell)
    broken = PromiseBroken(promise=promise.uid, audience=promise.audience, what=promise.what, due_at=promise.due_at)
    tell = TellOwner(promise.uid, promise.incident, breach=True, reason=broken.sentence())
    return Stepped(replace(promise, state=PromiseState.BROKEN, settled_at=promise.due_at), (broken,), tell)


def keep(promise: Promise, *, now: datetime) -> Stepped:
    """The promised thing was done at `now`. At or after the due time the promise is broken, also if nobody noticed."""
    if promise.settled:
        return Stepped(promise)
    if now >= promise.due_at:
        return step(replace(promise, warned_at=promise.warned_at or now), now=now)
    kept = PromiseKept(promise=promise.uid, audience=promise.audience, what=promise.what, margin=promise.due_at - now)
    return Stepped(replace(promise, state=PromiseState.KEPT, settled_at=now), (kept,))


def release(promise: Promise, *, reason: str, now: datetime) -> Stepped:
    """No longer owed. One that is past due is broken, not released; a settled one stays as it is."""
    if promise.settled:
        return Stepped(promise)
    if now >= promise.due_at:
        return keep(promise, now=now)
    event = PromiseReleased(promise=promise.uid, audience=promise.audience, what=promise.what, reason=reason)
    return Stepped(replace(promise, state=PromiseState.RELEASED, settled_at=now), (event,))


def owner(promise: Promise, roles: Mapping[str, str]) -> str | None:
    """Who answers for the promise: the communications officer, else the track's lead, else the commander.

    `roles` maps role (`communications officer`, `business lead`, `technical lead`, `incident commander`) to a person.
    None: nobody holds any of them; page by the incident's escalation policy instead.
    """
    lead = "technical lead" if promise.audience == "technical" else "business lead"
    order = ("communications officer", lead, "incident commander")
    return next((roles[role] for role in order if roles.get(role)), None)


# --- after a publication -----------------------------------------------------------------------------------------

KEEPS: Final[Mapping[str, frozenset[What]]] = {
    "holding": frozenset({What.FIRST_WORD}),
    "first_word": frozenset({What.FIRST_WORD, What.NEXT_UPDATE}),
    "progress": frozenset({What.FIRST_WORD, What.NEXT_UPDATE}),
    "resolution": frozenset({What.FIRST_WORD, What.NEXT_UPDATE, What.RESOLUTION_WORD}),
    "review": frozenset({What.REVIEW}),
}
"""Which promises an update of this moment keeps."""

_ENDS: Final = frozenset({"resolution", "review"})


@dataclass(frozen=True, slots=True)
class Settled(Decision[tuple[Promise, ...]]):
    """Every promise that changed or is new, and what the owners of those found broken must be told."""

    tells: tuple[TellOwner, ...] = ()


def after_publication(
    promises: Iterable[Promise],
    *,
    incident: str,
    audiences: Collection[str],
    moment: str,
    severity: int,
    next_update_at: datetime | None,
    uids: Iterator[str],
    now: datetime,
) -> Settled:
    """An update of `moment` went out to `audiences`: keep what it keeps and promise the next one.

    The next update's time announced in the text is the new promise's due time; otherwise the cadence says. After the
    resolution or the review no next update is owed unless the text announces one.
    """
    awaited = [promise for promise in promises if promise.audience in audiences and not promise.settled]
    kept = [keep(promise, now=now) for promise in awaited if promise.what in KEEPS[moment]]
    have = _awaiting((p for p in awaited if p.what not in KEEPS[moment]), What.NEXT_UPDATE)
    made = []
    for audience in sorted(set(audiences) - have):
        due_at = next_update_at or _next_due(severity, audience, moment=moment, now=now)
        if due_at is not None:
            made.append(_next_update(next(uids), incident, audience, due_at, said=next_update_at is not None, now=now))
    states = (*(decision.state for decision in kept), *(decision.state for decision in made))
    events = [event for decision in (*kept, *made) for event in decision.events]
    return Settled(states, tuple(events), tuple(decision.tell for decision in kept if decision.tell))


def quicken(
    promises: Iterable[Promise], *, severity: int, holding: Collection[str], uids: Iterator[str], now: datetime
) -> Decision[tuple[Promise, ...]]:
    """The severity rose: word comes sooner. A promise that the new cadence would set earlier is replaced by that one.

    A fall in severity moves nothing: what was said stays said. The state holds every promise that changed or is new.
    """
    states: list[Promise] = []
    events: list[Event] = []
    for promise in promises:
        sooner = _sooner(promise, severity, holding=promise.audience in holding, now=now)
        if sooner is None:
            continue
        reason = f"SEV{severity} asks for it sooner."
        old = release(promise, reason=reason, now=now)
        new = make(
            uid=next(uids),
            incident=promise.incident,
            audience=promise.audience,
            what=promise.what,
            due_at=sooner,
            reason=reason,
            now=now,
        )
        states += [old.state, new.state]
        events += [*old.events, *new.events]
    return Decision(tuple(states), tuple(events))


def unsettled(promises: Iterable[Promise]) -> tuple[str, ...]:
    """The promises that keep an incident from being closed, as sentences. The review's outlives the closing."""
    return tuple(p.sentence for p in promises if not p.settled and p.what is not What.REVIEW)


def _sooner(promise: Promise, severity: int, *, holding: bool, now: datetime) -> datetime | None:
    pace = cadence(severity, promise.audience, holding=holding)
    if promise.settled or pace is None or promise.what not in {What.FIRST_WORD, What.NEXT_UPDATE}:
        return None
    wait = pace.first_word if promise.what is What.FIRST_WORD else pace.then_every
    return now + wait if wait is not None and now + wait < promise.due_at else None


def _next_due(severity: int, audience: str, *, moment: str, now: datetime) -> datetime | None:
    pace = cadence(severity, audience)
    if moment in _ENDS or pace is None or pace.then_every is None:
        return None
    return now + pace.then_every


def _next_update(
    uid: str, incident: str, audience: str, due_at: datetime, *, said: bool, now: datetime
) -> Decision[Promise]:
    reason = "The text announces it." if said else "The next update by the cadence."
    return make(
        uid=uid, incident=incident, audience=audience, what=What.NEXT_UPDATE, due_at=due_at, reason=reason, now=now
    )


def _awaiting(promises: Iterable[Promise], what: What) -> set[str]:
    """The audiences that have an open promise of this already: one at a time."""
    return {promise.audience for promise in promises if promise.what is what and not promise.settled}


def _joined(made: Iterable[Decision[Promise]]) -> Decision[tuple[Promise, ...]]:
    decisions = tuple(made)
    return Decision(tuple(d.state for d in decisions), tuple(event for d in decisions for event in d.events))
