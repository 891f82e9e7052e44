"""What a failure reaches, layer by layer, what that costs, and what contracts have left: read from the catalog."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from antiphon.core import affected as hitting
from antiphon.core.impact import EVERYWHERE, Stated
from antiphon.core.layered import NARROW, WIDE, Drawing, Size
from antiphon.core.questions.situation import Reached
from antiphon.db import record
from antiphon.db.graph import graph
from antiphon.db.models import Incident, Organisation
from antiphon.db.snapshots import affected as stated_of
from antiphon.queries.impact import contracts, customers, drawn, hits
from antiphon.queries.impact.contracts import Clock, Running
from antiphon.queries.impact.customers import Customers, readers
from antiphon.queries.impact.hits import Hit

__all__ = ["Clock", "Impact", "Item", "Layer", "earning", "lost", "money", "of_entity", "of_incident", "readers"]

SHOWN: Final = 6
"""Entities of one layer that are named on the card; the rest is counted."""
LISTED: Final = 200
"""Entities of one layer that the table of the whole map names."""
EVENTS: Final = 2_000
"""Changes of what is affected that are read from one incident's record, the last ones."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is hit. `health` is down, degraded or "" (people have none); `way`: what it is reached through;
    `earns`: what it counts for a minute beside what others earn through it."""

    name: str
    url: str = ""
    health: str = ""
    note: str = ""
    kind: str = ""
    way: str = ""
    share: str = ""
    users: int | None = None
    earns: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """Things of one kind. `more` counts those that are not named."""

    label: str
    items: tuple[Item, ...]
    more: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Protected:
    """What redundancy holds up, with its address."""

    name: str
    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What is reached. `per_minute` and `lost` are sums in `currency`, None where the catalog states no revenue; `lost`
    also where nothing fails. `at`: the instant that it is told for; `affected`: how each named thing is hit."""

    hit: Hit
    affected: Mapping[str, Stated]
    missing: tuple[str, ...]
    customers: Customers
    customers_total: int
    contracts: tuple[Clock, ...]
    per_minute: float | None
    lost: float | None
    currency: str
    at: datetime
    down: bool
    url: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Layer by layer, the first of each named."""
        return _layers(self, SHOWN)

    @property
    def tables(self) -> tuple[Layer, ...]:
        """Layer by layer, whole as far as a page can be."""
        return _layers(self, LISTED)

    @property
    def narrow(self) -> Drawing:
        """The map for a card or a phone."""
        return self._drawing(NARROW)

    @property
    def wide(self) -> Drawing:
        """The map for a page."""
        return self._drawing(WIDE)

    def _drawing(self, size: Size) -> Drawing:
        table = f"{self.url}#table"
        return drawn.drawing(self.hit, self.affected, size, down=self.down, currency=self.currency, rest_url=table)

    @property
    def spared(self) -> tuple[Protected, ...]:
        """What redundancy holds up."""
        known = graph().entities
        return tuple(Protected(known[each.name].shown, _url(each.name), each.text) for each in self.hit.spared)

    @property
    def a_minute(self) -> str:
        """What is at stake each minute, in words; "" when nobody stated it."""
        return money(self.per_minute, self.currency)

    @property
    def so_far(self) -> str:
        """What it cost until now, in words; "" when that is not known."""
        return money(self.lost, self.currency)

    @property
    def users(self) -> int | None:
        """How many people use what is hit, each once as far as the catalog shows it; None when it says nothing."""
        return self.hit.users

    @property
    def figures(self) -> Mapping[str, str]:
        """How many customers there are and how many people, as they are written."""
        users = "" if self.users is None else f"{self.users:,}"
        return {"users": users, "customers": f"{len(self.customers.all):,}", "of": f"{self.customers_total:,}"}

    @property
    def counts(self) -> Mapping[str, int]:
        """How many are hit, by kind."""
        return dict(sorted(Counter(each.kind for each in self.hit.reached).items()))

    @property
    def partial(self) -> tuple[str, ...]:
        """What is not hit wholly or not everywhere, in words: "checkout 30 % in eu-west"."""
        return tuple(_partly(name, each) for name, each in self.affected.items() if each != Stated())


def money(amount: float | None, currency: str) -> str:
    """A rounded sum with its currency, "EUR 1,840"; "" when there is none to tell."""
    return "" if amount is None else f"{currency} {amount:,.0f}"


def of_incident(incident: Incident, *, now: datetime) -> Impact:
    """The reach of an incident, and what it cost until its end or `now`. A handful of statements, however much is hit:
    what only the catalog can change is kept from one call to the next."""
    house = Organisation.only()
    affected = stated_of.load(incident)
    hit = hits.of(affected, zone=house.zone)
    end = incident.resolved_at or incident.cancelled_at
    running = Running(start=incident.detected_at, at=end or now, ended=end is not None, incident=incident.pk)
    return Impact(
        hit=hit,
        affected=affected,
        missing=_missing(affected),
        customers=customers.of(hit.reached),
        customers_total=graph().customers,
        contracts=contracts.clocks(hit.reached, running),
        per_minute=hit.per_minute(at=end or now),
        lost=lost(incident, now=now, zone=house.zone),
        currency=house.currency,
        at=end or now,
        down=incident.incident_type == "disruption",
        url=f"/incidents/{incident.number}/impact",
    )


def of_entity(name: str, *, now: datetime, share: float = 1.0, region: str = EVERYWHERE) -> Impact:
    """What it would reach if this failed now; nothing is lost, and the clocks of contracts begin now."""
    house = Organisation.only()
    affected = {name: Stated(share, region)}
    hit = hits.of(affected, zone=house.zone)
    return Impact(
        hit=hit,
        affected=affected,
        missing=_missing(affected),
        customers=customers.of(hit.reached),
        customers_total=graph().customers,
        contracts=contracts.clocks(hit.reached, Running(start=now, at=now)),
        per_minute=hit.per_minute(at=now),
        lost=None,
        currency=house.currency,
        at=now,
        down=True,
        url=f"{_url(name)}/impact",
    )


def lost(incident: Incident, *, now: datetime, zone: str = "") -> float | None:
    """What an incident cost from its detection to its end or `now`, while it was hit as its record says; in the
    organisation's currency. None when the catalog states no revenue, for practice, and where nothing fails.

    An estimate: a thing that is hit may still earn. The catalog counts as it is now.
    """
    if incident.nature != "real" or incident.incident_type not in ("disruption", "degradation"):
        return None
    zone = zone or Organisation.only().zone
    kinds = [kind.kind_of() for kind in hitting.KINDS]
    found = record.latest(record.incident_stream(incident.uid), kinds=kinds, limit=EVENTS)
    story = [(one.at, one.event) for one in reversed(found)]
    pieces = [(piece, hits.of(dict(piece.hit), zone=zone)) for piece in hitting.pieces(story, now=now)]
    if not any(hit.rates for _, hit in pieces):
        return None
    return sum(hit.worth(start=piece.start, end=piece.end) for piece, hit in pieces)


def earning(reached: Iterable[Reached]) -> float | None:
    """What production work among these earns a minute; None when the catalog states nothing."""
    stated = [each.revenue_per_minute for each in reached if each.production and each.revenue_per_minute]
    return sum(stated) if stated else None


def _missing(affected: Collection[str]) -> tuple[str, ...]:
    known = graph().entities
    return tuple(name for name in affected if name not in known)


def _url(name: str) -> str:
    return f"/catalog/{quote(name, safe='')}"


def _partly(name: str, stated: Stated) -> str:
    share = f" {stated.share * 100:.4g} %" if stated.share < 1 else ""
    return f"{name}{share}" + (f" in {stated.region}" if stated.region else "")


def _layers(impact: Impact, most: int) -> tuple[Layer, ...]:
    rows: dict[int, list[Reached]] = {}
    for each in impact.hit.reached:
        rows.setdefault(drawn.layer_of(each, impact.affected), []).append(each)
    made = []
    for layer, label in enumerate(drawn.LABELS):
        found = sorted(rows.get(layer, ()), key=lambda each: (not each.strategic, len(each.path)))
        items = [_item(each, impact) for each in found[:most]]
        if layer == 0:
            items += [Item(name, note="not in the catalog") for name in impact.missing]
        note = _of_all(impact) if layer == drawn.PEOPLE else str(len(found)) if len(found) > 1 else ""
        made.append(Layer(label, tuple(items), max(len(found) - most, 0), note))
    return tuple(layer for layer in made if layer.items)


def _of_all(impact: Impact) -> str:
    count = len(impact.customers.all)
    return f"{count:,} of {impact.customers_total:,}; {impact.customers.readers}" if count else ""


def _item(entity: Reached, impact: Impact) -> Item:
    named = entity.name in impact.affected
    notes = [
        f"tier {entity.tier}" if entity.tier else "",
        "strategic" if entity.strategic else "",
        entity.environment if not entity.production else "",
    ]
    health = "" if drawn.LAYERS.get(entity.kind) is None else "down" if named and impact.down else "degraded"
    return Item(
        name=entity.shown,
        url=_url(entity.name),
        health=health,
        note=", ".join(note for note in notes if note),
        kind=entity.kind,
        way=" → ".join(_shortened(entity.path[:-1])),
        share=f"{entity.share * 100:.4g} %" if entity.share < 1 else "",
        users=entity.users,
        earns=f"{impact.hit.earns[entity.name]:,.0f}" if entity.name in impact.hit.earns else "",
    )


def _shortened(path: Sequence[str]) -> Sequence[str]:
    return path if len(path) <= 3 else (path[0], "…", path[-1])
