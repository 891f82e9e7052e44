"""Facts that are lists, as a form takes them: one on each line.

A redundancy is `2 of db-a, db-b, db-c` (or `any of`, `all of`), a stretch of the week `mon-fri 09:00-18:00 x 2`, a
document `dashboard Orders https://…` (the kind may be left out), a critical period
`Quarter-end closing: 2026-12-28 to 2027-01-02` (both days belong to it).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from antiphon.core.configuration.catalog import DOCUMENTS, redundancy_fault, stretch_fault
from antiphon.core.configuration.fields import DAYS

DAY: Final = timedelta(days=1)
_TIME: Final = r"([01]?\d|2[0-3]):([0-5]\d)"
_STRETCH: Final = rf"(?i)(?:([a-z, -]+?)\s+)?{_TIME}\s*[-–]\s*{_TIME}\s*[x×*]\s*(\d{{1,4}}(?:[.,]\d{{1,4}})?)"


class LineFault(ValueError):
    """What cannot be read, with its line and how to mend it."""


def _each(text: str, read: Callable[[str], Any]) -> list[Any]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(read(line.strip()))
        except LineFault as fault:
            raise LineFault(f"Line {number}: {fault}") from None
    return found


# --- redundancy ---------------------------------------------------------------------------------------------------


def redundancy_of(text: str) -> list[dict[str, Any]]:
    """The groups as they are stored. Raises LineFault."""
    return _each(text, _group)


def _group(line: str) -> dict[str, Any]:
    match = re.fullmatch(r"(?i)(\d{1,4}|any|all)\s+of\s+(.+)", line)
    if match is None:
        raise LineFault("Write it as “2 of db-a, db-b, db-c”, or with “any of” or “all of”.")
    names = [name.strip() for name in match[2].split(",") if name.strip()]
    up = {"any": 1, "all": len(names)}.get(match[1].lower())
    number = up if up is not None else int(match[1])
    if fault := redundancy_fault(names, number):
        raise LineFault(fault)
    return {"of": names, "up": number}


def redundancy_lines(groups: Iterable[Mapping[str, Any]]) -> str:
    """The same as text."""
    return "\n".join(f"{_up(each)} of {', '.join(each['of'])}" for each in groups)


def _up(group: Mapping[str, Any]) -> str:
    many = len(group["of"])
    return "any" if group["up"] == 1 < many else "all" if group["up"] == many else str(group["up"])


# --- the week -----------------------------------------------------------------------------------------------------


def profile_of(text: str) -> list[dict[str, Any]]:
    """The stretches of the week as they are stored. Raises LineFault."""
    return _each(text, _stretch)


def _stretch(line: str) -> dict[str, Any]:
    match = re.fullmatch(
        rf"(?i)(?:([a-z, -]+?)\s+)?{_TIME}\s*[-–]\s*{_TIME}\s*[x×*]\s*(\d{{1,4}}(?:[.,]\d{{1,4}})?)", line
    )
    if match is None:
        raise LineFault("Write it as “mon-fri 09:00-18:00 x 2”.")
    days, from_hour, from_minute, to_hour, to_minute, factor = match.groups()
    stored = {
        "days": sorted({day for part in re.split(r"[,\s]+", days or "mon-sun") if part for day in _days(part)}),
        "from": f"{int(from_hour):02}:{from_minute}",
        "to": f"{int(to_hour):02}:{to_minute}",
        "factor": float(factor.replace(",", ".")),
    }
    if fault := stretch_fault(stored):
        raise LineFault(fault)
    return stored


def _days(part: str) -> Iterator[int]:
    first, _, last = part.lower().partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise LineFault(f"“{part}” is no day; write days such as mon-fri or sat, sun.")
    start, end = DAYS.index(first), DAYS.index(last or first)
    yield from ((start + step) % 7 for step in range((end - start) % 7 + 1))


def profile_lines(profile: Iterable[Mapping[str, Any]]) -> str:
    """The same as text."""
    return "\n".join(f"{_named(each['days'])} {each['from']}-{each['to']} x {each['factor']:g}" for each in profile)


def _named(days: list[int]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)


# --- documents and periods ----------------------------------------------------------------------------------------


def documents_of(text: str) -> list[dict[str, str]]:
    """Documents as they are stored. Raises LineFault."""
    return _each(text, _document)


def _document(line: str) -> dict[str, str]:
    words, _, address = line.rpartition(" ")
    if not re.match("https?://.", address):
        raise LineFault("End the line with an address that starts with https://.")
    kind, _, title = words.strip().partition(" ")
    if kind.lower() not in DOCUMENTS:
        kind, title = "document", words
    return {"kind": kind.lower(), "title": (title.strip() or address)[:200], "url": address}


def documents_lines(documents: Iterable[Mapping[str, str]]) -> str:
    """The same as text."""
    return "\n".join(f"{each['kind']} {each['title']} {each['url']}" for each in documents)


def periods_of(text: str, zone: ZoneInfo) -> list[dict[str, str]]:
    """Critical periods as they are stored, from the first moment of a day to the last of another in the zone. Raises
    LineFault."""
    return _each(text, lambda line: _period(line, zone))


def _period(line: str, zone: ZoneInfo) -> dict[str, str]:
    match = re.fullmatch(r"(.{1,120}?):?\s+(\d{4}-\d\d-\d\d)\s+(?:to|until|-|–)\s+(\d{4}-\d\d-\d\d)", line)
    if match is None:
        raise LineFault("Write it as “Quarter-end closing: 2026-12-28 to 2027-01-02”.")
    try:
        first, last = date.fromisoformat(match[2]), date.fromisoformat(match[3])
        starts, ends = _midnight(first, zone), _midnight(last + DAY, zone)
    except (ValueError, OverflowError):
        raise LineFault("There is no such day; write days such as 2026-12-28.") from None
    if ends <= starts:
        raise LineFault("It ends before it starts; correct one of the two.")
    return {"name": match[1].strip(), "starts_at": starts.isoformat(), "ends_at": ends.isoformat()}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def periods_lines(periods: Iterable[Mapping[str, str]], zone: ZoneInfo) -> str:
    """The same as text; the last day is the one that holds the moment before its end."""
    return "\n".join(f"{each['name']}: {_day(each['starts_at'], zone)} to {_last(each, zone)}" for each in periods)


def _day(stored: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(stored).astimezone(zone).date()


def _last(period: Mapping[str, str], zone: ZoneInfo) -> date:
    return (datetime.fromisoformat(period["ends_at"]) - timedelta(microseconds=1)).astimezone(zone).date()
