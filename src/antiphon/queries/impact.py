"""What a failure reaches, layer by layer, and what that costs a minute: read from the catalog's graph."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from antiphon.core.questions.situation import Reached
from antiphon.db.graph import graph
from antiphon.db.models import Contact, Contract, Incident, Organisation

SHOWN: Final = 6
"""Entities of one layer that are named; the rest is counted."""

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is hit. `health` is down, degraded or "" (people and contracts have none)."""

    name: str
    url: str = ""
    health: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """Things of one kind. `more` counts those that are not named."""

    label: str
    items: tuple[Item, ...]
    more: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What is reached. `per_minute` and `lost` are sums in `currency`, None where the catalog states no revenue."""

    layers: tuple[Layer, ...]
    customers_total: int
    per_minute: float | None
    lost: float | None
    currency: str

    @property
    def a_minute(self) -> str:
        """What is at stake each minute, in words; "" when nobody stated it."""
        return money(self.per_minute, self.currency)

    @property
    def so_far(self) -> str:
        """What it cost until now, in words; "" when that is not known."""
        return money(self.lost, self.currency)


def money(amount: float | None, currency: str) -> str:
    """A rounded sum with its currency, "EUR 1,840"; "" when there is none to tell."""
    return "" if amount is None else f"{currency} {amount:,.0f}"


def of_incident(incident: Incident, affected: Sequence[str], *, now: datetime) -> Impact:
    """The reach of an incident, and what it cost until its end or `now`. Three statements."""
    reached = graph().reach(affected)
    per_minute = earning(reached)
    end = incident.resolved_at or incident.cancelled_at or now
    minutes = max(end - incident.detected_at, timedelta()) / MINUTE
    counts = incident.nature == "real" and incident.incident_type in ("disruption", "degradation")
    return Impact(
        layers=_layers(reached, affected, down=incident.incident_type == "disruption", at=now),
        customers_total=graph().customers,
        per_minute=per_minute,
        lost=per_minute * minutes if per_minute is not None and counts else None,
        currency=Organisation.only().currency,
    )


def earning(reached: Iterable[Reached]) -> float | None:
    """What production work among these earns a minute; None when the catalog states nothing."""
    stated = [each.revenue_per_minute for each in reached if each.production and each.revenue_per_minute]
    return sum(stated) if stated else None


def _layers(reached: Sequence[Reached], affected: Sequence[str], *, down: bool, at: datetime) -> tuple[Layer, ...]:
    named = set(affected)
    worst = "down" if down else "degraded"
    missing = [name for name in affected if name not in {each.name for each in reached}]
    failing = [_item(each, worst) for each in reached if each.name in named]
    failing += [Item(name, note="not in the catalog") for name in missing]
    hit = [each for each in reached if each.name not in named]
    customers = [each for each in hit if each.kind == "customer"]
    layers = (
        _layer("Affected", failing),
        _layer("Components and services", _items(hit, lambda each: each.kind in ("component", "service"))),
        _layer("Applications", _items(hit, lambda each: each.kind == "application"), note="what people use"),
        _layer("Workflows", _items(hit, lambda each: each.kind == "workflow")),
        _layer("Customers", [_item(each, "") for each in customers], note=_segments([each.name for each in customers])),
        _layer("Partners and segments", _items(hit, lambda each: each.kind in ("partner", "segment"))),
        _contracts(reached, at=at),
    )
    return tuple(layer for layer in layers if layer.items)


def _items(reached: Iterable[Reached], which: Callable[[Reached], bool]) -> list[Item]:
    return [_item(each, "degraded") for each in reached if which(each)]


def _item(entity: Reached, health: str) -> Item:
    notes = [
        f"{entity.revenue_per_minute:g} a minute" if entity.revenue_per_minute else "",
        f"tier {entity.tier}" if entity.tier else "",
        "strategic" if entity.strategic else "",
        entity.environment if not entity.production else "",
    ]
    url = f"/catalog/{quote(entity.name, safe='')}"
    return Item(entity.shown, url, health, ", ".join(note for note in notes if note))


def _layer(label: str, items: Sequence[Item], *, note: str = "") -> Layer:
    return Layer(label, tuple(items[:SHOWN]), max(len(items) - SHOWN, 0), note)


def _segments(customers: Sequence[str]) -> str:
    """How many contacts of these customers read which version: "226 business (12 untagged), 31 technical"."""
    if not customers:
        return ""
    count = readers(customers)
    parts = []
    if count["business"]:
        untagged = f" ({count['untagged']} untagged)" if count["untagged"] else ""
        parts.append(f"{count['business']} business{untagged}")
    if count["technical"]:
        parts.append(f"{count['technical']} technical")
    return ", ".join(parts) + " contacts" if parts else "no contacts"


def readers(customers: Iterable[str]) -> Mapping[str, int]:
    """How many contacts of these customers read the technical and the business version, and how many are untagged.

    Who unsubscribed does not count. Untagged contacts are part of the business readers. One statement.
    """
    contacts = Contact.objects.filter(customer__name__in=list(customers), unsubscribed_at__isnull=True)
    count: Counter[str] = Counter()
    for segment, wants in contacts.values_list("segment", "wants_technical"):
        technical = segment == "technical" or wants
        count["technical" if technical else "business"] += 1
        count["untagged"] += segment not in ("technical", "business") and not technical
    return count


def _contracts(reached: Iterable[Reached], *, at: datetime) -> Layer:
    services = [each.name for each in reached]
    rows = Contract.objects.filter(service__name__in=services, starts_at__lte=at, ends_at__gt=at)
    return _layer("Contracts", [Item(row.name, note=_promise(row)) for row in rows])


def _promise(row: Contract) -> str:
    if row.resolution_minutes:
        return f"resolved within {row.resolution_minutes} min"
    if row.downtime_minutes_per_month:
        return f"{row.downtime_minutes_per_month} min down a month"
    return ""
