"""The catalog as it is kept, for scripts: entities with their links and contracts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from antiphon.core.sources.origins import author
from antiphon.db.models import Contract, Entity, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """A typed link to another entity; `kind` runs from source to target, one of which this is; `origin` made it."""

    kind: str
    source: str
    target: str
    origin: str


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
    response_minutes: int | None
    credits: str
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySeen:
    """One entity. None in a business fact means that the catalog does not say. `sources`: by field, who set it."""

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
    documents: tuple[Mapping[str, str], ...]
    contact: str
    users: int | None
    regions: tuple[str, ...]
    redundancy: tuple[Mapping[str, Any], ...]
    revenue_profile: tuple[Mapping[str, Any], ...]
    zone: str
    extra: Mapping[str, Any]
    sources: Mapping[str, str]
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


def uid_of(name: str) -> str | None:
    """The uid of the entity of this name, or None."""
    return Entity.objects.filter(name=name).values_list("uid", flat=True).first()


def link(source: str, kind: str, target: str) -> int | None:
    """The link between these two, or None."""
    found = Link.objects.filter(source__name=source, kind=kind, target__name=target)
    return found.values_list("pk", flat=True).first()


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
        documents=tuple(row.documents),
        regions=tuple(row.regions),
        redundancy=tuple(row.redundancy),
        revenue_profile=tuple(row.revenue_profile),
        sources=_sources(row.origins),
        links=tuple(_link(each) for each in links),
        contracts=tuple(_contract(each) for each in contracts),
    )


def _link(row: Link) -> LinkSeen:
    return LinkSeen(kind=row.kind, source=row.source.name, target=row.target.name, origin=author(row.origin))


def _sources(origins: Mapping[str, str]) -> dict[str, str]:
    return {field: author(origin) for field, origin in sorted(origins.items())}


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
    "contact",
    "users",
    "zone",
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
        response_minutes=row.response_minutes,
        credits=row.credits,
        sources=_sources(row.origins),
    )
