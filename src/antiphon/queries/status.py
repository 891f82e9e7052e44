"""How an entity works now, why, and how it did over the last 90 days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from antiphon.core.status import Because, State
from antiphon.core.uptime import DAYS, Day, Span, days, uptime
from antiphon.db.models import Entity, Organisation, StatusSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSeen:
    """`since`: when the present state began; None when it has worked for as long as is kept. `why` runs from the
    entity to the causes. `uptime_90d` in percent; `days` the oldest first."""

    state: State
    since: datetime | None
    why: tuple[Because, ...]
    uptime_90d: float
    days: tuple[Day, ...]


def of_name(name: str, *, now: datetime) -> StatusSeen | None:
    """The status of the entity of this name; None when the catalog knows none."""
    row = Entity.objects.filter(name=name).first()
    return of_entity(row, now=now) if row else None


def of_entity(row: Entity, *, now: datetime) -> StatusSeen:
    """The status of an entity. Two statements."""
    recent = Q(ended_at__isnull=True) | Q(ended_at__gt=now - timedelta(days=DAYS + 1))
    rows = list(StatusSpan.objects.filter(recent, entity=row).order_by("began_at", "id"))
    spans = [Span(State(each.state), each.began_at, each.ended_at) for each in rows]
    open_now = next((each for each in rows if each.ended_at is None), None)
    ended = [each.ended_at for each in rows if each.ended_at is not None]
    return StatusSeen(
        state=State(open_now.state) if open_now else State.OPERATIONAL,
        since=open_now.began_at if open_now else max(ended, default=None),
        why=tuple(Because(**each) for each in open_now.why) if open_now else (),
        uptime_90d=uptime(spans, now=now),
        days=days(spans, now=now, zone=ZoneInfo(Organisation.only().zone)),
    )
