"""The catalog as it is kept, for scripts: entities with their links and contracts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from antiphon.db.models import Contract, Entity, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """A typed link to another entity; `kind` runs from source to target, one of which this is."""

    kind: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSeen:
    """What was promised to `customer` for `service`; minutes are None where the contract does not speak of them."""

    uid: str
    name: str
    customer: str
    service: str
    starts_at: datetime
    ends_at: datetime
    resolution_minutes: int | None
    downtime_minutes_per_month: int | None
    update_minutes: int | None
    credits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySeen:
    """One entity. None in a business fact means that the catalog does not say."""

    uid: str
    kind: str
    name: str
    title: str
    public_title: str
    description: str
    environment: str
    customer_facing: bool | None
    internal: bool
    tier: int | None
    revenue_per_minute: float | None
    data_classes: tuple[str, ...]
    strategic: bool
    critical_periods: tuple[Mapping[str, Any], ...]
    on_status_page: bool
    owner: str
    policy: str
    runbook: str
    extra: Mapping[str, Any]
    updated_at: datetime
    links: tuple[LinkSeen, ...]
    contracts: tuple[ContractSeen, ...]


def find(*, kind: str = "", q: str = "", after: str = "", limit: int = 50) -> list[EntitySeen]:
    """Entities by name, those behind `after`; `q` is a part of the name or title. Five statements, however many."""
    rows = Entity.objects.order_by("name")
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(title__icontains=q))
    if after:
        rows = rows.filter(name__gt=after)
    return [_seen(row) for row in _whole(rows)[:limit]]


def of_name(name: str) -> EntitySeen | None:
    """The entity of this name, or None."""
    row = _whole(Entity.objects.filter(name=name)).first()
    return _seen(row) if row else None


def _whole(rows: QuerySet[Entity]) -> QuerySet[Entity]:
    links = Link.objects.select_related("source", "target").order_by("kind", "id")
    contracts = Contract.objects.select_related("customer", "service").order_by("name")
    return rows.prefetch_related(
        Prefetch("links_out", links),
        Prefetch("links_in", links),
        Prefetch("contracts", contracts),
        Prefetch("contracted", contracts),
    )


def _seen(row: Entity) -> EntitySeen:
    links = (*row.links_out.all(), *row.links_in.all())
    contracts = (*row.contracts.all(), *row.contracted.all())
    return EntitySeen(
        **{name: getattr(row, name) for name in _SAME},
        data_classes=tuple(row.data_classes),
        critical_periods=tuple(row.critical_periods),
        links=tuple(LinkSeen(kind=link.kind, source=link.source.name, target=link.target.name) for link in links),
        contracts=tuple(_contract(each) for each in contracts),
    )


_SAME = (
    "uid",
    "kind",
    "name",
    "title",
    "public_title",
    "description",
    "environment",
    "customer_facing",
    "internal",
    "tier",
    "revenue_per_minute",
    "strategic",
    "on_status_page",
    "owner",
    "policy",
    "runbook",
    "extra",
    "updated_at",
)


def _contract(row: Contract) -> ContractSeen:
    return ContractSeen(
        uid=row.uid,
        name=row.name,
        customer=row.customer.name,
        service=row.service.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        resolution_minutes=row.resolution_minutes,
        downtime_minutes_per_month=row.downtime_minutes_per_month,
        update_minutes=row.update_minutes,
        credits=row.credits,
    )
