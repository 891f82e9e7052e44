"""Names of time zones as people write them beside a time: letters, words, offsets, IANA names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

_FIXED: Final[Mapping[str, float]] = MappingProxyType(
    {
        "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
        "EET": 2, "EEST": 3, "CAT": 2, "WAT": 1, "EAT": 3, "TRT": 3, "IDT": 3, "MSK": 3, "SAST": 2, "GST": 4,
        "PKT": 5, "IST": 5.5, "NPT": 5.75, "ICT": 7, "WIB": 7, "SGT": 8, "HKT": 8, "AWST": 8, "PHT": 8, "JST": 9,
        "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
        "BRT": -3, "ART": -3, "CLT": -4, "COT": -5, "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EDT": -4,
        "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "AKST": -9, "AKDT": -8, "HST": -10,
    }
)  # fmt: skip
"""Hours east of UTC. Where letters mean several zones, the one of the larger number of readers."""

_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
        "EASTERN": "America/New_York", "CENTRAL": "America/Chicago", "MOUNTAIN": "America/Denver",
        "PACIFIC": "America/Los_Angeles", "NEW YORK": "America/New_York", "CHICAGO": "America/Chicago",
        "CENTRAL EUROPEAN": "Europe/Berlin", "EASTERN EUROPEAN": "Europe/Athens", "BRITISH": "Europe/London",
        "UK": "Europe/London", "LONDON": "Europe/London", "DUBLIN": "Europe/Dublin", "PARIS": "Europe/Paris",
        "BERLIN": "Europe/Berlin", "AMSTERDAM": "Europe/Amsterdam", "MADRID": "Europe/Madrid", "ROME": "Europe/Rome",
        "ZURICH": "Europe/Zurich", "INDIAN": "Asia/Kolkata", "INDIA": "Asia/Kolkata", "TOKYO": "Asia/Tokyo",
        "JAPAN": "Asia/Tokyo", "SINGAPORE": "Asia/Singapore", "SYDNEY": "Australia/Sydney",
    }
)  # fmt: skip

_ALSO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "IST": "India, Ireland and Israel",
        "CST": "North America, China and Cuba",
        "BST": "Britain and Bangladesh",
        "AST": "Atlantic Canada and Arabia",
        "GST": "the Gulf and South Georgia",
        "ADT": "Atlantic Canada and Arabia",
        "WAT": "West Africa and Western Australia",
    }
)
"""Letters that several places use for clocks of their own."""

_SEASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin",
        "EET": "Europe/Athens", "EEST": "Europe/Athens", "BST": "Europe/London", "EST": "America/New_York",
        "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago", "MDT": "America/Denver",
        "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "AEDT": "Australia/Sydney",
        "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
    }
)  # fmt: skip
"""Letters that hold for one half of the year, with a place that then says otherwise."""

_OFFSET = r"[+\u2212]\s?\d{1,2}(?::?\d{2})?|-\d{4}(?![\d:.])|(?<=\s)-\d{1,2}(?::?\d{2})?"
_LONG = (
    r"(?:(?:Central European|Eastern European|British|Indian?|UK|London|Dublin|Paris|Berlin|Amsterdam|Madrid|Rome"
    r"|Zurich|Tokyo|Japan|Singapore|Sydney|New York|Chicago|Eastern|Central|Mountain|Pacific)"
    r"\s+(?:(?:summer|standard|daylight)\s+)?time|Eastern|Central|Mountain|Pacific)"
)
PATTERN: Final = (
    rf"\s?[(\[]?(?:(?P<utc>(?:UTC|GMT)\s?(?:[+\u2212-]\s?\d{{1,2}}(?::?\d{{2}})?)(?![\d:]))|(?P<offset>(?:{_OFFSET})(?!\d))"
    r"|(?P<iana>(?-i:[A-Z][A-Za-z]+/[A-Z][A-Za-z_-]+(?:/[A-Z][A-Za-z_]+)?))"
    rf"|(?P<long>(?i:{_LONG})\b)|(?P<local>(?i:(?:local|our|your)\s+time)\b)"
    r"|(?P<letters>(?:Z|z|(?-i:[A-Z]{1,4}T|MSK|WIB|MESZ|MEZ)|(?i:utc|gmt|cest|cet|bst|[ecmp][sd]t))(?![A-Za-z]|-\w)))[)\]]?"
)
"""A zone beside a time, as a piece of a pattern."""
_NO_ZONE: Final = frozenset({"AT", "IT", "BUT", "NOT", "LAST", "NEXT", "MUST", "JUST", "LET", "GET", "OUT"})
"""Words in capitals that only look like the letters of a zone."""


@dataclass(frozen=True, slots=True)
class Zone:
    """`place` is None where nobody knows the zone named; `said`: one was named; `assumed`: how it was understood,
    where it may mean something else."""

    place: tzinfo | None
    said: bool
    letters: str = ""
    assumed: str = ""

    def doubt(self, local: datetime) -> str:
        """What was assumed for the letters at this local time; empty when they can mean nothing else."""
        place = _SEASONS.get(self.letters)
        if self.assumed or place is None or self.place is None:
            return self.assumed
        offset, there = self.place.utcoffset(local), local.replace(tzinfo=ZoneInfo(place))
        if there.utcoffset() == offset:
            return ""
        shown = f"“{self.letters}” does not hold on that day, when clocks there show {there:%Z}"
        return f"{shown}; it was read as {_east(offset)}"


def zone_offset(letters: str) -> timedelta | None:
    """How far east of UTC letters such as CET are read, or None where they are not read as a zone."""
    return timedelta(hours=_FIXED[letters]) if letters in _FIXED else None


def named(match: re.Match[str] | None, house: str, at: datetime) -> Zone:
    """The zone that a match of `PATTERN` names, else that of the house (IANA name); `at` is when it is written."""
    if match is None or not any(match[name] for name in ("utc", "offset", "iana", "long", "local", "letters")):
        return Zone(place(house), said=False)
    if match["utc"] or match["offset"]:
        return Zone(offset((match["utc"] or match["offset"]).lstrip("UTCGMutcgm ")), said=True)
    if match["iana"]:
        return Zone(place(match["iana"]), said=True)
    if match["local"]:
        words = " ".join(match["local"].lower().split())
        return Zone(
            place(house), said=True, assumed=f"“{words}” means another one to each reader; it was read as {house}"
        )
    if match["long"]:
        words = re.sub(r"\s+(SUMMER|STANDARD|DAYLIGHT)?\s*TIME$|\s+TIME$", "", " ".join(match["long"].upper().split()))
        return Zone(place(_PLACES[words]), said=True)
    return _lettered(match["letters"].upper(), house, at)


def names_one(match: re.Match[str]) -> bool:
    """A zone stands there."""
    return any(match[name] for name in ("utc", "offset", "iana", "long", "local")) or bool(
        match["letters"] and match["letters"] not in _NO_ZONE
    )


def place(name: str) -> tzinfo | None:
    """The zone of an IANA name, or None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not in the database; not a name at all; a folder of it
        return None


def offset(said: str) -> tzinfo | None:
    """The zone of `+01:00`, `-5` or `+0545`; None beyond 14 hours."""
    digits = re.sub(r"\D", "", said)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    length = timedelta(hours=int(hours), minutes=int(minutes))
    if length > timedelta(hours=14) or int(minutes) > 59:
        return None
    return timezone(length if said.lstrip()[0] == "+" else -length)


def _lettered(letters: str, house: str, at: datetime) -> Zone:
    if letters in _NO_ZONE:
        return Zone(place(house), said=False)
    if letters in _PLACES:
        return Zone(place(_PLACES[letters]), said=True)
    if letters not in _FIXED:
        return Zone(None, said=True)
    home = place(house)
    if home and letters in _ALSO and letters in _used_in(home, at):
        return Zone(home, said=True)
    found = timezone(timedelta(hours=_FIXED[letters]))
    several = _ALSO.get(letters)
    assumed = f"“{letters}” is used in {several}; it was read as {_east(found.utcoffset(None))}" if several else ""
    return Zone(found, said=True, letters=letters, assumed=assumed)


def _used_in(home: tzinfo, at: datetime) -> frozenset[str]:
    """The letters of a zone, in summer and in winter."""
    return frozenset(f"{datetime(at.year, month, 1, tzinfo=UTC).astimezone(home):%Z}" for month in (1, 7))


def _east(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
