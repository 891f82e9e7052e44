"""The figures of one incident, read from its record alone. Each goes by its full name: “MTTR” alone is ambiguous.

All times are differences of UTC instants. A figure that the record cannot give yet is None, never zero.
Source: DOMAIN §12.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.events import (
    Event,
    IncidentDeclared,
    IncidentReopened,
    IncidentResolved,
    PageAcknowledged,
    PromiseBroken,
    PromiseKept,
    TaskDone,
    TrackMoved,
    TrackOpened,
    UpdatePublished,
    WorkaroundAdded,
)
from antiphon.core.tracks import CONTAINMENT

Record = Iterable[tuple[datetime, Event]]
"""An incident's events with the instants at which they were written, in their order."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One named span. `definition` says from what to what."""

    key: str
    label: str
    definition: str
    span: timedelta | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises to one audience, kept and broken. Released ones were not owed and do not count."""

    audience: str
    kept: int
    broken: int


@dataclass(frozen=True, slots=True)
class _Marks:
    """The first instants that matter; those of the resolution are the last ones, since it may be reopened."""

    started: datetime | None
    detected: datetime | None
    declared: datetime | None
    acknowledged: datetime | None
    responded: datetime | None
    engaged: datetime | None
    contained: datetime | None
    resolved: datetime | None


_SPANS: Final[tuple[tuple[str, str, str, Callable[[_Marks], tuple[datetime | None, datetime | None]]], ...]] = (
    (
        "detect",
        "Time to detect",
        "from the first failure to its detection; needs the start of the failure, which a person states",
        lambda m: (m.started, m.detected),
    ),
    (
        "acknowledge",
        "Time to acknowledge",
        "from the declaration to the first acknowledgement of a page",
        lambda m: (m.declared, m.acknowledged),
    ),
    (
        "respond",
        "Time to respond",
        "from the declaration to the first update sent to any audience",
        lambda m: (m.declared, m.responded),
    ),
    (
        "engage",
        "Time to engage the business track",
        "from the declaration to the opening of the business track",
        lambda m: (m.declared, m.engaged),
    ),
    (
        "contain",
        "Time to contain",
        "from the detection to the first workaround, the containment ticked off, or the stage monitoring",
        lambda m: (m.detected, m.contained),
    ),
    (
        "resolve",
        "Time to resolve",
        "from the detection to the resolution that held, reopenings included",
        lambda m: (m.detected, m.resolved),
    ),
)


def spans(record: Record, *, started_at: datetime | None = None) -> tuple[Figure, ...]:
    """The six spans of the incident. `started_at`: when the failure began, when somebody has established it."""
    marks = _marks(tuple(record), started_at)
    figures = []
    for key, label, definition, ends in _SPANS:
        first, last = ends(marks)
        span = max(last - first, timedelta()) if first and last else None
        figures.append(Figure(key, label, definition, span))
    return tuple(figures)


def downtime(record: Record, *, now: datetime, started_at: datetime | None = None) -> timedelta:
    """How long the service was disturbed: from its start (else the detection) to each resolution, and again from each
    reopening. A disturbance that lasts counts until `now`."""
    since: datetime | None = None
    total = timedelta()
    for at, event in record:
        if isinstance(event, IncidentDeclared):
            since = started_at or event.detected_at
        elif isinstance(event, IncidentReopened):
            since = since or at
        elif isinstance(event, IncidentResolved) and since:
            total += max(at - since, timedelta())
            since = None
    return total + (max(now - since, timedelta()) if since else timedelta())


def promises(record: Record) -> tuple[Kept, ...]:
    """Promises kept and broken per audience, in the order of their names."""
    counts: dict[str, list[int]] = {}
    for _, event in record:
        if isinstance(event, PromiseKept | PromiseBroken):
            counts.setdefault(event.audience, [0, 0])[isinstance(event, PromiseBroken)] += 1
    return tuple(Kept(audience, kept, broken) for audience, (kept, broken) in sorted(counts.items()))


def _marks(record: tuple[tuple[datetime, Event], ...], started_at: datetime | None) -> _Marks:
    declared = next(((at, e) for at, e in record if isinstance(e, IncidentDeclared)), None)
    resolved = None
    for at, event in record:
        if isinstance(event, IncidentResolved):
            resolved = at
        elif isinstance(event, IncidentReopened):
            resolved = None
    return _Marks(
        started=started_at,
        detected=declared[1].detected_at if declared else None,
        declared=declared[0] if declared else None,
        acknowledged=_first(record, lambda e: isinstance(e, PageAcknowledged)),
        responded=_first(record, lambda e: isinstance(e, UpdatePublished)),
        engaged=_first(record, lambda e: isinstance(e, TrackOpened) and e.track == "business"),
        contained=_first(record, _contains),
        resolved=resolved,
    )


def _first(record: Record, which: Callable[[Event], bool]) -> datetime | None:
    return next((at for at, event in record if which(event)), None)


def _contains(event: Event) -> bool:
    if isinstance(event, TaskDone):
        return event.title == CONTAINMENT
    return isinstance(event, WorkaroundAdded) or (isinstance(event, TrackMoved) and event.after == "monitoring")
