"""Promises that no text of the incident made: by word of mouth, or by another incident that was merged into it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.audiences import Audience
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import Event
from antiphon.core.promises import Promise, What, make, release

FARTHEST: Final = timedelta(days=30)
"""What is promised for later than this is a slip of the pen."""


def pass_on(
    passed: Iterable[Promise],
    existing: Iterable[Promise],
    *,
    incident: str,
    reason: str,
    uids: Iterator[str],
    now: datetime,
) -> Decision[tuple[Promise, ...]]:
    """What another incident owed that was merged into this one: each audience hears again by the earlier of both times.

    The state holds every promise that changed or is new.
    """
    words = {What.FIRST_WORD, What.NEXT_UPDATE}
    own = {each.audience: each for each in existing if not each.settled and each.what in words}
    states: list[Promise] = []
    events: list[Event] = []
    for each in sorted(passed, key=lambda promise: promise.due_at):
        mine = own.get(each.audience)
        if each.settled or each.what not in words or each.due_at <= now or (mine and mine.due_at <= each.due_at):
            continue
        what, due_at = mine.what if mine else each.what, each.due_at
        new = make(
            uid=next(uids), incident=incident, audience=each.audience, what=what, due_at=due_at, reason=reason, now=now
        )
        own[each.audience] = new.state
        for decision in (release(mine, reason=reason, now=now), new) if mine else (new,):
            states.append(decision.state)
            events += decision.events
    return Decision(tuple(states), tuple(events))


def given(
    existing: Iterable[Promise],
    audience: str,
    due_at: datetime,
    *,
    incident: str,
    reason: str,
    uids: Iterator[str],
    now: datetime,
) -> Decision[tuple[Promise, ...]] | Refusal:
    """A next update promised by word of mouth; it may bring the one that is owed forward, never delay it."""
    readers = [each for each in Audience if each is not Audience.RESPONDERS]
    if audience not in readers:
        return Refusal(f"Nobody is promised word as “{audience}”; choose {', '.join(readers)}.", "audience")
    if due_at <= now:
        return Refusal(f"{due_at:%Y-%m-%d %H:%M} UTC is past: say when they really hear again.", "due_at")
    if due_at > now + FARTHEST:
        return Refusal("A next update more than 30 days ahead is none: name an earlier day.", "due_at")
    known = tuple(existing)
    wanted = Promise(uid="", incident=incident, audience=audience, what=What.NEXT_UPDATE, made_at=now, due_at=due_at)
    said = pass_on((wanted,), known, incident=incident, reason=reason.strip() or "Said so.", uids=uids, now=now)
    if not said.state:
        return Refusal(f"They are promised word sooner already; the ledger of {audience} says when.", "due_at")
    return said
