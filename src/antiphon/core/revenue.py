"""What is lost while something fails: revenue by the minute, by the hours of the week, each sum counted once.

A minute is worth what the catalog says of the entity, times the factor of the hour: the hours are wall time in the
entity's zone, so they follow summer time, and outside of all the factor is 1. Sums are in the organisation's currency.

Several things may state what is the same money: a workflow, the application that it runs in, the customers who pay
for it. So what one earns through others that are hit as well counts there, and for itself only what it earns beyond
them (`counted`). An application of 50 a minute with two workflows of 30 and 10 is worth 50, with 30 and 40 it is
worth 70.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
NOTHING: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Hours:
    """On these days (Monday is 0) a minute from `begins` to before `ends`, as time since midnight, counts `factor`."""

    days: tuple[int, ...]
    begins: timedelta
    ends: timedelta
    factor: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The hours in which a minute is worth more or less, by the wall clock of a zone (an IANA name)."""

    hours: tuple[Hours, ...] = ()
    zone: str = "UTC"


FLAT: Final = Profile()


def profile_of(stored: Iterable[Mapping[str, Any]], zone: str) -> Profile:
    """A profile as the catalog keeps it: a list of {"days", "from": "09:00", "to": "18:00", "factor"}."""
    hours = (
        Hours(tuple(each["days"]), _since_midnight(each["from"]), _until(each["to"]), float(each["factor"]))
        for each in stored
    )
    return Profile(tuple(hours), zone)


def factor(profile: Profile, *, at: datetime) -> float:
    """What a minute at this instant counts; of hours that overlap the first holds."""
    local = at.astimezone(_zone(profile.zone))
    since = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return _factor(profile.hours, local.weekday(), since)


def minutes(profile: Profile, *, start: datetime, end: datetime) -> float:
    """The minutes from `start` to before `end`, each times its factor; 0 when there are none. Exact to a second."""
    if end <= start:
        return 0.0
    if not profile.hours:
        return (end - start) / MINUTE
    worth = (_worth(profile.hours, piece) for piece in _steady(_zone(profile.zone), start, end))
    return sum(worth, NOTHING) / MINUTE


def counted(earning: Mapping[str, float], through: Mapping[str, Collection[str]]) -> dict[str, float]:
    """What of each one's revenue a minute counts beside that of the others.

    `through[name]`: those among the others that earn through it, directly or not. Who earns through whom in a circle
    is one earner, worth the most that one of them states; the first by name of these counts.
    """
    beyond = {name: frozenset(through.get(name, ())) - {name} for name in earning}
    circles = {name: _circle(name, beyond) for name in earning}
    heads = [name for name in earning if name == min(circles[name], key=lambda each: (-earning[each], each))]
    left = dict.fromkeys(earning, 0.0)
    for name in sorted(heads, key=lambda name: (len(beyond[name]), name)):  # the outermost first
        others = sorted(left[other] for other in beyond[name] - circles[name] if other in left)
        left[name] = max(earning[name] - sum(others), 0.0)
    return left


def reachable(names: Sequence[str], following: Callable[[str], Iterable[str]]) -> dict[str, frozenset[str]]:
    """For each of the names, those others of them that a walk from it comes to; quickest with the outermost first."""
    whole: dict[str, set[str]] = {}
    for name in names:
        seen, waiting = {name}, [name]
        while waiting:
            for other in following(waiting.pop()):
                if other in seen:
                    continue
                seen.add(other)
                if other in whole:
                    seen |= whole[other]
                else:
                    waiting.append(other)
        whole[name] = seen
    wanted = frozenset(names)
    return {name: frozenset(seen & wanted) - {name} for name, seen in whole.items()}


# --- the hours of a week -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of wall time in which no clock is put forward or back."""

    start: datetime
    end: datetime


def _steady(zone: tzinfo, start: datetime, end: datetime) -> Iterator[_Piece]:
    """The stretch in wall time of the zone, cut where its clocks change."""
    at = start.astimezone(UTC)
    while at < end:
        offset, until = _offset(zone, at), min(at + DAY, end.astimezone(UTC))
        if _offset(zone, until) != offset:
            until = _change(zone, at, until)
        yield _Piece(_wall(at, offset), _wall(until, offset))
        at = until


def _wall(at: datetime, offset: timedelta) -> datetime:
    return at.replace(tzinfo=None) + offset


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first instant after a change of clocks between two instants: changes fall on whole seconds."""
    offset = _offset(zone, before)
    low, high = 0, int((after - before) / timedelta(seconds=1)) + 1
    begin = before.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, begin + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return min(begin + timedelta(seconds=high), after)


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or NOTHING


def _worth(hours: tuple[Hours, ...], piece: _Piece) -> timedelta:
    """The time of a piece, each part of a day times its factor."""
    total = NOTHING
    midnight = datetime.combine(piece.start.date(), time())
    while midnight < piece.end:
        begin, end = max(piece.start - midnight, NOTHING), min(piece.end - midnight, DAY)
        for starts, ends, times in _parts(hours, midnight.weekday()):
            if starts < end and begin < ends:
                total += (min(ends, end) - max(starts, begin)) * times
        midnight += DAY
    return total


@lru_cache(1024)
def _parts(hours: tuple[Hours, ...], day: int) -> tuple[tuple[timedelta, timedelta, float], ...]:
    """A day cut where its factor may change."""
    cuts = sorted({NOTHING, DAY, *(cut for each in hours if day in each.days for cut in (each.begins, each.ends))})
    return tuple((cut, until, _factor(hours, day, cut)) for cut, until in pairwise(cuts))


def _factor(hours: Sequence[Hours], day: int, since: timedelta) -> float:
    return next((each.factor for each in hours if day in each.days and each.begins <= since < each.ends), 1.0)


def _since_midnight(text: str) -> timedelta:
    hour, _, minute = text.partition(":")
    return timedelta(hours=int(hour), minutes=int(minute))


def _until(text: str) -> timedelta:
    """The last minute that can be written ends at midnight."""
    return DAY if text == "23:59" else _since_midnight(text)


@lru_cache(256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name or "UTC")


# --- each sum once -----------------------------------------------------------------------------------------------


def _circle(name: str, beyond: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Those that earn through it and it through them, itself included."""
    return frozenset({name, *(other for other in beyond[name] if name in beyond.get(other, ()))})
