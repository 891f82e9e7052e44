"""From the spans in which a component was published as not well to its days and its uptime. Pure.

Days are those of the page's zone, so that a bar is the day its readers lived through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from antiphon.pages.state import HISTORY_DAYS, Component, Span, worst_status

WEIGHTS = {"partial_outage": 0.3, "major_outage": 1.0}
"""How much of a stretch counts as down. Statuspage reckons so; slowness and planned work do not count."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: the worst status published, and how long other than operational. "" before there was anything."""

    day: date
    status: str
    troubled: timedelta


@dataclass(frozen=True, slots=True)
class Uptime:
    """The past `HISTORY_DAYS` days, oldest first; `share` from 0 to 1, of these days or, where the component was listed
    later than they began, of the time since then; `listed` is that instant."""

    days: tuple[Day, ...]
    share: float
    listed: datetime | None = None

    @property
    def percent(self) -> str:
        """The share in words, never rounded up to a perfect one: "99.98 %"."""
        hundredths = int(self.share * 10_000)
        return "100 %" if self.share >= 1 else f"{hundredths // 100}.{hundredths % 100:02} %"


def of_component(component: Component, *, zone: str, as_of: datetime) -> Uptime:
    """What was published of a component until `as_of`."""
    here = ZoneInfo(zone)
    today = as_of.astimezone(here).date()
    days = tuple(_day(component, each, here, as_of) for each in _days(today))
    since = max(_midnight(days[0].day, here), component.created_at)
    listed = since if since == component.created_at else None
    whole = as_of - since
    down = sum((overlap(span, since, as_of) * WEIGHTS.get(span.status, 0) for span in component.spans), timedelta())
    return Uptime(days, 1.0 if whole <= timedelta() else max(1 - down / whole, 0.0), listed)


def overlap(span: Span, start: datetime, end: datetime) -> timedelta:
    """How much of a span lies between two instants."""
    return max(min(span.ended_at or end, end) - max(span.began_at, start), timedelta())


def _days(today: date) -> Iterator[date]:
    return (today - timedelta(days=ago) for ago in reversed(range(HISTORY_DAYS)))


def _day(component: Component, day: date, zone: ZoneInfo, as_of: datetime) -> Day:
    start, end = _midnight(day, zone), min(_midnight(day + timedelta(days=1), zone), as_of)
    if end <= component.created_at:
        return Day(day, "", timedelta())
    said = {span.status: overlap(span, start, end) for span in component.spans if overlap(span, start, end)}
    return Day(day, worst_status(said), sum((overlap(span, start, end) for span in component.spans), timedelta()))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
