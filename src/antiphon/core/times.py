"""Dates and times as people write them, read to the minute.

`read` finds every instant a text names: “14:30 UTC”, “2:30 pm CET”, “21 November 2026 at 14:30 (UTC+1)”, “tomorrow at
9 am Europe/Berlin”, “in 30 minutes”. What names a time but cannot be one (25:00, 30 February, a zone nobody knows) is
found as well, with what is wrong. “Soon” names no time and is not found here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Reading:
    """A place in a text that names an instant. `at` is aware UTC, or None where `problem` says why it is not one.

    `zone`: a zone was named with it; `relative`: it counts from the moment of writing (“in 30 minutes”).
    """

    start: int
    end: int
    at: datetime | None
    zone: bool = True
    relative: bool = False
    problem: str = ""


_FIXED: Final[Mapping[str, float]] = MappingProxyType(
    {
        "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
        "MSK": 3, "SAST": 2, "GST": 4, "PKT": 5, "IST": 5.5, "ICT": 7, "WIB": 7, "SGT": 8, "HKT": 8, "AWST": 8,
        "PHT": 8, "JST": 9, "KST": 9, "ACST": 9.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
        "BRT": -3, "ART": -3, "AST": -4, "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7,
        "PDT": -7, "PST": -8, "AKST": -9, "HST": -10,
    }
)  # fmt: skip
"""Hours east of UTC. Where letters mean several zones, the one of the larger number of readers."""

_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
        "EASTERN TIME": "America/New_York", "CENTRAL TIME": "America/Chicago", "MOUNTAIN TIME": "America/Denver",
        "PACIFIC TIME": "America/Los_Angeles", "CENTRAL EUROPEAN TIME": "Europe/Berlin",
    }
)  # fmt: skip

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_DATE = (
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?:{_WEEKDAY},?\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>\d{{4}}))?"
    rf"|(?:{_WEEKDAY},?\s+)?(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y2>\d{{4}}))?"
    r"|(?P<d3>\d{1,2})(?P<sep>[./])(?P<m3>\d{1,2})(?P=sep)(?P<y3>\d{4})"
    rf"|(?P<day>today|tonight|tomorrow|yesterday)|(?:next\s+)?(?P<week>{_WEEKDAY}))"
)
_OFFSET = r"[+\u2212-]\s?\d{1,2}(?::?\d{2})?"
_ZONE = (
    rf"\s?[(\[]?(?:(?P<utc>(?:UTC|GMT)\s?{_OFFSET})|(?P<offset>{_OFFSET}(?!\d))"
    r"|(?P<iana>[A-Z][A-Za-z]+/[A-Z][A-Za-z_-]+(?:/[A-Z][A-Za-z_]+)?)"
    r"|(?P<long>(?:Central European|Eastern|Central|Mountain|Pacific)\s+(?:[Ss]ummer\s+|[Ss]tandard\s+)?[Tt]ime)"
    r"|(?P<letters>Z|[A-Z]{1,4}T|UTC|utc|gmt|MSK|BST|WIB)(?![A-Za-z]))[)\]]?"
)
_CLOCK = re.compile(
    r"(?<![\d:.,/-])(?:(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?![\d:%])"
    r"|(?P<dot_hour>\d{1,2})\.(?P<dot_minute>\d{2})(?=\s?(?:[ap]\.?m\b|UTC\b|GMT\b|CES?T\b))"
    r"|(?P<mil>\d{4})(?=\s?(?:UTC|GMT|Z)\b)"
    r"|(?P<whole>\d{1,2})(?=\s?(?:[ap]\.?m\b|UTC\b|GMT\b))"
    r"|(?P<named>\b(?:noon|midday|midnight)\b))"
    rf"(?:\s?(?P<half>(?i:[ap]\.?m)\b\.?))?(?:{_ZONE})?"
)
_TO = re.compile(r"\s?(?:to|and|until|till|-|–)\s?")
_ISO = re.compile(
    r"(?<!\d)(?P<date>\d{4}-\d{2}-\d{2})T(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?\d{2}(?:\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?(?!\d)"
)
_BEFORE = re.compile(rf"(?<![\w-]){_DATE}(?:,?\s+(?:at|by|from|around|until|before|,|-|–)?\s*|,\s*)$", re.IGNORECASE)
_AFTER = re.compile(rf"\s*,?\s*(?:on\s+)?\(?{_DATE}(?![\w-])", re.IGNORECASE)

_NUMBERS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10,
        "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60,
        "ninety": 90, "half an": 0.5, "half a": 0.5, "quarter of an": 0.25, "a quarter of an": 0.25,
    }
)  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:\.\d{1,2})?|" + "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True)) + ")"
_SPAN = re.compile(
    r"\b(?P<lead>in|within|every|after|for)\s+(?:the\s+next\s+|another\s+|about\s+|around\s+|approximately\s+"
    r"|at\s+most\s+|no\s+(?:more|later)\s+than\s+)*"
    rf"(?P<n>{_NUMBER})(?:\s?(?:-|–|to|or)\s?(?P<to>{_NUMBER}))?[\s-]?(?P<unit>minutes?|mins?|m|hours?|hrs?|h|days?)\b"
    rf"(?:\s+(?:and\s+)?(?P<more>\d{{1,2}})\s?(?:minutes?|mins?)\b|(?P<half>\s+and\s+a\s+half\b))?",
    re.IGNORECASE,
)
_FROM_NOW = re.compile(
    rf"\b(?P<n>{_NUMBER})[\s-]?(?P<unit>minutes?|mins?|m|hours?|hrs?|h)\s+from\s+now\b|\b(?P<each>hourly)\b",
    re.IGNORECASE,
)
_HALF_DAY: Final = timedelta(hours=12)


def read(text: str, *, at: datetime, zone: str = "UTC", ahead: bool = False) -> tuple[Reading, ...]:
    """Every instant that the text names, in its order. `at` is when the text is written (aware UTC).

    zone    IANA name of the zone meant where the text names none
    ahead   a time of day without a date lies ahead unless its hour has just passed, as in “next update at 14:30”;
            otherwise it is the nearest one, as in “since 23:50”
    """
    found = [*_isos(text, at, zone), *_clocks(text, at, zone, ahead=ahead), *_spans(text, at)]
    found.sort(key=lambda reading: (reading.start, -reading.end))
    kept: list[Reading] = []
    for reading in found:
        if not kept or reading.start >= kept[-1].end:
            kept.append(reading)
    return tuple(kept)


def zone_offset(letters: str) -> timedelta | None:
    """How far east of UTC letters such as CET are read, or None where they are not read as a zone."""
    return timedelta(hours=_FIXED[letters]) if letters in _FIXED else None


def _isos(text: str, at: datetime, zone: str) -> Iterator[Reading]:
    for match in _ISO.finditer(text):
        said = match["zone"]
        place = _offset(said) if said and said != "Z" else UTC if said else _place(zone)
        minutes = int(match["hour"]) * 60 + int(match["minute"])
        day = _iso_date(match["date"])
        yield _reading(match.start(), match.end(), day, minutes, place, zone=bool(said))


def _clocks(text: str, at: datetime, zone: str, *, ahead: bool) -> Iterator[Reading]:
    for match in _CLOCK.finditer(text):
        start, end = match.span()
        before = _BEFORE.search(text, max(0, start - 45), start)
        after = None if before else _AFTER.match(text, end, min(len(text), end + 45))
        start, end = (before.start() if before else start), (after.end() if after else end)
        zoned = _zoned(match, text)
        minutes, place, said = _minutes(match), _zone(zoned or match, zone), zoned is not None
        if place is None:
            yield Reading(start, end, None, problem="names a zone we do not know")
        elif minutes is None:
            yield Reading(start, end, None, problem="names a time of day that does not exist")
        elif dated := before or after:
            yield _reading(start, end, _day(dated, at, place), minutes, place, zone=said)
        else:
            yield _reading(start, end, _nearest(minutes, at, place, ahead=ahead), minutes, place, zone=said)


def _zoned(match: re.Match[str], text: str) -> re.Match[str] | None:
    """Where the zone of a time stands: beside it, or beside the end of its range (“14:17 to 14:41 UTC”)."""
    if any(match[name] for name in ("utc", "offset", "iana", "long", "letters")):
        return match
    to = _TO.match(text, match.end())
    end = _CLOCK.match(text, to.end()) if to else None
    return _zoned(end, text) if end else None


def _spans(text: str, at: datetime) -> Iterator[Reading]:
    for match in _FROM_NOW.finditer(text):
        length = timedelta(hours=1) if match["each"] else _length(match["n"], match["unit"])
        yield Reading(match.start(), match.end(), at + length, relative=True)
    for match in _SPAN.finditer(text):
        if match["lead"].lower() == "for":
            continue
        if match["to"]:
            yield Reading(match.start(), match.end(), None, relative=True, problem="names a range, not a time")
            continue
        length = _length(match["n"], match["unit"]) + timedelta(minutes=int(match["more"] or 0))
        if match["half"]:
            length += _length("half an", match["unit"])
        yield Reading(match.start(), match.end(), at + length, relative=True)


def _length(number: str, unit: str) -> timedelta:
    words = " ".join(number.lower().split())
    count = _NUMBERS[words] if words in _NUMBERS else float(words)
    letter = unit[0].lower()
    return timedelta(minutes=count) if letter == "m" else timedelta(hours=count * (24 if letter == "d" else 1))


def _minutes(match: re.Match[str]) -> int | None:
    """Minutes since midnight, or None for a time of day that does not exist."""
    if match["named"]:
        return 0 if match["named"].lower() == "midnight" else 12 * 60
    if match["mil"]:
        hour, minute = int(match["mil"][:2]), int(match["mil"][2:])
    else:
        hour = int(match["hour"] or match["dot_hour"] or match["whole"])
        minute = int(match["minute"] or match["dot_minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    fits = (hour < 24 and minute < 60) or (hour == 24 and minute == 0)
    return hour * 60 + minute if fits else None


def _zone(match: re.Match[str], zone: str) -> tzinfo | None:
    if match["utc"] or match["offset"]:
        return _offset((match["utc"] or match["offset"]).lstrip("UTCGM "))
    if match["iana"]:
        return _place(match["iana"])
    if match["long"]:
        words = re.sub(r"\s+(SUMMER|STANDARD)", "", " ".join(match["long"].upper().split()))
        return _place(_PLACES[words])
    letters = (match["letters"] or "").upper()
    if not letters:
        return _place(zone)
    if letters in _PLACES:
        return _place(_PLACES[letters])
    return timezone(timedelta(hours=_FIXED[letters])) if letters in _FIXED else None


def _offset(said: str) -> tzinfo | None:
    digits = re.sub(r"\D", "", said)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    length = timedelta(hours=int(hours), minutes=int(minutes))
    if length > timedelta(hours=14) or int(minutes) > 59:
        return None
    return timezone(length if said.lstrip()[0] == "+" else -length)


def _place(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not in the database; not a name at all; a folder of it
        return None


def _iso_date(said: str) -> date | None:
    return _date(*(int(part) for part in said.split("-")))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day(match: re.Match[str], at: datetime, place: tzinfo) -> date | None:
    today = at.astimezone(place).date()
    if match["iso"]:
        return _iso_date(match["iso"])
    if match["day"]:
        step = {"tomorrow": 1, "yesterday": -1}.get(match["day"].lower(), 0)
        return today + timedelta(days=step)
    if match["week"]:
        ahead = (_DAYS.index(match["week"][:3].lower()) - today.weekday()) % 7
        return today + timedelta(days=ahead)
    if match["y3"]:
        return _numeric(match)
    month = _MONTHS.index((match["m1"] or match["m2"])[:3].lower()) + 1
    day, year = int(match["d1"] or match["d2"]), match["y1"] or match["y2"]
    if year:
        return _date(int(year), month, day)
    near = (found for y in (today.year, today.year + 1, today.year - 1) if (found := _date(y, month, day)))
    return min(near, key=lambda found: abs(found - today), default=None)


def _numeric(match: re.Match[str]) -> date | None:
    """21.11.2026 and 21/11/2026: day first, unless the second number can only be a day."""
    first, second, year = int(match["d3"]), int(match["m3"]), int(match["y3"])
    return _date(year, first, second) if second > 12 else _date(year, second, first)


def _nearest(minutes: int, at: datetime, place: tzinfo, *, ahead: bool) -> date:
    local = at.astimezone(place)
    on_the_day = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(minutes=minutes)
    late = local.replace(tzinfo=None) - on_the_day
    if late > _HALF_DAY:
        return local.date() + timedelta(days=1)
    if not ahead and late < -_HALF_DAY:
        return local.date() - timedelta(days=1)
    return local.date()


def _reading(start: int, end: int, day: date | None, minutes: int, place: tzinfo | None, *, zone: bool) -> Reading:
    if day is None or place is None or minutes > 24 * 60 or minutes < 0:
        return Reading(start, end, None, zone, problem="names a date, time or zone that does not exist")
    try:
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone is next
        instant = local.replace(tzinfo=place).astimezone(UTC)
    except (OverflowError, ValueError):
        return Reading(start, end, None, zone, problem="names a year we cannot count")
    if instant.astimezone(place).replace(tzinfo=None) != local:
        return Reading(start, end, None, zone, problem="names a time that the clock skips in that zone")
    return Reading(start, end, instant, zone)
