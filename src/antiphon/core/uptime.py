"""How something did over the last days, from the spans in which it did not simply work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from antiphon.core.status import State

DAYS: Final = 90
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A state from `began_at` until `ended_at` (None: still). Aware UTC, the end excluded."""

    state: State
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day where the organisation is: the worst that was seen, and how many minutes it was down."""

    day: date
    worst: State
    minutes_down: float


def days(spans: Sequence[Span], *, now: datetime, zone: tzinfo) -> tuple[Day, ...]:
    """The last `DAYS` days up to `now`, the oldest first. A day has as many hours as its zone gives it."""
    today = now.astimezone(zone).date()
    found = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        begins, ends = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
        here = [span for span in spans if _within(span, begins, min(ends, now)) > timedelta()]
        worst = max((span.state for span in here), key=lambda state: state.rank, default=State.OPERATIONAL)
        found.append(Day(day, worst, round(_down(here, begins, min(ends, now)) / MINUTE, 1)))
    return tuple(found)


def uptime(spans: Iterable[Span], *, now: datetime) -> float:
    """Percent of the last `DAYS` × 24 hours in which it was not down. A partial outage is shown, not counted."""
    whole = timedelta(days=DAYS)
    return round(100 * (1 - _down(spans, now - whole, now) / whole), 3)


def _down(spans: Iterable[Span], begins: datetime, ends: datetime) -> timedelta:
    outages = (span for span in spans if span.state == State.MAJOR_OUTAGE)
    return sum((_within(span, begins, ends) for span in outages), timedelta())


def _within(span: Span, begins: datetime, ends: datetime) -> timedelta:
    return max(min(span.ended_at or ends, ends) - max(span.began_at, begins), timedelta())


def _midnight(day: date, zone: tzinfo) -> datetime:
    """In UTC: between two instants of one zone Python counts the hours on the wall."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
