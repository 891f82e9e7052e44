"""Dates and times as people write them, read to the minute.

`read` finds every instant a text names: “14:30 UTC”, “2:30 pm CET”, “21 November 2026 at 14:30 (UTC+1)”, “tomorrow at
9 am Europe/Berlin”, “in 30 minutes”, and in German “14:30 Uhr MEZ am 21. November”. What names a time but cannot be one
(25:00, 30 February, a zone nobody knows) is found as well, with what is wrong; what may be read in two ways is read in
one, and that is said. “Soon” names no time and is not found here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from antiphon.core.letters import plain
from antiphon.core.times import dates, spoken, zones
from antiphon.core.times.reading import Reading
from antiphon.core.times.spans import spans
from antiphon.core.times.zones import Zone, zone_offset

__all__ = ["Reading", "read", "zone_offset"]


_NEAR_ZONE = r"(?:UTC|GMT|Z|CES?T|MES?Z|[ECMP][SD]?T|BST|IST)\b"
_CLOCK = re.compile(
    r"(?<![\d:.,/])(?<![A-Za-z]-)(?<!\d\d-\d\d-)(?:(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?![\d:%])"
    rf"|(?P<dot_hour>\d{{1,2}})\.(?P<dot_minute>[0-5]\d)(?=\s?(?:[ap]\.?m\b|uhr\b|{_NEAR_ZONE}))"
    rf"|(?P<mil>\d{{4}})(?=\s?(?:hrs?|hours)?\s?(?:UTC|GMT|Z)\b|\s?(?:hrs|hours)\b(?!\s+(?:of|and|in)\b))"
    rf"|(?P<whole>\d{{1,2}})(?=\s?(?:[ap]\.?m\b|h(?:rs)?\s{_NEAR_ZONE}|(?:(?<=1[3-9])|(?<=2[0-4]))\s?o['’]clock\b|uhr\b|{_NEAR_ZONE}"
    rf"|(?:-|–|\sto\s|\sand\s)\s?\d{{1,2}}\s?[ap]\.?m\b))"
    r"|(?P<named>\b(?:noon|midday|midnight)\b))"
    r"(?:\s?(?P<half>(?i:[ap]\.\s?m\b\.?|[ap]m\b))|(?P<letter>(?i:[ap])\b(?![.'’]))|\s?(?:hrs?|hours|h|o['’]clock|uhr)\b)?"
    rf"(?:{zones.PATTERN})?",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"\s?(?:to|and|until|till?|through|thru|bis|und|-|–|—)\s?")
_ONLY_ZONE: Final = re.compile(zones.PATTERN)
_ONLY_DATE: Final = re.compile(dates.PATTERN, re.IGNORECASE)
_SPACE: Final = re.compile(r",?\s+(?:at\s+)?")
_ISO: Final = re.compile(
    r"(?<!\d)(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<hour>\d{2}):?(?P<minute>\d{2})(?::?\d{2}(?:[.,]\d+)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?(?![\d:])"
)
_HALF_DAY: Final = timedelta(hours=12)
_PASSED: Final = timedelta(hours=6)
"""A time of day announced ahead that was longer ago than this is tomorrow's: “at 09:00”, written in the evening."""
_REACH: Final = 48
"""Characters before and after a time within which its date is looked for."""


def read(text: str, *, at: datetime, zone: str = "UTC", ahead: bool = False) -> tuple[Reading, ...]:
    """Every instant that the text names, in its order. `at` is when the text is written (aware UTC).

    zone    IANA name of the zone meant where the text names none
    ahead   a time of day without a date lies ahead unless it passed within six hours, as in “next update at 14:30”;
            otherwise it is the nearest one, as in “since 23:50”
    """
    text = plain(text)
    found = [*_isos(text, at, zone), *_clocks(text, at, zone, ahead=ahead), *_spans(text, at)]
    if spoken.HINT.search(text):
        found += [*_spoken(text, at, zone, ahead=ahead), *_of_the_hour(text, at, zone)]
    found.sort(key=lambda reading: (reading.start, -reading.end))
    kept: list[Reading] = []
    for reading in found:
        if not kept or reading.start >= kept[-1].end:
            kept.append(reading)
    return tuple(kept)


def _isos(text: str, at: datetime, house: str) -> Iterator[Reading]:
    for match in _ISO.finditer(text):
        said = match["zone"]
        place = zones.offset(said) if said and said != "Z" else UTC if said else zones.place(house)
        minutes = int(match["hour"]) * 60 + int(match["minute"])
        zone = Zone(place, said=bool(said))
        yield _reading(*match.span(), dates.iso(match["date"]), minutes, zone)


def _spans(text: str, at: datetime) -> Iterator[Reading]:
    for span in spans(text):
        yield Reading(span.start, span.end, at + span.length, relative=True, ranged=span.ranged)


def _of_the_hour(text: str, at: datetime, house: str) -> Iterator[Reading]:
    """“At the top of the hour”, by the clock of the house."""
    for match in spoken.OF_THE_HOUR.finditer(text):
        local = at.astimezone(zones.place(house) or UTC)
        half = timedelta(minutes=30 if match["bottom"] else 0)
        instant = (local.replace(minute=0, second=0, microsecond=0) + half).astimezone(UTC)
        instant += timedelta(hours=1) if instant <= at else timedelta()
        yield Reading(*match.span(), instant, relative=True)


def _spoken(text: str, at: datetime, house: str, *, ahead: bool) -> Iterator[Reading]:
    """“Half past two”: of the two such times of a day the one said, else the next one, or the nearest."""
    for match in spoken.CLOCK.finditer(text):
        place = _place(match, text, at, house)
        half = spoken.half(match) or ("pm" if place.late else "")
        minutes = spoken.minutes(match) + (12 * 60 if half == "pm" else 0)
        meant = [place.reading(each, at, ahead=ahead) for each in ([minutes] if half else [minutes, minutes + 12 * 60])]
        yield spoken.likelier(meant, at, ahead=ahead)


def _clocks(text: str, at: datetime, house: str, *, ahead: bool) -> Iterator[Reading]:
    for match in _CLOCK.finditer(text):
        place = _place(match, text, at, house)
        yield place.reading(_minutes(match, text, late=place.late), at, ahead=ahead)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a time of day stands together with its day and its zone."""

    start: int
    end: int
    dated: re.Match[str] | None
    zone: Zone

    @property
    def late(self) -> bool:
        """In this half of the day eight means 20:00."""
        return bool(self.dated and dates.after_noon(self.dated))

    def reading(self, minutes: int | None, at: datetime, *, ahead: bool) -> Reading:
        """The instant at so many minutes of the day; None: no time of day that there is."""
        if self.zone.place is None:
            return Reading(self.start, self.end, None, problem="names a zone we do not know")
        if minutes is None:
            return Reading(self.start, self.end, None, problem="names a time of day that does not exist")
        if self.dated is None:
            day = dates.Day(_nearest(minutes, at, self.zone.place, ahead=ahead))
        else:
            day = dates.named(self.dated, at, self.zone.place, ahead=ahead)
        return _reading(self.start, self.end, day.day, minutes, self.zone, assumed=day.assumed)


def _place(match: re.Match[str], text: str, at: datetime, house: str) -> _Place:
    start, end = match.span()
    before = _dated(dates.BEFORE.search(text, max(0, start - _REACH), start))
    after = None if before else _dated(dates.AFTER.match(text, end, min(len(text), end + _REACH)))
    start, end = (before.start() if before else start), (after.end() if after else end)
    beside = _zoned(match, text, end)
    end = beside.end() if after and beside and beside.start() == end else end
    return _Place(start, end, before or after, zones.named(beside, house, at))


def _dated(match: re.Match[str] | None) -> re.Match[str] | None:
    return match if match and dates.plausible(match) else None


def _zoned(match: re.Match[str], text: str, end: int) -> re.Match[str] | None:
    """Where the zone of a time stands: beside it, after its date, or at the end of its range (“14:17 to 14:41 UTC”)."""
    last = None if zones.names_one(match) else _range_end(match, text)
    beside = (match, _ONLY_ZONE.match(text, end) if end > match.end() else None, last)
    return next((found for found in beside if found and zones.names_one(found)), None)


def _range_end(match: re.Match[str], text: str) -> re.Match[str] | None:
    """The second time of a range (“14:17 to 14:41”, “from 23:00 to Saturday, 9 April 1:00”)."""
    to = _TO.match(text, match.end())
    if to is None:
        return None
    date = _ONLY_DATE.match(text, to.end(), to.end() + _REACH)
    space = _SPACE.match(text, date.end()) if date else None
    return _CLOCK.match(text, to.end()) or (_CLOCK.match(text, space.end()) if space else None)


def _minutes(match: re.Match[str], text: str, *, late: bool = False) -> int | None:
    """Minutes since midnight, or None for a time of day that does not exist. `late`: eight is 20:00."""
    if match["named"]:
        return 0 if match["named"].lower() == "midnight" else 12 * 60
    if match["mil"]:
        hour, minute = int(match["mil"][:2]), int(match["mil"][2:])
    else:
        hour = int(match["hour"] or match["dot_hour"] or match["whole"])
        minute = int(match["minute"] or match["dot_minute"] or 0)
    half = match["half"] or match["letter"]
    if not half:
        return _shared_half(hour + (12 if late and 0 < hour < 12 else 0), minute, match, text)
    if match["whole"] and not 1 <= hour <= 12:
        return None
    return _of_day(hour % 12 + (12 if half[0] in "pP" else 0) if hour <= 12 else hour, minute)


def _shared_half(hour: int, minute: int, match: re.Match[str], text: str) -> int | None:
    """In “2:00 to 2:30 pm” the half of the day stands at the end, and the range runs forward."""
    last = _range_end(match, text) if hour <= 12 and not zones.names_one(match) else None
    if last is None or not (last["half"] or last["letter"]):
        return _of_day(hour, minute)
    end, early = _minutes(last, text), _of_day(hour % 12, minute)
    if end is None or early is None:
        return early
    return early + 12 * 60 if early + 12 * 60 < end else early


def _of_day(hour: int, minute: int) -> int | None:
    fits = (hour < 24 and minute < 60) or (hour == 24 and minute == 0)
    return hour * 60 + minute if fits else None


def _nearest(minutes: int, at: datetime, place: tzinfo, *, ahead: bool) -> date:
    local = at.astimezone(place)
    on_the_day = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(minutes=minutes)
    late = local.replace(tzinfo=None) - on_the_day
    if late > (_PASSED if ahead else _HALF_DAY):
        return local.date() + timedelta(days=1)
    if not ahead and late < -_HALF_DAY:
        return local.date() - timedelta(days=1)
    return local.date()


def _reading(start: int, end: int, day: date | None, minutes: int, zone: Zone, *, assumed: str = "") -> Reading:
    if day is None or zone.place is None or minutes > 24 * 60 or minutes < 0:
        return Reading(start, end, None, zone.said, problem="names a date, time or zone that does not exist")
    try:
        local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone is next
        instant = local.replace(tzinfo=zone.place).astimezone(UTC)
    except (OverflowError, ValueError):
        return Reading(start, end, None, zone.said, problem="names a year we cannot count")
    if instant.astimezone(zone.place).replace(tzinfo=None) != local:
        return Reading(start, end, None, zone.said, problem="names a time that the clock skips in that zone")
    assumed = assumed or zone.doubt(local)
    if local.replace(tzinfo=zone.place, fold=1).astimezone(UTC) != instant:
        assumed = assumed or "The clock shows that time twice on that day; it was read as the first"
    return Reading(start, end, instant, zone.said, assumed=assumed)
