"""After an incident: when its review is due, and the timeline it starts from.

The technical customers' version is a promise, due within 48 hours of the resolution, for every severity that told
them; the whole review is due inside after five business days. Source: DOMAIN §7 step 7.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from antiphon.core.decision import Decision
from antiphon.core.events import Event, ReviewOpened, StateChanged
from antiphon.core.figures import Record
from antiphon.core.promises import Promise, What, make

CUSTOMERS_WITHIN: Final = timedelta(hours=48)
BUSINESS_DAYS: Final = 5
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The review of one incident. `due_at` is for inside; outside, its promise says when."""

    uid: str
    incident: str
    opened_at: datetime
    due_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened(Decision[Review]):
    """The review with the promises that it starts: one to technical customers when they were told."""

    promises: tuple[Promise, ...] = ()


def open_review(
    *,
    uid: str,
    incident: str,
    resolved_at: datetime,
    told: Collection[str],
    zone: ZoneInfo,
    uids: Iterator[str],
    now: datetime,
    business_days: int = BUSINESS_DAYS,
) -> Opened:
    """Open the review. `told`: audiences that heard of the incident; `zone`: where its business days are counted."""
    due_at = after_business_days(resolved_at, business_days, zone=zone)
    review = Review(uid=uid, incident=incident, opened_at=now, due_at=due_at)
    events: tuple[Event, ...] = (ReviewOpened(due_at=due_at),)
    if "technical" not in told:
        return Opened(review, events)
    promised = make(
        uid=next(uids),
        incident=incident,
        audience="technical",
        what=What.REVIEW,
        due_at=resolved_at + CUSTOMERS_WITHIN,
        reason="Technical customers were told of it.",
        now=now,
    )
    return Opened(review, (*events, *promised.events), (promised.state,))


def after_business_days(start: datetime, days: int, *, zone: ZoneInfo) -> datetime:
    """The same wall time in the zone, `days` weekdays later (UTC). Holidays count as weekdays."""
    local = start.astimezone(zone)
    while days > 0:
        local += timedelta(days=1)  # wall-clock arithmetic: the zone's offset is looked up at the end
        days -= local.weekday() < SATURDAY
    return local.astimezone(UTC)


# --- timeline ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the condensed timeline. `after`: how long after the first line."""

    at: datetime
    kind: str
    sentence: str
    after: timedelta


def timeline(record: Record) -> tuple[Entry, ...]:
    """The milestones of an incident in order, from first alert to review, each with the time since the first.

    A change of state that another milestone of the same instant already tells is left out.
    """
    milestones = [(at, event) for at, event in record if event.milestone]
    told = {at for at, event in milestones if not isinstance(event, StateChanged)}
    shown = [(at, event) for at, event in milestones if not isinstance(event, StateChanged) or at not in told]
    first = shown[0][0] if shown else None
    return tuple(Entry(at, event.kind_of(), event.sentence(), at - (first or at)) for at, event in shown)
