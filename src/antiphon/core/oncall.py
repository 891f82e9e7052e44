"""Who is on call: rotations that hand over at a local wall time, and overrides on top.

A layer always has exactly one owner, at every instant, before its anchor too (the turns count backwards), so that a
rota never pages nobody because it begins next week. Only the hours of a layer, when given, leave it unowned. Lookups
take the same time for tomorrow and for the year 2100. Sources: RELIABILITY I17, I18.

Wall time becomes an instant so: a time that occurs twice (clocks go back) means the first of the two; one that does
not occur (clocks go forward, or Apia's 30 December 2011) means the first instant after the gap. The rule never turns
the order of two wall times around; a turn that lies wholly within a gap has no length and belongs to nobody.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from antiphon.core.decision import earliest

DAILY: Final = timedelta(days=1)
WEEKLY: Final = timedelta(days=7)
SHORTEST: Final = timedelta(hours=1)
EVERY_DAY: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours during which a layer is on duty; Monday is day 0. `end` ≤ `start` runs into the next day."""

    start: time
    end: time
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A rotation. The first member's turn begins on `first` at `handoff` local time; each lasts `length` of wall time.

    `length` is DAILY, WEEKLY or any other length of at least an hour. No `hours`: on duty always.
    """

    name: str
    members: tuple[str, ...]
    first: date
    handoff: time
    length: timedelta
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """`person` takes over from `start` to before `end` (UTC). `layer`, `replaces`: only there, only for that member.

    The later of two overrides that both apply wins.
    """

    uid: str
    person: str
    start: datetime
    end: datetime
    layer: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """`zone` is an IANA name; `overrides` in the order in which they were made."""

    name: str
    zone: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person on duty for one layer from `start` to before `end` (UTC). `override`: its uid, if one applies."""

    rota: str
    layer: str
    person: str
    start: datetime
    end: datetime
    override: str | None = None


def check(rota: Rota) -> tuple[str, ...]:
    """What makes the rota one that cannot work, one sentence each; empty when it may be saved."""
    problems = [] if rota.layers else [f"Rota {rota.name} has no layer: add one with its members."]
    try:
        ZoneInfo(rota.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"Rota {rota.name}: there is no time zone “{rota.zone}”; write one such as Europe/Berlin.")
    for layer in rota.layers:
        if not layer.members:
            problems.append(f"Layer {layer.name} of rota {rota.name} has no members: name at least one person.")
        if layer.length < SHORTEST:
            problems.append(f"Turns of layer {layer.name} of rota {rota.name} must last at least an hour.")
        if any(not hours.days for hours in layer.hours):
            problems.append(f"Hours of layer {layer.name} of rota {rota.name} name no day of the week.")
    problems += [
        f"The override of {override.person} in rota {rota.name} must end after it starts."
        for override in rota.overrides
        if override.end <= override.start
    ]
    return tuple(problems)


def on_call(rota: Rota, *, at: datetime) -> tuple[Shift, ...]:
    """Who has duty at the instant: one whole shift per layer, in their order; none outside a layer's hours."""
    spans = (_span(rota, layer, at) for layer in rota.layers)
    return tuple(shift for span in spans if (shift := span.shift))


def shifts(rota: Rota, *, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Every shift that touches [start, end), whole, layer by layer, in the order of time."""
    return tuple(shift for layer in rota.layers for shift in _walk(rota, layer, start, end))


def next_change(rota: Rota, *, after: datetime) -> datetime | None:
    """The next instant at which who is on call may change; None for a rota without layers."""
    return earliest(_span(rota, layer, after).end for layer in rota.layers)


# --- spans: stretches of time in which nothing changes -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    end: datetime
    shift: Shift | None


def _walk(rota: Rota, layer: Layer, start: datetime, end: datetime) -> Iterator[Shift]:
    at = start
    while at < end:
        span = _span(rota, layer, at)
        if span.shift:
            yield span.shift
        at = span.end


def _span(rota: Rota, layer: Layer, at: datetime) -> _Span:
    """The stretch around the instant in which turn, hours and overrides stay as they are."""
    at = at.astimezone(UTC)
    zone = ZoneInfo(rota.zone)
    number, begins, ends = _turn(layer, zone, at)
    owner = layer.members[number % len(layer.members)]
    duties = _duties(layer, zone, begins, ends, at)
    covers = [
        override
        for override in rota.overrides
        if override.layer in (None, layer.name) and override.replaces in (None, owner)
    ]
    edges = [edge for pair in duties for edge in pair] + [edge for o in covers for edge in (o.start, o.end)]
    begins = max([begins, *(edge for edge in edges if edge <= at)])
    ends = min([ends, *(edge for edge in edges if edge > at)])
    if layer.hours and not any(first <= at < last for first, last in duties):
        return _Span(ends, None)
    cover = next((override for override in reversed(covers) if override.start <= at < override.end), None)
    shift = Shift(
        rota=rota.name,
        layer=layer.name,
        person=cover.person if cover else owner,
        start=begins,
        end=ends,
        override=cover.uid if cover else None,
    )
    return _Span(ends, shift)


def _turn(layer: Layer, zone: ZoneInfo, at: datetime) -> tuple[int, datetime, datetime]:
    """The number of the turn at the instant, its start and its end. Guessed on the wall clock, then set right."""
    anchor = datetime.combine(layer.first, layer.handoff)
    number = (at.astimezone(zone).replace(tzinfo=None) - anchor) // layer.length

    def begins(turn: int) -> datetime:
        return _instant(anchor + turn * layer.length, zone)

    while begins(number) > at:
        number -= 1
    while begins(number + 1) <= at:
        number += 1
    return number, begins(number), begins(number + 1)


_AROUND: Final = timedelta(days=8)  # to each side: the same hours of last week and of next, and a day for midnight


def _duties(
    layer: Layer, zone: ZoneInfo, begins: datetime, ends: datetime, at: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches of duty hours within about a week of the instant, as far as they lie in the turn."""
    if not layer.hours:
        return []
    found = []
    first_day = max(begins, at - _AROUND).astimezone(zone).date() - DAILY
    last_day = min(ends, at + _AROUND).astimezone(zone).date()
    for day in (first_day + n * DAILY for n in range((last_day - first_day).days + 1)):
        for hours in layer.hours:
            if day.weekday() not in hours.days:
                continue
            last = day if hours.end > hours.start else day + DAILY
            first_at = max(begins, _instant(datetime.combine(day, hours.start), zone))
            last_at = min(ends, _instant(datetime.combine(last, hours.end), zone))
            if first_at < last_at:
                found.append((first_at, last_at))
    return found


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that a naive wall time means in the zone; see the module's words on gaps and folds."""
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    # In a gap: find the second at which the clocks changed, between the two readings of the wall time.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    seconds = range(int(early.timestamp()), int(late.timestamp()) + 1)
    changed = bisect_left(seconds, True, key=lambda s: datetime.fromtimestamp(s, zone).utcoffset() != before)
    return datetime.fromtimestamp(seconds[changed], UTC)
