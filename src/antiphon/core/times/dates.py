"""Days as people write them beside a time of day: “21 November 2026”, “21. November”, “Monday”, 21.11.2026."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN: Final = {"jän": "jan", "mär": "mar", "mai": "may", "okt": "oct", "dez": "dec"}
_AFTER_NOON: Final = re.compile(r"\b(?:afternoon|evening|tonight)\b|(?:(?<!sonn)abend|nachmittag)\b", re.IGNORECASE)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TAGE: Final = {"dien": 1, "mitt": 2, "donn": 3, "frei": 4, "sams": 5, "sonnabend": 5, "sonntag": 6}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|januar|jänner|februar|märz|mai|juni|juli|okt(?:ober)?|dez(?:ember)?)"
    r"(?:\.(?=,?\s{0,3}\d))?"
)
_WEEKDAY = (
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
    r"|(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)"
)
_NUMERIC = r"(?P<d3>0?[1-9]|[12]\d|3[01]|\d{2})(?P<sep>[./])(?P<m3>\d{1,2})"
PATTERN: Final = (
    r"(?:(?P<iso>\d{4}[-/]\d{2}[-/]\d{2})"
    rf"|(?:(?P<w1>{_WEEKDAY}),?\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:of\s+)?(?P<m1>{_MONTH})"
    r"(?:,?[\s-]+(?P<y1>\d{4})(?!\d|\s?(?:UTC|GMT|Z)\b))?"
    rf"|(?:(?P<w2>{_WEEKDAY}),?\s+)?(?P<m2>{_MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?"
    r"(?:,?\s+(?P<y2>\d{4})(?!\d|\s?(?:UTC|GMT|Z)\b))?"
    rf"|(?:(?P<w3>{_WEEKDAY}),?\s+)?{_NUMERIC}(?:(?P=sep)(?P<y3>\d{{4}}|\d{{2}})(?!\d))?"
    r"|(?P<day>today|tonight|tomorrow|yesterday|heute|morgen|gestern)"
    r"(?:\s+(?:morning|afternoon|evening|night|früh|vormittag|nachmittag|abend))?"
    r"|(?P<part>this\s+(?:morning|afternoon|evening))"
    rf"|(?:(?P<which>next|this|last|nächste[nr]?|kommende[nr]?|diese[nr]?|letzte[nr]?)\s+)?(?P<week>{_WEEKDAY})"
    r"(?:\s*(?:morning|afternoon|evening|night|früh|vormittag|nachmittag|abend)\b)?"
    r"(?P<later>\s+(?:next\s+week|(?:nächster|kommender)\s+woche))?)"
)
"""A day, as a piece of a pattern."""
BEFORE: Final = re.compile(
    rf"(?<![\w-]){PATTERN}\)?(?:,?\s+(?:at|by|from|around|about|until|before|um|bis|ab|gegen|@|,|-|–|—)?\s*~?\(?|,\s*|\s?[(@|]\s?)$",
    re.IGNORECASE,
)
"""A day, up to where a time begins."""
AFTER: Final = re.compile(rf"\s*,?\s*(?:(?:on|am)\s+)?\(?{PATTERN}\)?(?![\w-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Day:
    """`day` is None where there is no such day; `assumed`: how it was understood where it may be another."""

    day: date | None
    assumed: str = ""


def named(match: re.Match[str], at: datetime, place: tzinfo, *, ahead: bool) -> Day:
    """The day that a match of `PATTERN` names to a writer at `at` in this zone; `ahead`: it is not past."""
    today = at.astimezone(place).date()
    if match["part"]:
        return Day(today)
    if match["iso"]:
        return Day(iso(match["iso"]))
    if match["day"]:
        step = {"tomorrow": 1, "yesterday": -1, "morgen": 1, "gestern": -1}.get(match["day"].lower(), 0)
        return Day(today + timedelta(days=step))
    if match["week"]:
        return _of_week(match, today, ahead=ahead)
    if match["d3"]:
        return _on(match["w3"], _numeric(match, today))
    said = (match["m1"] or match["m2"])[:3].lower()
    month = _MONTHS.index(_GERMAN.get(said, said)) + 1
    found = Day(_near(int(match["d1"] or match["d2"]), month, match["y1"] or match["y2"], today))
    return _on(match["w1"] or match["w2"], found)


def after_noon(match: re.Match[str]) -> bool:
    """The day is named with a half of it in which eight means 20:00."""
    return bool(_AFTER_NOON.search(match[0]))


def plausible(match: re.Match[str]) -> bool:
    """Two bare numbers are a day only with a slash between them, as in 11/22, and never 24/7."""
    bare = match["d3"] and not match["y3"]
    return not (bare and (match["sep"] == "." or (match["d3"], match["m3"]) == ("24", "7")))


def iso(said: str) -> date | None:
    """The day of 2026-11-21, or None where there is none."""
    return _date(*(int(part) for part in re.split("[-/]", said)))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on(weekday: str | None, found: Day) -> Day:
    """The day, with a word where the weekday beside it is another's."""
    if weekday is None or found.day is None or found.day.weekday() == _number(weekday):
        return found
    return Day(found.day, found.assumed or f"That day is no {weekday}; it was read as {found.day:%A %-d %B}")


def _of_week(match: re.Match[str], today: date, *, ahead: bool) -> Day:
    """“Monday” is the next one; of “Monday next week” the week is counted, and “next Friday” may be either."""
    which = {"n": "next", "k": "next", "l": "last"}.get((match["which"] or "")[:1].lower(), "")
    day = _weekday(match["week"], today, ahead=ahead or which == "next" or bool(match["later"]))
    if match["later"]:
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        return Day(monday + timedelta(days=day.weekday()))
    if which == "last" and day >= today:
        return Day(day - timedelta(days=7))
    if which == "next" and day.isocalendar()[1] == today.isocalendar()[1]:
        return Day(
            day, f"“{match['which']} {match['week']}” may be this week's or the one after; it was read as {day:%-d %B}"
        )
    return Day(day)


def _number(weekday: str) -> int:
    """Days since Monday."""
    said = weekday.lower()
    german = next((number for begin, number in _TAGE.items() if said.startswith(begin)), None)
    return _DAYS.index(said[:3]) if german is None else german


def _weekday(word: str, today: date, *, ahead: bool) -> date:
    days = (_number(word) - today.weekday()) % 7
    return today + timedelta(days=days if ahead or days <= 3 else days - 7)


def _near(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    near = (found for y in (today.year, today.year + 1, today.year - 1) if (found := _date(y, month, day)))
    return min(near, key=lambda found: abs(found - today), default=None)


def _numeric(match: re.Match[str], today: date) -> Day:
    """21.11.2026, 21/11/2026, 11/21: day first, unless the second number can only be a day."""
    first, second, year = int(match["d3"]), int(match["m3"]), match["y3"]
    year = f"20{year}" if year and len(year) == 2 else year
    if second > 12:
        return Day(_near(second, first, year, today))
    found = _near(first, second, year, today)
    if match["sep"] == "." or first > 12 or first == second or found is None:
        return Day(found)
    return Day(found, f"“{first}/{second}” may be day and month or month and day; it was read as {found:%-d %B}")
