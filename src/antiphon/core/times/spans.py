"""Stretches that count from the moment of writing: “in 30 minutes”, “within the next hour”, “hourly”."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

_NUMBERS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
        "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45,
        "forty five": 45, "sixty": 60, "ninety": 90, "half an": 0.5, "half a": 0.5, "half": 0.5,
        "quarter of an": 0.25, "a quarter of an": 0.25, "three quarters of an": 0.75, "the next": 1, "another": 1,
    }
)  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:\.\d{1,2})?|" + "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True)) + ")"
_UNIT = r"(?:minutes?|mins?|m|hours?|hrs?|h|days?|weeks?)"
_SPAN: Final = re.compile(
    r"(?:\b(?P<lead>in|within|every|after|for)\s+|(?<=\bupdate)\s?(?P<bare>[:(–-])\s?)"
    r"(?:the\s+next\s+|another\s+|(?:about|around|approximately|roughly|up\s+to|at\s+most|less\s+than)\s+|[~≤<]\s?"
    r"|no\s+(?:more|later)\s+than\s+)*"
    rf"(?P<n>{_NUMBER})(?:\s?(?:-|–|to|or)\s?(?P<to>{_NUMBER}))?[\s-]?(?P<unit>{_UNIT})\b"
    rf"(?:\s?(?:and\s+)?(?P<more>\d{{1,2}})(?:\s?(?:minutes?|mins?|m)\b)|(?P<half>\s+and\s+a\s+half\b))?",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(
    r"\b(?:in|within)\s+(?P<hours>\d{1,2})(?:\s?h\s?(?P<minutes>[0-5]\d)\b|:(?P<also>[0-5]\d)\s?(?:h|hrs?|hours?)\b)",
    re.IGNORECASE,
)
_FROM_NOW: Final = re.compile(
    rf"\b(?P<n>{_NUMBER})[\s-]?(?P<unit>{_UNIT})\s+from\s+now\b"
    r"|\b(?P<half>half[- ]hourly|every\s+half[- ](?:an\s+)?hour)\b"
    r"|\b(?P<each>hourly|(?:every|each)\s+hour|once\s+(?:an|per|every)\s+hour|on\s+an\s+hourly\s+basis)\b",
    re.IGNORECASE,
)
_ZAHLEN: Final[Mapping[str, float]] = MappingProxyType(
    {
        "einer halben": 0.5, "einer dreiviertel": 0.75, "anderthalb": 1.5, "eineinhalb": 1.5, "einer": 1, "einem": 1,
        "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "zehn": 10, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20,
        "dreißig": 30, "fünfundvierzig": 45, "sechzig": 60, "neunzig": 90,
    }
)  # fmt: skip
_ZAHL = r"(?:\d{1,3}(?:[.,]\d{1,2})?|" + "|".join(sorted(map(re.escape, _ZAHLEN), key=len, reverse=True)) + ")"
_GERMAN: Final = re.compile(
    r"\b(?:in|innerhalb(?:\s+von)?|binnen|alle)\s+(?:(?:etwa|ungefähr|ca\.|rund|spätestens)\s+)?"
    r"(?P<coming>(?:den|der)\s+(?:nächsten|kommenden)\s+)?"
    rf"(?:(?P<n>{_ZAHL})(?:\s?(?:-|–|bis)\s?(?P<to>{_ZAHL}))?\s?|(?(coming)|(?!)))"
    r"(?P<unit>Minuten?|Min\b\.?|Stunden?|Std\b\.?|Tag(?:en?)?|Wochen?)(?!\w)"
    r"|\b(?P<each>(?P<half>halb)?stündlich)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text that names a length of time. `ranged`: two lengths are named, and this is the later one."""

    start: int
    end: int
    length: timedelta
    ranged: bool = False


def spans(text: str) -> Iterator[Span]:
    """Every length that counts from now; “for 30 minutes” does not."""
    yield from _german(text)
    for match in _FROM_NOW.finditer(text):
        yield Span(*match.span(), _from_now(match))
    for match in _SHORT.finditer(text):
        yield Span(*match.span(), timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or match["also"])))
    for match in _SPAN.finditer(text):
        if (match["lead"] or "").lower() == "for":
            continue
        length = _length(match["to"] or match["n"], match["unit"]) + timedelta(minutes=int(match["more"] or 0))
        if match["half"]:
            length += _length("half", match["unit"])
        yield Span(match.start("n") if match["bare"] else match.start(), match.end(), length, bool(match["to"]))


def _german(text: str) -> Iterator[Span]:
    for match in _GERMAN.finditer(text):
        if match["each"]:
            yield Span(*match.span(), timedelta(minutes=30 if match["half"] else 60))
            continue
        said = " ".join((match["to"] or match["n"] or "einer").lower().split())
        count = _ZAHLEN[said] if said in _ZAHLEN else float(said.replace(",", "."))
        minutes = {"m": 1, "s": 60, "t": 24 * 60, "w": 7 * 24 * 60}[match["unit"][0].lower()]
        yield Span(*match.span(), timedelta(minutes=count * minutes), bool(match["to"]))


def _from_now(match: re.Match[str]) -> timedelta:
    if match["each"] or match["half"]:
        return timedelta(hours=1) if match["each"] else timedelta(minutes=30)
    return _length(match["n"], match["unit"])


def _length(number: str, unit: str) -> timedelta:
    words = " ".join(number.lower().split())
    count = _NUMBERS[words] if words in _NUMBERS else float(words)
    minutes = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}[unit[0].lower()]
    return timedelta(minutes=count * minutes)
