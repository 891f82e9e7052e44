"""How an entity works and how it did, as its page shows it: words, and a bar for each day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from antiphon.core.status import State
from antiphon.core.uptime import Day
from antiphon.db.models import Entity
from antiphon.queries import status
from antiphon.queries.catalog import url_of

WORDS: Final = {
    State.OPERATIONAL: gettext_noop("Works"),
    State.MAINTENANCE: gettext_noop("Works, with work planned on it"),
    State.DEGRADED: gettext_noop("Degraded"),
    State.PARTIAL_OUTAGE: gettext_noop("Partly down"),
    State.MAJOR_OUTAGE: gettext_noop("Down"),
}
HEIGHTS: Final = {
    State.OPERATIONAL: 6,
    State.MAINTENANCE: 10,
    State.DEGRADED: 14,
    State.PARTIAL_OUTAGE: 19,
    State.MAJOR_OUTAGE: 24,
}
"""The worse, the taller: the bars say it without their colour too."""
TALLEST: Final = 24


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the answer to "why"; `url` is that of the entity's page."""

    name: str
    url: str
    word: str
    because: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A day as drawn. `title` says it in words."""

    x: int
    y: int
    height: int
    tone: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A day on which something was wrong."""

    day: date
    word: str
    minutes_down: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`uptime` in percent, as text; `lines` the newest first."""

    word: str
    tone: str
    since: datetime | None
    reasons: tuple[Reason, ...]
    uptime: str
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]


def shown(row: Entity, *, now: datetime) -> Shown:
    """What the page of an entity says of its status."""
    seen = status.of_entity(row, now=now)
    return Shown(
        word=_(WORDS[seen.state]),
        tone=str(seen.state),
        since=seen.since,
        reasons=tuple(
            Reason(each.entity, url_of(each.entity), _(WORDS[State(each.state)]), each.because) for each in seen.why
        ),
        uptime=f"{seen.uptime_90d:.3f}".rstrip("0").rstrip("."),
        bars=tuple(_bar(place, day) for place, day in enumerate(seen.days)),
        lines=tuple(
            Line(day.day, _(WORDS[day.worst]), day.minutes_down)
            for day in reversed(seen.days)
            if day.worst != State.OPERATIONAL
        ),
    )


def _bar(place: int, day: Day) -> Bar:
    height = HEIGHTS[day.worst]
    return Bar(place * 10, TALLEST - height, height, str(day.worst), f"{day.day:%Y-%m-%d}: {_(WORDS[day.worst])}")
