"""Calls to the largest accounts: whom, by when, what came of each try, and who hears that one is late. Pure.

From SEV3 up, while the business track is open, the largest accounts that are hit get a call; who was told by one that
it is open is told by one that it is over. A call that was tried in vain is tried again.

Sources: DOMAIN §8.2 (measures), RELIABILITY I29 (told open is told closed; the owner is warned before and at the time).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import CallEnded, CallGiven, CallOverdue, CallOwed, CallTried, CallWarned, Event
from antiphon.core.promises import WARN_BEFORE
from antiphon.core.tracks import DEFAULT_TASKS

TASK: Final = "call_largest"
"""The measure of the business track that these calls fulfil."""
LONGEST_NOTE: Final = 500
TRY_AGAIN: Final = timedelta(minutes=15)
AT_MOST: Final = 100
"""Calls that one incident makes, however many accounts are strategic."""
USUAL: Final = 10


class About(StrEnum):
    """What the account is told: that it is open, or that it is over."""

    OPENING = "opening"
    CLOSING = "closing"


class CallState(StrEnum):
    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"
    VOID = "void"


class Outcome(StrEnum):
    """What came of a try. `asks`: reached, and they ask for something that is noted."""

    REACHED = "reached"
    ASKS = "asks"
    MESSAGE = "message"
    NOT_REACHED = "not_reached"


SPOKEN: Final = frozenset({Outcome.REACHED, Outcome.ASKS})
"""Somebody at the account heard it in person: the call is done."""
HEARD: Final = SPOKEN | {Outcome.MESSAGE}
"""They know of it, and so must hear that it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer that is hit. `contracts`: how many over what is hit; `person`: the uid of its account manager."""

    name: str
    title: str
    strategic: bool = False
    revenue_per_minute: float | None = None
    contracts: int = 0
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that an account is owed. `owner` is a person's uid; `outcome` the most that any try came to."""

    uid: str
    customer: str
    title: str
    about: About
    made_at: datetime
    due_at: datetime
    owner: str = ""
    practice: bool = False
    state: CallState = CallState.OPEN
    outcome: str = ""
    reason: str = ""
    warned_at: datetime | None = None
    overdue_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state is CallState.OPEN

    @property
    def heard(self) -> bool:
        """Somebody there knows of it by this call, in person or by a message."""
        return self.outcome in HEARD

    @property
    def warn_at(self) -> datetime:
        """5 minutes before it is due, or halfway when all of it is shorter than 10, as of promises."""
        whole = max(self.due_at - self.made_at, timedelta())
        return self.due_at - min(WARN_BEFORE, whole / 2)

    @property
    def wake_at(self) -> datetime | None:
        if not self.open or self.overdue_at is not None:
            return None
        return self.warn_at if self.warned_at is None else self.due_at


# --- whom to call ------------------------------------------------------------------------------------------------


def within(severity: int) -> timedelta | None:
    """How soon the largest accounts are called at this severity, by the measure of the track; None: not at all."""
    minutes = next(task.within for task in DEFAULT_TASKS if task.key == TASK).get(severity)
    return None if minutes is None else timedelta(minutes=minutes)


def largest(accounts: Iterable[Account], most: int = USUAL) -> tuple[Account, ...]:
    """Every strategic account, and of the others those with the most revenue, then the most contracts, so that there
    are `most` in all. An account of which neither revenue nor a contract is known is no large one."""
    ranked = sorted(
        accounts, key=lambda each: (not each.strategic, -(each.revenue_per_minute or 0), -each.contracts, each.name)
    )
    strategic = [each for each in ranked if each.strategic]
    others = [each for each in ranked if not each.strategic and (each.revenue_per_minute or each.contracts)]
    return (*strategic, *others[: max(most - len(strategic), 0)])[:AT_MOST]


def owe(
    existing: Iterable[Call],
    accounts: Iterable[Account],
    *,
    severity: int,
    owner_of: Callable[[Account], str],
    practice: bool,
    uids: Iterator[str],
    now: datetime,
) -> Decision[tuple[Call, ...]]:
    """A call to each of the accounts that has none of this opening yet; the state holds the new calls only.

    One whose call was waived is not called. After a reopening, who was told that it was over is called anew.
    """
    wait, there = within(severity), set(_newest(existing, besides=CallState.VOID, about=About.OPENING))
    if wait is None:
        return Decision(())
    made = tuple(
        Call(
            uid=next(uids),
            customer=each.name,
            title=each.title,
            about=About.OPENING,
            made_at=now,
            due_at=now + wait,
            owner=owner_of(each),
            practice=practice,
        )
        for each in accounts
        if each.name not in there
    )
    return Decision(made, tuple(_owed(each) for each in made))


def after_resolution(
    existing: Iterable[Call], *, severity: int, uids: Iterator[str], now: datetime
) -> Decision[tuple[Call, ...]]:
    """It is over: calls that told nobody yet are owed no more, and who heard that it is open is owed a closing call.

    The state holds every call that changed or is new.
    """
    calls = tuple(existing)
    changed, events = list[Call](), list[Event]()
    for each in calls:
        if each.open and each.about is About.OPENING:
            ended = end(each, CallState.VOID if not each.heard else CallState.DONE, "It is over.", now=now)
            changed.append(ended.state)
            events += ended.events
    told = _newest(calls, besides=CallState.VOID, about=About.OPENING)
    for name, call in told.items():
        if not call.heard:
            continue
        made = Call(
            uid=next(uids),
            customer=name,
            title=call.title,
            about=About.CLOSING,
            made_at=now,
            due_at=now + (within(severity) or timedelta(hours=1)),
            owner=call.owner,
            practice=call.practice,
        )
        changed.append(made)
        events.append(_owed(made, "they were called when it opened"))
    return Decision(tuple(changed), tuple(events))


def void_all(
    existing: Iterable[Call], reason: str, *, about: Collection[About] = tuple(About), now: datetime
) -> Decision[tuple[Call, ...]]:
    """Open calls of these kinds are owed no more: it was cancelled or merged, or (closing ones) is back again."""
    ended = [end(each, CallState.VOID, reason, now=now) for each in existing if each.open and each.about in about]
    return Decision(tuple(each.state for each in ended), tuple(event for each in ended for event in each.events))


# --- what people do ----------------------------------------------------------------------------------------------


def tried(call: Call, outcome: str, note: str, *, by: str, now: datetime) -> Decision[Call] | Refusal:
    """Somebody (`by`, a person's uid) rang them up. Who was not spoken to is tried again in a quarter of an hour."""
    if outcome not in tuple(Outcome):
        return Refusal("Say what came of it: reached, asks for something, a message left, or not reached.", "outcome")
    words = " ".join(note.split())
    if len(words) > LONGEST_NOTE:
        return Refusal(f"The note has {len(words)} characters, more than {LONGEST_NOTE}: shorten it.", "note")
    if outcome == Outcome.ASKS and not words:
        return Refusal("Write down what they ask for.", "note")
    if not call.open:
        return Refusal(f"The call is {call.state} already: reload the page to see what came of it.", "call")
    event = CallTried(call=call.uid, customer=call.title, outcome=outcome)
    found = replace(call, outcome=_most(call.outcome, outcome), owner=call.owner or by)
    if outcome in SPOKEN:
        return Decision(replace(found, state=CallState.DONE, settled_at=now), (event,))
    again = replace(found, due_at=now + TRY_AGAIN, made_at=now, warned_at=None, overdue_at=None)
    return Decision(again if call.due_at < again.due_at else found, (event,))


def give(call: Call, person: str) -> Decision[Call] | Refusal:
    """Somebody (uid) takes it over. The owner already: nothing happens."""
    if not call.open:
        return Refusal(f"The call is {call.state} already: nobody has to make it.", "call")
    if call.owner == person:
        return Decision(call)
    return Decision(replace(call, owner=person), (CallGiven(call=call.uid, customer=call.title, person=person),))


def waive(call: Call, reason: str, *, now: datetime) -> Decision[Call] | Refusal:
    """A person lets it go, with the reason: they asked not to be called, or were told in person otherwise."""
    if not reason.strip():
        return Refusal("Say why they are not called; the reason stands on the record.", "reason")
    if not call.open:
        return Refusal(f"The call is {call.state} already.", "call")
    return end(call, CallState.WAIVED, reason.strip()[:300], now=now)


def end(call: Call, state: CallState, reason: str, *, now: datetime) -> Decision[Call]:
    """The call is owed no more."""
    ended = replace(call, state=state, reason=reason, settled_at=now)
    return Decision(ended, (CallEnded(call=call.uid, customer=call.title, state=state, reason=reason),))


# --- as time goes by ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stepped(Decision[Call]):
    """A decision on a call. `tell`: its owner is told what the event says; `late`: by every means they have."""

    tell: str = ""
    late: bool = False


def step(call: Call, *, now: datetime) -> Stepped:
    """Warn its owner before it is due, and once more when it is. A late call stays to be made."""
    if call.wake_at is None or now < call.wake_at:
        return Stepped(call)
    if now < call.due_at:
        warned = CallWarned(call=call.uid, customer=call.title, due_at=call.due_at)
        return Stepped(replace(call, warned_at=now), (warned,), warned.sentence())
    late = CallOverdue(call=call.uid, customer=call.title, due_at=call.due_at)
    after = replace(call, warned_at=call.warned_at or now, overdue_at=now)
    return Stepped(after, (late,), late.sentence(), late=True)


def still_owed(calls: Iterable[Call]) -> tuple[str, ...]:
    """What keeps the incident from being closed: whoever was called and does not know yet that it is over."""
    return tuple(each.title for each in calls if each.open and each.about is About.CLOSING)


def all_made(calls: Iterable[Call]) -> bool:
    """There were calls to make, and none is left."""
    found = tuple(calls)
    return bool(found) and not any(each.open for each in found)


# --- small parts -------------------------------------------------------------------------------------------------


def _newest(calls: Iterable[Call], *, besides: CallState | None = None, about: About | None = None) -> dict[str, Call]:
    """Each account's last call in the order given, when it is about that; those in the state `besides` left out."""
    last = {each.customer: each for each in calls if each.state is not besides}
    return {name: each for name, each in last.items() if about is None or each.about is about}


def _owed(call: Call, why: str = "") -> CallOwed:
    return CallOwed(call=call.uid, customer=call.title, about=call.about, due_at=call.due_at, why=why)


_RANK: Final = ("", Outcome.NOT_REACHED, Outcome.MESSAGE, Outcome.REACHED, Outcome.ASKS)


def _most(before: str, after: str) -> str:
    return max(before, after, key=_RANK.index)
