"""The catalog as a graph in memory: what a failure reaches. Rebuilt when the catalog's revision moves.

A failure travels against `depends_on` and `contracted_for` (who needs the failing thing is hit), and
along `serves`. Cycles are allowed.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from antiphon.core.questions.situation import Period, Reached
from antiphon.db import revisions
from antiphon.db.models.catalog import Entity, Link

AGAINST = ("depends_on", "contracted_for", "part_of")
ALONG = ("serves",)


@dataclass(frozen=True, slots=True)
class Graph:
    """Entities by name, whom each one's failure hits next (and, backwards, what it leans on), how many customers."""

    revision: int
    entities: Mapping[str, Reached]
    hits: Mapping[str, tuple[str, ...]]
    leans_on: Mapping[str, tuple[str, ...]]
    customers: int = 0

    def reach(self, names: Iterable[str]) -> tuple[Reached, ...]:
        """The named entities that are known and all that hang on them, nearest first, with paths."""
        paths = _walk(self.hits, [name for name in names if name in self.entities])
        return tuple(replace(self.entities[name], path=path) for name, path in paths.items())

    def foundations(self, name: str) -> frozenset[str]:
        """The entity and everything whose failure reaches it."""
        return frozenset(_walk(self.leans_on, [name]))


_cached = Graph(revision=-1, entities={}, hits={}, leans_on={})


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
    _cached = Graph(revision=-1, entities={}, hits={}, leans_on={})


def _walk(edges: Mapping[str, tuple[str, ...]], start: list[str]) -> dict[str, tuple[str, ...]]:
    """Breadth first; each name with the shortest path that leads to it."""
    paths: dict[str, tuple[str, ...]] = {name: (name,) for name in start}
    queue = deque(paths)
    while queue:
        name = queue.popleft()
        for following in edges.get(name, ()):
            if following not in paths:
                paths[following] = (*paths[name], following)
                queue.append(following)
    return paths


def _build(revision: int) -> Graph:
    entities = {row.name: _reached(row) for row in Entity.objects.iterator()}
    hits: dict[str, list[str]] = {}
    leans_on: dict[str, list[str]] = {}
    links = Link.objects.order_by("id").values_list("source__name", "target__name", "kind")
    for source, target, kind in links:
        if kind in AGAINST:
            source, target = target, source
        elif kind not in ALONG:
            continue
        hits.setdefault(source, []).append(target)
        leans_on.setdefault(target, []).append(source)
    customers = sum(entity.kind == "customer" for entity in entities.values())
    return Graph(revision, entities, _frozen(hits), _frozen(leans_on), customers)


def _frozen(edges: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(following) for name, following in edges.items()}


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
    )


def _period(stored: Mapping[str, Any]) -> Period:
    return Period(
        name=stored["name"],
        starts_at=datetime.fromisoformat(stored["starts_at"]),
        ends_at=datetime.fromisoformat(stored["ends_at"]),
    )
