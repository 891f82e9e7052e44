"""What the auditor holds against the tables every half minute, and what each finding says (RELIABILITY I37). Pure.

A finding names the place and what to do, and has a key by which it is known again. Grave ones are faults of the
program or leave somebody unpaged or stranded, of which nobody would hear: while one lasts the audit has not passed, and
people are told by a path of the auditor's own, since the usual one is what it doubts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.knowing import Hearing, Stage, left_waiting

EVERY_SECONDS: Final = 30.0
"""Real seconds between two audits."""
LATE: Final = timedelta(seconds=30)
"""A step or a page that is so late was forgotten: a restart takes less (RELIABILITY I9)."""
PAGE_LATE: Final = timedelta(minutes=1)
NOTICE_LATE: Final = timedelta(minutes=5)
MAIL_LATE: Final = timedelta(minutes=15)
"""How long a message may be due: customers' mail in thousands goes at the server's speed."""
WORK_LATE: Final = timedelta(minutes=1)
MOST: Final = 50
"""Findings of one rule that are told one by one."""


class Rule(StrEnum):
    OVERDUE_STEP = "overdue_step"
    PAGE_LOST = "page_lost"
    UNSENT_PAGE = "unsent_page"
    UNSENT = "unsent"
    STALE_CLAIM = "stale_claim"
    WITHOUT_OUTCOME = "without_outcome"
    UNDECIDED = "undecided"
    OVERDUE_WORK = "overdue_work"
    READERS_LOST = "readers_lost"
    UNAPPROVED = "unapproved"
    STRANDED = "stranded"
    UNKEPT = "unkept"
    UNREACHABLE = "unreachable"
    CONTRADICTING = "contradicting"


MINOR: Final = frozenset({Rule.UNKEPT, Rule.UNREACHABLE, Rule.CONTRADICTING})
"""People should look, and nothing of ours has failed: the audit passes with them. Who owes a promise was paged."""


@dataclass(frozen=True, slots=True)
class Place:
    """The incident that something belongs to: its uid, number and title, and the policy that pages for it."""

    uid: str
    number: int
    title: str
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`sentence` says what is wrong and where, `mend` what to do; `url` leads there."""

    rule: Rule
    key: str
    sentence: str
    mend: str
    url: str = ""
    place: Place | None = None

    @property
    def grave(self) -> bool:
        """The audit has not passed while it lasts, and people are paged for it by another path."""
        return self.rule not in MINOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that one of the rules found; `since`: when it came due, was sent or was taken in; `what` describes it in a
    few words, such as a channel or a table."""

    rule: Rule
    uid: str
    since: datetime
    what: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How an incident's audiences stand. `shown`: what the public page says of it, "" when it is not there;
    `unreached`: customers who are hit and have nobody that could be told; `disagree`: sentences on texts that
    contradict each other, each with a key."""

    place: Place
    stage: Stage
    severity: int
    hearings: tuple[Hearing, ...] = ()
    shown: str = ""
    unreached: tuple[str, ...] = ()
    disagree: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """All that one audit looked at. `more`: how many rows of a rule there are beyond those that are listed."""

    rows: tuple[Row, ...] = ()
    tellings: tuple[Telling, ...] = ()


def audit(seen: Seen, *, pace: float = 1.0, now: datetime) -> tuple[Finding, ...]:
    """Everything that ought not to be, the gravest first. `pace`: how fast the clock runs beside real time."""
    found = [_of_row(row) for row in seen.rows]
    for telling in seen.tellings:
        found += _of_telling(telling, pace=pace, now=now)
    order = list(Rule)
    return tuple(sorted(found, key=lambda one: (order.index(one.rule), one.key)))


def calls(new: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """The findings that nobody would hear of otherwise, by the policy whose catch-all is told."""
    found: dict[str, list[Finding]] = {}
    for one in new:
        if one.grave:
            found.setdefault(one.place.policy if one.place else "", []).append(one)
    return {policy: tuple(ones) for policy, ones in found.items()}


# --- rows ----------------------------------------------------------------------------------------------------------

_ENGINE: Final = "Look whether an engine runs and what its log says; restart it."
_SENDER: Final = "Look at the channel's settings and the log; ring up who should have heard."
_WORDS: Final = {
    Rule.OVERDUE_STEP: (
        "The next step of paging{of} was due at {since} and was not taken.",
        "Call who is on call by hand. " + _ENGINE,
    ),
    Rule.PAGE_LOST: ("A page to {what}{of} was made at {since}, and no message of it exists.", _SENDER),
    Rule.UNSENT_PAGE: ("A page by {what}{of} was due at {since} and has not left.", _SENDER),
    Rule.UNSENT: ("{what} wait to be sent, the oldest since {since}.", _SENDER),
    Rule.STALE_CLAIM: ("{what} were claimed by a sender that is gone, the oldest due since {since}.", _ENGINE),
    Rule.WITHOUT_OUTCOME: (
        "A message by {what}{of} counts as sent, and no try says so.",
        "Ask whoever it was for whether they have it, and keep the answer as a note.",
    ),
    Rule.UNDECIDED: ("{what} wait to be looked at, the oldest since {since}.", _ENGINE),
    Rule.OVERDUE_WORK: ("{what} wait to be stepped, the oldest since {since}.", _ENGINE),
    Rule.READERS_LOST: (
        "The text of {since}{of} went to fewer readers than it was for {what}.",
        "Look at who knows what, and tell those who are missing.",
    ),
    Rule.UNAPPROVED: (
        "The text {what}{of} left the house, and it is not byte for byte what was approved.",
        "Read it now, correct it with an approved update, and find out who changed it.",
    ),
}


def _of_row(row: Row) -> Finding:
    sentence, mend = _WORDS[row.rule]
    of = f" of #{row.place.number} {row.place.title}" if row.place else ""
    said = sentence.format(of=of, since=f"{row.since:%H:%M:%S} UTC", what=row.what)
    return Finding(
        rule=row.rule,
        key=f"{row.rule}:{row.uid}",
        sentence=said[:1].upper() + said[1:],
        mend=mend,
        url=_url(row.rule, row.place),
        place=row.place,
    )


# --- tellings ------------------------------------------------------------------------------------------------------

_NO_CONTACT: Final = "Add a contact to the customer, or tell them in person and note it."
_TELL: Final = "Send that audience an update now, and promise the next."
_CORRECT: Final = "Find out which is right and send an update that corrects the other."


def _of_telling(telling: Telling, *, pace: float, now: datetime) -> Iterator[Finding]:
    others = any(each.told for each in telling.hearings)
    for each in telling.hearings:
        left = left_waiting(
            each, stage=telling.stage, severity=telling.severity, others_told=others, pace=pace, now=now
        )
        if left:
            rule = Rule.UNKEPT if left.unkept else Rule.STRANDED
            sentence = f"The {each.audience} audience{_of(telling)} {left.words}."
            yield _told(rule, each.audience, sentence, _TELL, telling)
    if telling.unreached:
        names = listed(telling.unreached)
        sentence = f"Hit by #{telling.place.number} {telling.place.title}, and nobody there can be told: {names}."
        yield _told(Rule.UNREACHABLE, "customers", sentence, _NO_CONTACT, telling)
    for key, sentence in telling.disagree:
        yield _told(Rule.CONTRADICTING, key, f"{sentence} (#{telling.place.number})", _CORRECT, telling)
    yield from _of_page(telling)


def _of_page(telling: Telling) -> Iterator[Finding]:
    """The public page against the incident. What lags behind until the next promised word is no contradiction."""
    owed = any(each.owed for each in telling.hearings if each.audience == "public")
    says_over, over = telling.shown in ("resolved", "postmortem"), telling.stage is not Stage.RUNNING
    if not telling.shown or says_over == over or (owed and telling.stage is not Stage.ENDED):
        return
    state = "is over" if over else "goes on"
    sentence = (
        f"The status page says “{telling.shown}” of #{telling.place.number} {telling.place.title}, which {state}."
    )
    yield _told(Rule.CONTRADICTING, "page", sentence, "Publish an update to the public audience.", telling)


def _told(rule: Rule, key: str, sentence: str, mend: str, telling: Telling) -> Finding:
    return Finding(
        rule=rule,
        key=f"{rule}:{telling.place.uid}:{key}"[:160],
        sentence=sentence,
        mend=mend,
        url=_url(rule, telling.place),
        place=telling.place,
    )


def _of(telling: Telling) -> str:
    return f" of #{telling.place.number} {telling.place.title}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many there are besides."""
    known = tuple(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


_PAGES: Final = {
    Rule.STRANDED: "/who-knows-what",
    Rule.UNKEPT: "/tell",
    Rule.UNREACHABLE: "/who-knows-what",
    Rule.READERS_LOST: "/who-knows-what",
    Rule.CONTRADICTING: "/tell",
    Rule.UNAPPROVED: "/tell",
}


def _url(rule: Rule, place: Place | None) -> str:
    return f"/incidents/{place.number}{_PAGES.get(rule, '')}" if place else ""
