"""Which version suits a customer's contact, by the words of their tickets: a suggestion, until a person confirms it.

A ticket gives evidence for every signal whose words are in it. A side's points are the weights of its evidence, each
signal counted for at most three tickets; its score is points / (points of both sides + 1), between 0 and 1. More
evidence for a side never lowers its score, and the order of the tickets does not matter. Source: DOMAIN §8.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import Final

from antiphon.core.audiences import Segment
from antiphon.core.segments.signals import BUSINESS, DEFAULTS, HEAVIEST, SIDES, TECHNICAL, Signal, check, difference
from antiphon.core.segments.signals import signals as signals
from antiphon.core.segments.words import LONGEST_TEXT, Hit, hits, readable
from antiphon.core.sources.origins import PERSON

__all__ = [
    "BUSINESS",
    "DEFAULTS",
    "HEAVIEST",
    "KEPT_BETWEEN",
    "LONGEST_TEXT",
    "SIDES",
    "TECHNICAL",
    "Evidence",
    "Piece",
    "Signal",
    "Suggestion",
    "SuggestionState",
    "check",
    "difference",
    "kept",
    "marked",
    "points",
    "read",
    "score",
    "settle",
    "signals",
    "suggest",
]

MOST_TICKETS_COUNTED: Final = 3
"""Tickets for which one signal counts: who asks the same ten times is not ten times as technical."""
LEAST_POINTS: Final = 3.0
MARGIN: Final = 0.25
"""By how much the score of the suggested side must lead."""
WORDS_SHOWN: Final = 5
KEPT_BETWEEN: Final = "\n·\n"
"""Stands between the words that are kept of a ticket, so that no two of them read as one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal in one ticket: the words as they stood there, and what the signal weighs."""

    signal: str
    words: tuple[str, ...]
    weight: float
    ticket: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A segment with its score (0 to 1) and all the evidence there is for it."""

    segment: str
    score: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and what the words in it are a sign of (none: nothing was found in it)."""

    text: str
    signals: tuple[Signal, ...] = ()


class SuggestionState:
    """What became of a suggestion."""

    OPEN: Final = "open"
    CONFIRMED: Final = "confirmed"
    DISMISSED: Final = "dismissed"


def read(text: str, known: Iterable[Signal], *, ticket: str = "") -> tuple[Evidence, ...]:
    """What a ticket's text gives evidence of; `ticket` is how it is referred to. A bounded part of it is read."""
    part, found = readable(text), []
    for signal in known:
        words = tuple(dict.fromkeys(hit.word for hit in hits(signal.words, part)))
        if signal.weight and len(words) >= signal.least:
            found.append(Evidence(signal.name, words[: max(WORDS_SHOWN, signal.least)], signal.weight, ticket))
    return tuple(found)


def kept(evidence: Iterable[Evidence]) -> str:
    """All that is kept of a ticket: the words that were found. Read again, it gives the same evidence."""
    return KEPT_BETWEEN.join(dict.fromkeys(word for each in evidence for word in each.words))


def points(evidence: Iterable[Evidence], known: Iterable[Signal]) -> Mapping[str, float]:
    """The points of each side: a signal's weight for each ticket that it is in, at most three."""
    tickets: dict[str, dict[str, float]] = {}
    for each in evidence:
        tickets.setdefault(each.signal, {})[each.ticket] = each.weight
    counted: dict[str, list[float]] = {side: [] for side in SIDES}
    for signal in known:
        heaviest = sorted(tickets.get(signal.name, {}).values(), reverse=True)
        counted[signal.side] += heaviest[:MOST_TICKETS_COUNTED]
    return {side: fsum(weights) for side, weights in counted.items()}


def score(evidence: Iterable[Evidence], known: Iterable[Signal]) -> Mapping[str, float]:
    """The score of each side, from 0 to under 1."""
    of = points(evidence, known)
    whole = fsum(of.values()) + 1
    return {side: of[side] / whole for side in SIDES}


def suggest(evidence: Iterable[Evidence], known: Iterable[Signal]) -> Suggestion | None:
    """The segment that the evidence speaks for, if it is enough and leads clearly; else None."""
    signals, found = tuple(known), tuple(evidence)
    of, scores = points(found, signals), score(found, signals)
    first, second = sorted(SIDES, key=lambda side: -scores[side])
    if of[first] < LEAST_POINTS or scores[first] - scores[second] < MARGIN:
        return None
    order = {signal.name: place for place, signal in enumerate(signals) if signal.side == first}
    speaking = sorted((each for each in found if each.signal in order), key=lambda e: (order[e.signal], e.ticket))
    return Suggestion(first, scores[first], tuple(speaking))


def settle(*, segment: str, origin: str, suggested: str, state: str, before: str) -> str:
    """The state in which a suggestion stands beside a contact's segment, or empty where none is to stand.

    `origin`: who set the segment; `before`: what was suggested until now ("" when nothing), with its `state`. A
    person's tag is not questioned, and what a person dismissed stays dismissed until other words say otherwise.
    """
    if not suggested or suggested == segment:
        return SuggestionState.CONFIRMED if suggested and state == SuggestionState.CONFIRMED else ""
    if origin.startswith(PERSON) and segment != Segment.UNTAGGED:
        return state if state != SuggestionState.OPEN and before == suggested else ""
    if before == suggested and state == SuggestionState.DISMISSED:
        return SuggestionState.DISMISSED
    return SuggestionState.OPEN


def marked(text: str, known: Iterable[Signal]) -> tuple[Piece, ...]:
    """The part of a text that is read, cut where a signal's words stand in it."""
    part = readable(text)
    found = [(hit, signal) for signal in known if signal.weight for hit in hits(signal.words, part)]
    edges = sorted({0, len(part), *(edge for hit, _ in found for edge in (hit.start, hit.end))})
    return tuple(
        Piece(part[start:end], tuple(dict.fromkeys(signal for hit, signal in found if _over(hit, start, end))))
        for start, end in pairwise(edges)
    )


def _over(hit: Hit, start: int, end: int) -> bool:
    return hit.start <= start and end <= hit.end
