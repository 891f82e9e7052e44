"""What contracts over the things that are hit have left: the time to resolve, and the downtime of the month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import Any, Final

from django.db.models import F, Q

from antiphon.core.questions.situation import PEOPLE, Reached
from antiphon.db.graph import graph
from antiphon.db.models import Contract, Incident

MOST: Final = 2_000
"""Contracts that are looked at, those with the shortest time to resolve first."""
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A contract with what it has left. `what`: the limit that is reached first, in words; `minutes_left` is below 0
    when it is breached, None when the contract sets no limit; `ended`: the incident is over, the clock stands."""

    name: str
    customer: str
    service: str
    what: str
    minutes_left: float | None
    breach_at: datetime | None
    ended: bool = False

    @property
    def breached(self) -> bool:
        """Whether the limit is passed."""
        return self.minutes_left is not None and self.minutes_left <= 0

    @property
    def left(self) -> str:
        """What is left, in words: "38 min left", "breached 2 h 5 min ago"."""
        if self.minutes_left is None:
            return "no limit is agreed"
        if self.ended:
            return f"breached by {_span(-self.minutes_left)}" if self.breached else "kept"
        return f"breached {_span(-self.minutes_left)} ago" if self.breached else f"{_span(self.minutes_left)} left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the clocks run by: from `start` to `at`; `incident`: its id, None when it is only imagined."""

    start: datetime
    at: datetime
    ended: bool = False
    incident: int | None = None


def clocks(reached: Collection[Reached], running: Running) -> tuple[Clock, ...]:
    """Of every contract in force over production work that is reached, the least left first. At most three statements
    and a walk for each service that has a budget of downtime."""
    services = [each.name for each in reached if each.production and each.kind not in PEOPLE]
    rows = Contract.objects.filter(starts_at__lte=running.at, ends_at__gt=running.at).order_by(
        F("resolution_minutes").asc(nulls_last=True), "name"
    )
    columns = ("name", "customer__title", "service__name", "service__title", "resolution_minutes",
               "downtime_minutes_per_month")  # fmt: skip
    found: list[Any] = []
    for at in range(0, len(services), MOST):
        found += rows.filter(service__name__in=services[at : at + MOST]).values_list(*columns, named=True)[:MOST]
    used = _used({row.service__name for row in found if row.downtime_minutes_per_month is not None}, running)
    made = [_clock(row, used.get(row.service__name, 0.0), running) for row in found]
    return tuple(sorted(made, key=lambda each: (each.minutes_left is None, each.minutes_left or 0, each.name)))


def _clock(row: Any, used: float, running: Running) -> Clock:
    limits: list[tuple[datetime, str]] = []
    if row.resolution_minutes is not None:
        until = running.start + timedelta(minutes=row.resolution_minutes)
        limits.append((until, f"to be resolved within {row.resolution_minutes} min"))
    if row.downtime_minutes_per_month is not None:
        budget = row.downtime_minutes_per_month
        until = running.start + timedelta(minutes=max(budget - used, 0))
        limits.append((until, f"at most {budget} min down a month, {used:.0f} used before"))
    breach_at, what = min(limits, default=(None, ""))
    return Clock(
        name=row.name,
        customer=row.customer__title,
        service=row.service__title or row.service__name,
        what=what,
        minutes_left=None if breach_at is None else (breach_at - running.at) / MINUTE,
        breach_at=breach_at,
        ended=running.ended,
    )


def _used(services: Collection[str], running: Running) -> Mapping[str, float]:
    """Minutes of disruption this month before this incident, on each service or on what it leans on. What is only
    imagined comes on top of disruptions that last."""
    if not services:
        return {}
    month = running.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    over = Q(resolved_at__gt=month)
    if running.incident is None:
        over |= Q(resolved_at=None, cancelled_at=None)
    before = Incident.objects.filter(over, nature="real", incident_type="disruption")
    if running.incident is not None:
        before = before.exclude(pk=running.incident)
    spans: dict[int, tuple[float, set[str]]] = {}
    told = before.order_by().values_list("pk", "detected_at", "resolved_at", "affected__entity")
    for key, began, ended, entity in told:
        lasted = max(((ended or running.at) - max(began, month)) / MINUTE, 0.0)
        spans.setdefault(key, (lasted, set()))[1].add(entity)
    return _by_service(services, list(spans.values())) if spans else {}


def _by_service(services: Collection[str], spans: Sequence[tuple[float, set[str]]]) -> Mapping[str, float]:
    known = graph()
    beneath = {service: known.foundations(service) for service in services}
    return {
        service: sum(lasted for lasted, hit in spans if not hit.isdisjoint(below)) for service, below in beneath.items()
    }


def _span(minutes: float) -> str:
    """In the unit people say, rounded down."""
    whole = floor(minutes)
    if whole < 90:
        return f"{whole} min"
    if whole < 48 * 60:
        return f"{whole // 60} h {whole % 60} min"
    return f"{whole // (24 * 60)} days"
