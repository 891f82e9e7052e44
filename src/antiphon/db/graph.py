"""The catalog as a graph in memory: what a failure reaches. Rebuilt when the catalog's revision moves.

A failure travels against `depends_on`, `contracted_for` and `part_of` (who needs the failing thing is hit), and along
`serves`; where an entity says how many of several it needs, only when too few of them are left. Cycles are allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from antiphon.core import impact
from antiphon.core.impact import Redundancy, Spared, Stated, Web
from antiphon.core.questions.situation import Period, Reached
from antiphon.db import revisions
from antiphon.db.models.catalog import Entity, Link

AGAINST = ("depends_on", "contracted_for", "part_of")
ALONG = ("serves",)
FULLY = Stated()


@dataclass(frozen=True, slots=True)
class Graph:
    """Entities by name, what a failure travels along, the way back (redundancy set aside), how many customers."""

    revision: int
    entities: Mapping[str, Reached]
    web: Web
    back: Web
    customers: int = 0

    def reach(self, names: Iterable[str], *, stated: Mapping[str, Stated] | None = None) -> tuple[Reached, ...]:
        """The named entities that are known and all that hang on them, nearest first, then by name, with paths.

        `stated`: of those that do not fail wholly and everywhere, by which share and where.
        """
        ways = impact.reach(self.web, self._starts(names, stated))
        return tuple(replace(self.entities[name], path=way.path, share=way.share) for name, way in ways.items())

    def spared(self, names: Iterable[str], *, stated: Mapping[str, Stated] | None = None) -> tuple[Spared, ...]:
        """What redundancy holds up while these, and all they reach, have failed; by name."""
        return impact.spared(self.web, impact.reach(self.web, self._starts(names, stated)))

    def foundations(self, name: str) -> frozenset[str]:
        """The entity and everything whose failure may reach it, redundant or not."""
        return frozenset(self.back.walk([name]))

    def _starts(self, names: Iterable[str], stated: Mapping[str, Stated] | None) -> dict[str, Stated]:
        return {name: (stated or {}).get(name, FULLY) for name in names if name in self.entities}


_EMPTY = Graph(revision=-1, entities={}, web=Web(), back=Web())
_cached = _EMPTY


def graph() -> Graph:
    """The catalog's graph at its present revision."""
    global _cached
    revision = revisions.current(revisions.CATALOG)
    if _cached.revision != revision:
        _cached = _build(revision)
    return _cached


def forget() -> None:
    """Drop the cache (a test's database starts anew)."""
    global _cached
    _cached = _EMPTY


def _build(revision: int) -> Graph:
    rows = list(Entity.objects.all())
    entities = {row.name: _reached(row) for row in rows}
    redundancy = {row.name: groups for row in rows if (groups := _redundancy(row, entities))}
    soft = {(name, owner) for owner, groups in redundancy.items() for group in groups for name in group.of}
    hits: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for name, owner in soft:
        back.setdefault(owner, []).append(name)
    for source, target, kind in Link.objects.values_list("source__name", "target__name", "kind"):
        if kind in AGAINST:
            source, target = target, source
        elif kind not in ALONG:
            continue
        if (source, target) not in soft:
            hits.setdefault(source, []).append(target)
            back.setdefault(target, []).append(source)
    regions = {name: each.regions for name, each in entities.items() if each.regions}
    customers = sum(entity.kind == "customer" for entity in entities.values())
    return Graph(revision, entities, Web(hits, redundancy, regions), Web(back), customers)


def _redundancy(row: Entity, known: Mapping[str, Reached]) -> tuple[Redundancy, ...]:
    """The groups that it leans on; names that the catalog does not know, or its own, hold nothing up."""
    groups = (
        Redundancy(tuple(dict.fromkeys(name for name in each["of"] if name in known and name != row.name)), each["up"])
        for each in row.redundancy
    )
    return tuple(group for group in groups if group.of)


def _reached(row: Entity) -> Reached:
    return Reached(
        name=row.name,
        kind=row.kind,
        title=row.title,
        environment=row.environment,
        customer_facing=row.customer_facing,
        tier=row.tier,
        internal=row.internal,
        revenue_per_minute=row.revenue_per_minute,
        data_classes=tuple(row.data_classes),
        strategic=row.strategic,
        critical_periods=tuple(_period(each) for each in row.critical_periods),
        users=row.users,
        regions=tuple(row.regions),
    )


def _period(stored: Mapping[str, Any]) -> Period:
    return Period(
        name=stored["name"],
        starts_at=datetime.fromisoformat(stored["starts_at"]),
        ends_at=datetime.fromisoformat(stored["ends_at"]),
    )
