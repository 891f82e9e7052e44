"""The reach of a failure as a map: what stands in which layer, and what is said in its box."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from antiphon.core.impact import Spared
from antiphon.core.layered import Drawing, Size, Thing, draw
from antiphon.core.questions.situation import Reached
from antiphon.db.graph import graph
from antiphon.queries.impact.hits import Hit

LABELS: Final = ("Affected", "Components and services", "Applications", "Workflows", "Customers")
LAYERS: Final = {"component": 1, "service": 1, "vendor": 1, "application": 2, "workflow": 3}
"""Where each kind stands; all others are people and stand last."""
PEOPLE: Final = 4
PLURALS: Final = {"component": "components", "service": "services", "vendor": "vendors", "team": "teams",
                  "application": "applications", "workflow": "workflows", "customer": "customers",
                  "segment": "segments", "partner": "partners"}  # fmt: skip
_PERSONS: Final = ("customer", "segment", "partner", "team")
SPARED: Final = 4
"""Things that redundancy holds up which are drawn."""


def layer_of(entity: Reached, affected: Collection[str]) -> int:
    """The layer of what is hit: first what the incident names."""
    return 0 if entity.name in affected else LAYERS.get(entity.kind, PEOPLE)


def drawing(hit: Hit, affected: Collection[str], size: Size, *, down: bool, currency: str, rest_url: str) -> Drawing:
    """The map of what is hit; `down`: what is affected does not work at all."""
    things = [*_things(hit, affected, down, currency), *_spared(hit.spared, affected)]
    return draw(things, LABELS, size, rest_url=rest_url)


def _things(hit: Hit, affected: Collection[str], down: bool, currency: str) -> Iterator[Thing]:
    for each in hit.reached:
        earns = hit.earns.get(each.name, 0.0)
        named = each.name in affected
        notes = [
            "strategic" if each.strategic else "",
            f"{each.share * 100:.4g} % hit" if each.share < 1 else "",
            f"{currency} {each.revenue_per_minute:,.0f} a minute" if each.revenue_per_minute else "",
            each.environment if not each.production else "",
        ]
        note = ", ".join(filter(None, notes))
        yield Thing(
            key=each.name,
            label=each.shown,
            layer=layer_of(each, affected),
            rank=(not each.strategic, -earns, -(each.users or 0), each.tier or 9, len(each.path)),
            before=each.path[-2::-1],
            group=(each.kind, PLURALS.get(each.kind, each.kind)),
            note=note or each.kind,
            tone=("down" if down else "degraded") if named else "person" if each.kind in _PERSONS else "degraded",
            url=f"/catalog/{quote(each.name, safe='')}",
            title=_told(each, note),
        )


def _told(entity: Reached, note: str) -> str:
    way = " → ".join(entity.path)
    return f"{entity.shown}, {entity.kind}" + (f", {note}" if note else "") + (f"; by way of {way}" if way else "")


def _spared(spared: Sequence[Spared], affected: Collection[str]) -> Iterator[Thing]:
    entities: Mapping[str, Reached] = graph().entities
    for each in spared[:SPARED]:
        known = entities[each.name]
        yield Thing(
            key=each.name,
            label=known.shown,
            layer=max(layer_of(known, ()), 1),
            rank=(0,),
            before=each.lost,
            group=("protected thing", "protected things"),
            note=f"works: {each.text}",
            tone="spared",
            url=f"/catalog/{quote(each.name, safe='')}",
            title=f"{known.shown} works on: {each.text} of what it leans on, {each.up} needed",
        )
