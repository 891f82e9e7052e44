"""The catalog as people read it: the list, and everything known of one entity."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.db.models import Q

from antiphon.core.configuration import lines
from antiphon.core.questions.situation import Reached
from antiphon.db.graph import Graph, graph
from antiphon.db.models import Contract, Entity, Link, Organisation
from antiphon.queries.catalog_sources import by_field
from antiphon.queries.health import Health, health
from antiphon.queries.impact import earning, money

PAGE: Final = 100
SHOWN: Final = 12
"""Names of one layer that are shown before the rest is counted."""

LABELS: Final = {
    "depends_on": ("depends on", "needed by"),
    "serves": ("serves", "served by"),
    "part_of": ("part of", "parts"),
    "contracted_for": ("contracted for", "contracted to"),
    "owned_by": ("owned by", "owns"),
}
"""What a link is called from its source and from its target."""

LAYERS: Final = ("component", "service", "application", "workflow", "vendor", "team", "partner", "segment", "customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list. `customers` hang on it; `per_minute` is text with the currency."""

    name: str
    title: str
    url: str
    kind: str
    health: str
    why: str
    owner: str
    environment: str
    tier: int | None
    customers: int
    per_minute: str


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    url: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Another entity, and the link by which it stands here (0: none to remove)."""

    name: str
    url: str
    kind: str
    health: str = ""
    note: str = ""
    link: int = 0


@dataclass(frozen=True, slots=True)
class LinkGroup:
    label: str
    items: tuple[Linked, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A kind of what is reached; `more` are counted, not named."""

    label: str
    items: tuple[Linked, ...]
    more: int
    note: str


@dataclass(frozen=True, slots=True)
class Impact:
    a_minute: str
    customers_total: int
    layers: tuple[Layer, ...]


def url_of(name: str) -> str:
    """The address of an entity's page."""
    return f"/catalog/{quote(name, safe='')}"


def listed(*, q: str, kind: str, offset: int, now: datetime) -> list[Listed]:
    """At most `PAGE` entities and one more, by name, from the offset."""
    rows = Entity.objects.all()
    if kind:
        rows = rows.filter(kind=kind)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(title__icontains=q))
    known, doing, currency = graph(), health(now=now), Organisation.only().currency
    return [_line(row, known, doing, currency) for row in rows[offset : offset + PAGE + 1]]


def _line(row: Entity, known: Graph, doing: Mapping[str, Health], currency: str) -> Listed:
    now_here = doing.get(row.name, Health("unknown"))
    hit = () if row.kind in ("customer", "team") else known.reach([row.name])
    return Listed(
        name=row.name,
        title=row.title,
        url=url_of(row.name),
        kind=row.kind,
        health=now_here.word,
        why=now_here.why if now_here.word not in ("", "ok", "unknown") else "",
        owner=row.owner,
        environment=row.environment,
        tier=row.tier,
        customers=sum(each.kind == "customer" for each in hit),
        per_minute=money(row.revenue_per_minute, currency) if row.revenue_per_minute else "",
    )


def facts(row: Entity) -> tuple[Fact, ...]:
    """What the catalog says of an entity and who said it, and what it does not say where a question needs it."""
    quiet = ("Customers use it", "Worth a minute") if row.kind in ("customer", "team", "segment") else ()
    said = by_field(row.origins)
    return tuple(
        Fact(label, value, source=said.get(field, ""))
        for label, value, field in _facts(row)
        if value and label not in quiet
    )


def _facts(row: Entity) -> Iterator[tuple[str, str, str]]:
    """Label, value, and the column that it is of."""
    organisation = Organisation.only()
    facing = {True: "yes", False: "no", None: "nobody has said"}[row.customer_facing]
    yield "Name in alerts", row.name if row.name != row.title else "", ""
    yield "Customers see it as", row.public_title, "public_title"
    yield "Environment", row.environment, "environment"
    yield "Tier", str(row.tier) if row.tier else "", "tier"
    yield (
        "Customers use it",
        "no, a tool of our own people" if row.internal else facing,
        ("internal" if row.internal else "customer_facing"),
    )
    yield "Users", f"{row.users:,}" if row.users is not None else "", "users"
    worth = money(row.revenue_per_minute, organisation.currency) or "nobody has said"
    yield "Worth a minute", worth, "revenue_per_minute"
    zone = ZoneInfo(row.zone or organisation.zone or "UTC")
    for each in lines.profile_lines(row.revenue_profile).splitlines():
        yield "Hours worth more", f"{each} ({zone.key})", "revenue_profile"
    for each in lines.redundancy_lines(row.redundancy).splitlines():
        yield "Works while", f"{each} work", "redundancy"
    yield "Data", ", ".join(map(str, row.data_classes)), "data_classes"
    yield "Regions", ", ".join(map(str, row.regions)), "regions"
    yield "Strategic", "yes" if row.strategic else "", "strategic"
    yield "On the status page", "yes" if row.on_status_page else "", "on_status_page"
    yield "Escalation policy", row.policy, "policy"
    yield "Owner", row.owner, "owner"
    yield "Reached at", row.contact, "contact"
    for each in lines.periods_lines(row.critical_periods, ZoneInfo(organisation.zone or "UTC")).splitlines():
        yield "Critical period", each, "critical_periods"
    for name, value in row.extra.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield str(name), shown, f"extra.{name}"


def documents(row: Entity) -> tuple[Fact, ...]:
    """The runbook and the documents, as labels and addresses (empty where it is none)."""
    found = [Fact(row.runbook, row.runbook)] if row.runbook else []
    found += [Fact(each["title"], each["url"], source=each["kind"]) for each in row.documents]
    unique = {fact.value: fact for fact in found}
    return tuple(replace(fact, url=fact.value if _is_address(fact.value) else "") for fact in unique.values())


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A contract as one of its two ends shows it: with whom, and in words what was promised."""

    uid: str
    name: str
    other: str
    other_url: str
    terms: str
    until: date


def contracts(row: Entity) -> tuple[Promised, ...]:
    """The contracts of a customer, or over a service, by name; at most `PAGE`."""
    found = Contract.objects.filter(Q(service=row) | Q(customer=row)).select_related("customer", "service")
    return tuple(_promised(each, row) for each in found[:PAGE])


def _promised(contract: Contract, row: Entity) -> Promised:
    other = contract.customer if contract.service.pk == row.pk else contract.service
    terms = (
        (contract.resolution_minutes, "resolved within {} min"),
        (contract.response_minutes, "answered within {} min"),
        (contract.downtime_minutes_per_month, "at most {} min a month"),
        (contract.update_minutes, "an update every {} min"),
    )
    return Promised(
        uid=contract.uid,
        name=contract.name,
        other=other.title,
        other_url=url_of(other.name),
        terms="; ".join(words.format(minutes) for minutes, words in terms if minutes),
        until=(contract.ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(Organisation.only().zone)).date(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody at a customer who is told, and by which version."""

    uid: str
    name: str
    email: str
    segment: str
    phone: str
    by: str


def contacts(row: Entity) -> tuple[Told, ...]:
    """The contacts of a customer by name; at most `PAGE`."""
    rows = row.contacts.order_by("name", "email")[:PAGE]
    return tuple(
        Told(uid=each.uid, name=each.name, email=each.email, segment=each.segment, phone=each.phone,
             by=by_field(each.origins).get("segment", ""))
        for each in rows
    )  # fmt: skip


def links(row: Entity, *, doing: Mapping[str, Health]) -> tuple[LinkGroup, ...]:
    """What it is linked with, each way of each kind apart; `doing` is the health of everything."""
    found: dict[str, list[Linked]] = {}
    for link in Link.objects.filter(source=row).select_related("target").order_by("kind", "target__name"):
        found.setdefault(LABELS[link.kind][0], []).append(_linked(link.target, link, doing))
    for link in Link.objects.filter(target=row).select_related("source").order_by("kind", "source__name"):
        found.setdefault(LABELS[link.kind][1], []).append(_linked(link.source, link, doing))
    return tuple(LinkGroup(label, tuple(items)) for label, items in found.items())


def _linked(other: Entity, link: Link, doing: Mapping[str, Health]) -> Linked:
    word = doing.get(other.name, Health("")).word
    return Linked(name=other.title, url=url_of(other.name), kind=other.kind, health=word, link=link.pk)


def impact(names: Iterable[str], *, doing: Mapping[str, Health]) -> Impact | None:
    """What a failure of these reaches, layer by layer; None when the catalog knows none of them. `doing` is the health
    of everything."""
    known = graph()
    reached = known.reach(names)
    if not reached:
        return None
    order = {kind: place for place, kind in enumerate(LAYERS)}
    kinds = sorted({each.kind for each in reached}, key=lambda kind: order.get(kind, len(order)))
    return Impact(
        a_minute=money(earning(reached), Organisation.only().currency),
        customers_total=known.customers,
        layers=tuple(_layer(kind, [each for each in reached if each.kind == kind], known, doing) for kind in kinds),
    )


def _layer(kind: str, reached: list[Reached], known: Graph, doing: Mapping[str, Health]) -> Layer:
    shown = sorted(reached, key=lambda each: (not each.strategic, len(each.path)))[:SHOWN]
    items = tuple(
        Linked(
            name=each.shown,
            url=url_of(each.name),
            kind=each.kind,
            health="" if kind == "customer" else doing.get(each.name, Health("")).word,
            note="strategic" if each.strategic else "",
        )
        for each in shown
    )
    count = f"{len(reached)} of {known.customers}" if kind == "customer" else str(len(reached))
    label = kind.capitalize() + ("s" if len(reached) != 1 else "")
    return Layer(label, items, len(reached) - len(items), count if len(reached) > 1 or kind == "customer" else "")
