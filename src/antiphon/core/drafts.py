"""Drafts that the program makes by itself, so that a text lies ready before it is due.

Never published by itself, and never in the way of people: a text that somebody wrote, edited or approved is theirs. One
draft at a time, for everybody whose word comes due; it follows the facts as long as nobody touched it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.audiences import Moment
from antiphon.core.promises import Promise, What


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An update that is not sent yet, nor older than what was sent last. `ours`: the program made it and no person has
    edited or approved a word."""

    uid: str
    moment: Moment
    audiences: frozenset[str]
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with the drafts of an incident. No `audiences`: none is made. `again`: the update (uid) that is made
    anew rather than another one. `due_at`: when the first of the promises is due that it is for."""

    moment: Moment
    audiences: frozenset[str] = frozenset()
    again: str = ""
    away: tuple[str, ...] = ()
    due_at: datetime | None = None


def plan(promises: Iterable[Promise], updates: Collection[Open], *, told: bool, resolved: bool, now: datetime) -> Plan:
    """The draft for everybody whose word is due soon. `told`: anybody was told anything yet.

    While a person writes one of this moment, none is made beside it: they choose whom it is for. Drafts of the program
    that this one does not take up are put away: what they were for was sent, or is owed no more.
    """
    soon = [p for p in promises if not p.settled and (p.prepared_at or (p.prepare_at and p.prepare_at <= now))]
    if resolved:
        soon = [p for p in soon if p.what is What.RESOLUTION_WORD]
    moment = Moment.RESOLUTION if resolved else Moment.PROGRESS if told else Moment.FIRST_WORD
    theirs = any(each.moment is moment and not each.ours for each in updates)
    wanted = frozenset() if theirs else frozenset(p.audience for p in soon)
    ours = [each for each in updates if each.ours]
    again = next((each.uid for each in ours if each.moment is moment), "") if wanted else ""
    return Plan(
        moment=moment,
        audiences=wanted,
        again=again,
        away=tuple(each.uid for each in ours if each.uid != again),
        due_at=min((p.due_at for p in soon if p.audience in wanted), default=None),
    )
