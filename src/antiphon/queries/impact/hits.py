"""What failures reach, and what of it earns: all that only another catalog changes, kept until it does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core import revenue
from antiphon.core.impact import Spared, Stated
from antiphon.core.questions.situation import Reached
from antiphon.core.revenue import Profile
from antiphon.db.graph import Graph, graph
from antiphon.db.models import Entity, Link

MOST_LINKED: Final = 5_000
"""Of more than these the links are not read: who earns through whom is then known by the shortest ways alone."""
KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What these failures reach. `rates`: what a minute costs by the hours that it follows, each sum counted once and
    at its share; empty when the catalog states no revenue. `earns`: what of that comes from which entity."""

    reached: tuple[Reached, ...]
    spared: tuple[Spared, ...]
    rates: Mapping[Profile, float]
    earns: Mapping[str, float]
    users: int | None

    def per_minute(self, *, at: datetime) -> float | None:
        """What a minute costs at this instant; None when the catalog states no revenue."""
        if not self.rates:
            return None
        return sum(rate * revenue.factor(profile, at=at) for profile, rate in self.rates.items())

    def worth(self, *, start: datetime, end: datetime) -> float:
        """What this time costs, from `start` to before `end`."""
        return sum(
            rate * revenue.minutes(profile, start=start, end=end) for profile, rate in self.rates.items() if rate
        )


_kept: tuple[Graph | None, dict[object, Hit]] = (None, {})


def of(stated: Mapping[str, Stated], *, zone: str) -> Hit:
    """What is hit when these fail, each as stated. Names that the catalog does not know reach nothing. `zone`: of the
    hours of entities that have none of their own."""
    global _kept
    known = graph()
    if _kept[0] is not known:
        _kept = (known, {})
    hits, key = _kept[1], (zone, *sorted(stated.items()))
    found = hits.get(key)
    if found is None:
        found = _found(known, stated, zone)
        while len(hits) >= KEPT:
            del hits[next(iter(hits))]
        hits[key] = found
    return found


def _found(known: Graph, stated: Mapping[str, Stated], zone: str) -> Hit:
    reached = known.reach(stated, stated=stated)
    working = {each.name: each for each in reached if each.production}
    earning = {name: each.revenue_per_minute for name, each in working.items() if each.revenue_per_minute}
    used = {name: float(each.users) for name, each in working.items() if each.users}
    beyond = _through(reached, {*earning, *used})
    counted = revenue.counted(earning, {name: beyond[name] & earning.keys() for name in earning})
    people = revenue.counted(used, {name: beyond[name] & used.keys() for name in used})
    earns = {name: amount * working[name].share for name, amount in counted.items()}
    return Hit(
        reached=reached,
        spared=known.spared(stated, stated=stated),
        rates=_rates(earns, zone),
        earns=earns,
        users=round(sum(count * working[name].share for name, count in people.items())) if used else None,
    )


def _rates(earns: Mapping[str, float], zone: str) -> dict[Profile, float]:
    """By the hours in which a minute is worth more or less. One statement."""
    if not earns:
        return {}
    rows = Entity.objects.exclude(revenue_profile=[]).filter(name__in=list(earns)[:MOST_LINKED]).order_by()
    hours = {
        name: revenue.profile_of(stored, own or zone)
        for name, stored, own in rows.values_list("name", "revenue_profile", "zone")
    }
    rates: dict[Profile, float] = defaultdict(float)
    for name, amount in earns.items():
        rates[hours.get(name, revenue.FLAT)] += amount
    return dict(rates)


def _through(reached: Sequence[Reached], names: set[str]) -> dict[str, frozenset[str]]:
    """Who of these is hit through whom: for each name the others that hang on it, directly or not."""
    if len(names) < 2:
        return {name: frozenset() for name in names}
    outermost_first = [each.name for each in reversed(reached) if each.name in names]
    return revenue.reachable(outermost_first, _following(reached))


def _following(reached: Sequence[Reached]) -> Callable[[str], Iterable[str]]:
    """Who hangs on each of what is reached."""
    hit: dict[str, set[str]] = defaultdict(set)
    if len(reached) > MOST_LINKED:
        for each in reached:
            if len(each.path) > 1:
                hit[each.path[-2]].add(each.name)
        return lambda name: hit.get(name, ())
    known = {each.name for each in reached}
    links = Link.objects.exclude(kind="owned_by").filter(source__name__in=known).order_by()
    for source, target, kind in links.values_list("source__name", "target__name", "kind"):
        if target in known:
            before, after = (source, target) if kind == "serves" else (target, source)
            hit[before].add(after)
    return lambda name: hit.get(name, ())
