"""How a failure travels through the catalog: what it reaches, by which way, and what redundancy holds up.

Names in, names out; the order in which names and links are given changes nothing, and more failures never reach less.
A large catalog walks the same rules over arrays (`db/graph.py`); this is what it is compared with.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

EVERYWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """How a thing fails: the share of its work that is hit (above 0 up to 1), and in which region ("": in all)."""

    share: float = 1.0
    region: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Redundancy:
    """It works while `up` of these work."""

    of: tuple[str, ...]
    up: int

    @property
    def breaks_at(self) -> int:
        """How many of them must fail until it does; more than there are when none is needed."""
        return max(len(self.of) - self.up + 1, 1)


Groups = Mapping[str, tuple[Redundancy, ...]]
"""What entities lean on in groups, by the entity."""


@dataclass(frozen=True)
class Web:
    """What a failure travels along.

    `hits`: whom the failure of each reaches next, for want of anything else; `redundancy`: what an entity leans on in
    groups, by the entity; `regions`: where things are, for those of which it is known; `leaners`: who leans on each
    name in a group, and in which of theirs.
    """

    hits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    redundancy: Groups = field(default_factory=dict)
    regions: Mapping[str, Collection[str]] = field(default_factory=dict)
    leaners: Mapping[str, Sequence[tuple[str, int]]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "leaners", leaners(self.redundancy))

    def walk(self, starts: Iterable[str], *, region: str = EVERYWHERE) -> dict[str, str]:
        """Each reached name with the one that reached it ("" for the starts), nearest first, then by name.

        Of several that reach a name in the same step, the first by name counts.
        """
        lost: Counter[tuple[str, int]] = Counter()
        found = dict.fromkeys(sorted(starts), "")
        frontier = list(found)
        while frontier:
            lost.update(group for name in frontier for group in self.leaners.get(name, ()))
            following: dict[str, str] = {}
            for name in frontier:
                broken = [owner for owner, at in self.leaners.get(name, ()) if self._breaks(owner, at, lost[owner, at])]
                for other in (*self.hits.get(name, ()), *broken):
                    if other not in found and self._lies_in(other, region):
                        following.setdefault(other, name)
            frontier = sorted(following)
            found.update((name, following[name]) for name in frontier)
        return found

    @cached_property
    def back(self) -> "Web":
        """The way back, redundancy set aside: from each to all that it leans on."""
        found: dict[str, list[str]] = {}
        for name, others in self.hits.items():
            for other in others:
                found.setdefault(other, []).append(name)
        for name, owners in self.leaners.items():
            for owner, _ in owners:
                found.setdefault(owner, []).append(name)
        return Web(found)

    def _breaks(self, owner: str, at: int, lost: int) -> bool:
        return lost >= self.redundancy[owner][at].breaks_at

    def _lies_in(self, name: str, region: str) -> bool:
        """Where a thing is that nobody located, it may be everywhere."""
        known = self.regions.get(name)
        return region == EVERYWHERE or not known or region in known


class Walks(Protocol):
    """What answers as a `Web` does, in memory of another shape."""

    @property
    def redundancy(self) -> Groups:
        """What each entity leans on in groups."""

    @property
    def regions(self) -> Mapping[str, Collection[str]]:
        """Where things are, for those of which it is known."""

    @property
    def leaners(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Who leans on each name in a group."""

    @property
    def back(self) -> "Walks":
        """The way back, redundancy set aside."""

    def walk(self, starts: Iterable[str], *, region: str = EVERYWHERE) -> Mapping[str, str]:
        """Each reached name with the one that reached it."""


def leaners(redundancy: Groups) -> dict[str, list[tuple[str, int]]]:
    """Of which redundant groups each name is: the entity that leans on the group, and the group's place there."""
    found: dict[str, list[tuple[str, int]]] = {}
    for owner, groups in redundancy.items():
        for at, group in enumerate(groups):
            for name in group.of:
                found.setdefault(name, []).append((owner, at))
    return found


@dataclass(frozen=True, slots=True)
class Way:
    """How something is reached: the names from what failed to it, and the highest share among all ways to it."""

    path: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Spared:
    """What works on although some of what it leans on failed: `left` of `total` remain, `up` are needed."""

    name: str
    lost: tuple[str, ...]
    left: int
    total: int
    up: int

    @property
    def text(self) -> str:
        """What a page says beside it: "2 of 3 left"."""
        return f"{self.left} of {self.total} left"


def reach(web: Walks, stated: Mapping[str, Stated]) -> dict[str, Way]:
    """Everything that these failures reach, nearest first, then by name.

    What is stated for one region reaches only what lies there, or may; redundancy is counted region by region. The
    share of what is reached is the highest at which the failures of that share and more suffice to reach it.
    """
    found: dict[str, Way] = {}
    for region in sorted({each.region for each in stated.values()}):
        here = {name: each.share for name, each in stated.items() if each.region in (EVERYWHERE, region)}
        for name, way in _within(web, here, region).items():
            found[name] = _better(found.get(name), way)
    return dict(sorted(found.items(), key=lambda item: (len(item[1].path), item[0])))


def _within(web: Walks, shares: Mapping[str, float], region: str) -> dict[str, Way]:
    """What the failures in one region reach: the way to it by all of them, the share by the few that suffice."""
    least, *more = sorted(set(shares.values()))
    ways = {name: Way(path, least) for name, path in paths(web.walk(shares, region=region)).items()}
    for share in more:
        for name in web.walk((name for name in shares if shares[name] >= share), region=region):
            ways[name] = Way(ways[name].path, share)
    return ways


def paths(walked: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The way to each name of a walk, from where it began."""
    found: dict[str, tuple[str, ...]] = {}
    for name, before in walked.items():
        found[name] = (*found[before], name) if before else (name,)
    return found


def spared(web: Walks, reached: Collection[str]) -> tuple[Spared, ...]:
    """What redundancy holds up while all these have failed, by name; the group with the least to lose is told.

    Losses in several regions, too many together and too few in each, are not told: no one number says them.
    """
    found: dict[str, Spared] = {}
    hit = {leaner for name in reached for leaner in web.leaners.get(name, ())}
    for owner, at in hit:
        group = web.redundancy[owner][at]
        lost = tuple(sorted(name for name in group.of if name in reached))
        if owner not in reached and len(lost) < group.breaks_at:
            told = Spared(owner, lost, len(group.of) - len(lost), len(group.of), group.up)
            found[owner] = min(found.get(owner, told), told, key=lambda each: (each.left - each.up, each.lost))
    return tuple(found[name] for name in sorted(found))


def _better(known: Way | None, new: Way) -> Way:
    """The shortest path, the first by name among these, and the highest share."""
    if known is None:
        return new
    return Way(min(known.path, new.path, key=lambda path: (len(path), path)), max(known.share, new.share))
