"""The catalog as a graph in memory: what a failure reaches. Built anew when the catalog's revision moves.

A failure travels against `depends_on`, `contracted_for` and `part_of` (who needs the failing thing is hit), and along
`serves`; where an entity says how many of several it needs, only when too few of them are left. Cycles are allowed.

What is kept is the shape: names, links, redundancy, regions. What the catalog says of an entity is read when a failure
reaches it. A large catalog is kept as arrays, and of its links only those are read that were added since.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Max, QuerySet

from antiphon.core import impact
from antiphon.core.classification import STANDARD
from antiphon.core.impact import Redundancy, Spared, Stated, Walks, Web
from antiphon.core.questions.situation import Reached
from antiphon.db import classification, revisions
from antiphon.db.models.catalog import Entity, Link
from antiphon.db.reached import Entities

if TYPE_CHECKING:
    from antiphon.core.arrays import Arrays, Places

AGAINST: Final = ("depends_on", "contracted_for", "part_of")
ALONG: Final = ("serves",)
FULLY: Final = Stated()
LARGE: Final = 5000
"""Entities and links together; below, a walk over names takes less than the start of NumPy would ever give back."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Entities by name, what a failure travels along, how many customers there are."""

    revision: int
    entities: Entities
    web: Walks
    customers: int = 0

    def reach(self, names: Iterable[str], *, stated: Mapping[str, Stated] | None = None) -> tuple[Reached, ...]:
        """The named entities that are known and all that hang on them, nearest first, then by name, with paths.

        `stated`: of those that do not fail wholly and everywhere, by which share and where.
        """
        return tuple(self.entities.of(impact.reach(self.web, self._starts(names, stated))))

    def spared(self, names: Iterable[str], *, stated: Mapping[str, Stated] | None = None) -> tuple[Spared, ...]:
        """What redundancy holds up while these, and all they reach, have failed; by name."""
        return impact.spared(self.web, impact.reach(self.web, self._starts(names, stated)))

    def foundations(self, name: str) -> frozenset[str]:
        """The entity and everything whose failure may reach it, redundant or not."""
        return frozenset(self.web.back.walk([name]))

    def _starts(self, names: Iterable[str], stated: Mapping[str, Stated] | None) -> dict[str, Stated]:
        return {name: (stated or {}).get(name, FULLY) for name in names if name in self.entities}


@dataclass(frozen=True, slots=True)
class Links:
    """The links of a large catalog along which failures travel, by the ids of both ends; all up to the id `last`."""

    last: int
    sources: "Places"
    targets: "Places"


_EMPTY = Graph(revision=-1, entities=Entities({}, {}, STANDARD), web=Web())
_cached = _EMPTY
_links: Links | None = None
_building = threading.Lock()
_beside: threading.Thread | None = None


def graph() -> Graph:
    """The catalog's graph at its present revision. Who comes while it is built waits for it."""
    global _cached
    revision = revisions.current(revisions.CATALOG)
    if _cached.revision != revision:
        with _building:
            if _cached.revision != revision:
                _cached = _build(revision)
    return _cached


def at_hand() -> Graph | None:
    """The graph at its present revision, unless it is a large one that has to be built first: then None, and a thread
    builds it beside, so that who can wait does not keep more urgent work waiting."""
    global _beside
    if _cached.revision == revisions.current(revisions.CATALOG) or Entity.objects.count() <= LARGE:
        return graph()
    if _beside is None or not _beside.is_alive():
        _beside = threading.Thread(target=_build_beside, name="catalog", daemon=True)
        _beside.start()
    return None


def _build_beside() -> None:
    try:
        graph()
    finally:
        connection.close()


def forget() -> None:
    """Drop the cache (a test's database starts anew)."""
    global _cached, _links
    _cached, _links = _EMPTY, None


def _build(revision: int) -> Graph:
    entities = Entity.objects.order_by()
    rows = list(entities.values_list("name", "id", "kind"))
    ids, kinds = {name: row for name, row, _ in rows}, {name: kind for name, _, kind in rows}
    grouped = entities.exclude(redundancy=[]).values_list("name", "redundancy")
    redundancy = {
        name: groups for name, stored in grouped if name in ids and (groups := _redundancy(name, stored, ids))
    }
    located = entities.exclude(regions=[]).values_list("name", "regions")
    regions = {name: where for name, where in located if name in ids}
    large = len(ids) > LARGE or len(ids) + Link.objects.count() > LARGE
    web = (_arrays if large else _web)(ids, redundancy, regions)
    customers = sum(kind == "customer" for kind in kinds.values())
    return Graph(revision, Entities(ids, kinds, classification.current()), web, customers)


def _redundancy(name: str, stored: Sequence[Mapping[str, Any]], known: Mapping[str, int]) -> tuple[Redundancy, ...]:
    """The groups that it leans on; names that the catalog does not know, or its own, hold nothing up."""
    groups = (
        Redundancy(tuple(dict.fromkeys(each for each in group["of"] if each in known and each != name)), group["up"])
        for group in stored
    )
    return tuple(group for group in groups if group.of)


def _web(ids: Mapping[str, int], redundancy: impact.Groups, regions: Mapping[str, Sequence[str]]) -> Web:
    names = {row: name for name, row in ids.items()}
    soft = {(name, owner) for owner, groups in redundancy.items() for group in groups for name in group.of}
    hits: dict[str, list[str]] = {}
    for source, target in chain.from_iterable(_ends(Link.objects.all())):
        pair = names.get(source), names.get(target)
        if pair[0] and pair[1] and pair not in soft:
            hits.setdefault(pair[0], []).append(pair[1])
    return Web(hits, redundancy, regions)


def _ends(links: QuerySet[Link]) -> Iterable[QuerySet[Link, tuple[int, int]]]:
    """From whom to whom a failure travels."""
    yield links.filter(kind__in=AGAINST).order_by().values_list("target_id", "source_id")
    yield links.filter(kind__in=ALONG).order_by().values_list("source_id", "target_id")


def _arrays(ids: Mapping[str, int], redundancy: impact.Groups, regions: Mapping[str, Sequence[str]]) -> "Arrays":
    global _links
    import numpy as np  # only here and in what follows: a small catalog starts without it

    from antiphon.core.arrays import Arrays

    _links = _read(_links)
    names = sorted(ids)
    rows = np.array([ids[name] for name in names], dtype=np.int64)
    order = np.argsort(rows)
    among = rows[order]
    ends = [np.minimum(np.searchsorted(among, side), len(among) - 1) for side in (_links.sources, _links.targets)]
    there = (among[ends[0]] == _links.sources) & (among[ends[1]] == _links.targets)
    return Arrays(names, (order[ends[0][there]], order[ends[1][there]]), redundancy, regions)


def _read(known: Links | None) -> Links:
    """All links; where none went since, only those that came are read."""
    import numpy as np

    links = Link.objects.filter(kind__in=(*AGAINST, *ALONG))
    last = Link.objects.aggregate(last=Max("id"))["last"] or 0
    if known is not None:
        came = _pairs(links.filter(id__gt=known.last, id__lte=last))
        sources, targets = np.append(known.sources, came["f0"]), np.append(known.targets, came["f1"])
        if links.filter(id__lte=last).count() == len(sources):
            return Links(last, sources, targets)
    read = _pairs(links.filter(id__lte=last))
    return Links(last, read["f0"].copy(), read["f1"].copy())


def _pairs(links: QuerySet[Link]) -> Any:
    import numpy as np

    pairs = chain.from_iterable(each.iterator(10_000) for each in _ends(links))
    return np.fromiter(pairs, dtype=[("f0", np.int64), ("f1", np.int64)])
