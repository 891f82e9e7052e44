"""How well people were told: promises kept, how soon the first word came, who was told before they had to ask. Pure.

Each figure says what it is counted over, so that two of one name can be compared. Source: DOMAIN §12.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

DEFINITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "promises": "Of the promises that came due, those that were kept; what was released was not owed. "
        "From the ledger of promises.",
        "channels": "Of the kept promises, those of which the last message by this channel had left before they were "
        "due. From the outcomes of the messages.",
        "first_word": "From the promise of a first word to the first text for that audience; in time when the promise "
        "was kept. From the ledger and the published texts.",
        "approval": "From the last change of a text's words to the approval of exactly these. Standing approvals and "
        "holding messages wait for nobody and are not counted.",
        "told_before": "Of the customers who were told of an incident or told us of it, those whose first message had "
        "left before their first report or ticket since it was detected; who never asked was told before. From the "
        "outcomes of the messages, stated reports and imported tickets.",
        "stranded": "Audiences that the auditor found left waiting; there should be none.",
    }
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises to one audience, or what of them went by one channel."""

    audience: str
    kept: int
    broken: int
    channel: str = ""

    @property
    def total(self) -> int:
        """What it is counted over."""
        return self.kept + self.broken

    @property
    def share(self) -> float | None:
        """Kept of all, from 0 to 1; None when none came due."""
        return self.kept / self.total if self.total else None

    @property
    def percent(self) -> int:
        """The same in whole percent, 0 when none came due."""
        return round(100 * (self.share or 0))


@dataclass(frozen=True, slots=True)
class Spans:
    """So many spans, with their median and the one that nine of ten stay within; None when there is none."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True)
class FirstWords:
    """First words to one audience: how many were owed, how many came in time, and how long they took."""

    audience: str
    owed: int
    in_time: int
    took: Spans
    promised: timedelta | None


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """Customers who were told before they told us, of all who were told or told us; `late` are the others, by name."""

    before: int
    total: int
    late: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """From 0 to 1; None when nobody was told and nobody told us."""
        return self.before / self.total if self.total else None


def spans(found: Iterable[timedelta]) -> Spans:
    """Median and nine of ten, each a span that really was."""
    ordered = sorted(found)
    if not ordered:
        return Spans(0, None, None)
    return Spans(len(ordered), _at(ordered, 0.5), _at(ordered, 0.9))


def _at(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def told_before(first_word: Mapping[str, datetime], first_report: Mapping[str, datetime]) -> ToldBefore:
    """Both by the customer's name: when their first message had left, and when they first told us."""
    customers = {*first_word, *first_report}
    late = sorted(
        name
        for name in customers
        if name in first_report and not (name in first_word and first_word[name] < first_report[name])
    )
    return ToldBefore(len(customers) - len(late), len(customers), tuple(late))


def together(found: Iterable[ToldBefore]) -> ToldBefore:
    """Several incidents' figures as one."""
    known = tuple(found)
    return ToldBefore(sum(one.before for one in known), sum(one.total for one in known))
