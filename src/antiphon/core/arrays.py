"""The walk of `impact.Web` over arrays, for catalogs of many thousand entities: a step of the walk is a few operations
on all that were reached by the step before. Answers exactly what a `Web` answers.

Nobody imports this who does not need it: it brings NumPy, which costs a start-up a tenth of a second.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from antiphon.core.impact import EVERYWHERE, Redundancy, leaners

Places = npt.NDArray[np.int64]
"""Numbers of entities by the order of their names, so that the smallest number is the first by name."""


@dataclass(frozen=True, slots=True)
class Rows:
    """For each place a list of numbers, one after the other: those of place p are `of[at[p] : at[p + 1]]`."""

    at: Places
    of: Places

    @classmethod
    def made(cls, places: Places, numbers: Places, *, count: int) -> Self:
        """From pairs of a place and a number."""
        at = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(places, minlength=count), out=at[1:])
        return cls(at, numbers[np.argsort(places, kind="stable")])

    def of_all(self, places: Places) -> tuple[Places, Places]:
        """The numbers of all these places, and beside each the place that it is of."""
        begins = self.at[places]
        long = self.at[places + 1] - begins
        ends = np.cumsum(long)
        among = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + long, long)
        return self.of[among], np.repeat(places, long)


class Arrays:
    """What a failure travels along. `names` in their order; a failure of `hits[0][i]` reaches `hits[1][i]` for want of
    anything else, both by their place in `names`."""

    def __init__(
        self,
        names: Sequence[str],
        hits: tuple[Places, Places],
        redundancy: Mapping[str, tuple[Redundancy, ...]] | None = None,
        regions: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self.names = names
        self.places = {name: place for place, name in enumerate(names)}
        self.redundancy = redundancy or {}
        self.regions = regions or {}
        self.leaners = leaners(self.redundancy)
        owners, breaks_at, members = self._groups()
        self._owners, self._breaks_at = np.array(owners, dtype=np.int64), np.array(breaks_at, dtype=np.int64)
        self._groups_of = self._rows([(member, group) for group, each in enumerate(members) for member in each])
        self._all_hits = hits
        self._hits = Rows.made(*self._needed(hits, members), count=len(names))

    def walk(self, starts: Iterable[str], *, region: str = EVERYWHERE) -> dict[str, str]:
        """Each reached name with the one that reached it ("" for the starts), nearest first, then by name."""
        order, before = self.walked([self.places[name] for name in starts if name in self.places], region=region)
        names = [self.names[place] for place in order.tolist()]
        return dict(zip(names, ("" if at < 0 else self.names[at] for at in before.tolist()), strict=True))

    def walked(self, starts: Sequence[int], *, region: str = EVERYWHERE) -> tuple[Places, Places]:
        """The same by place: what is reached, and beside each what reached it (-1: nothing, it is a start)."""
        frontier = np.unique(np.array(starts, dtype=np.int64))
        closed = self._elsewhere(region)
        closed[frontier] = True
        lost = np.zeros(len(self._owners), dtype=np.int64)
        order, before = [frontier], [np.full(len(frontier), -1)]
        while len(frontier):
            targets, sources = self._next(frontier, lost)
            fresh = ~closed[targets]
            targets, sources = targets[fresh], sources[fresh]
            nearest = np.full(len(self.names), len(self.names))
            np.minimum.at(nearest, targets, sources)
            frontier = np.flatnonzero(nearest < len(self.names))
            closed[frontier] = True
            order.append(frontier)
            before.append(nearest[frontier])
        return np.concatenate(order), np.concatenate(before)

    @cached_property
    def back(self) -> "Arrays":
        """The way back, redundancy set aside: from each to all that it leans on."""
        pairs = [(self.places[owner], self.places[name]) for name, of in self.leaners.items() for owner, _ in of]
        soft = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        sources, targets = self._all_hits
        return Arrays(self.names, (np.append(targets, soft[:, 0]), np.append(sources, soft[:, 1])))

    def _next(self, frontier: Places, lost: Places) -> tuple[Places, Places]:
        """What a step reaches, and from where: for want of one thing, or of too many of a group."""
        targets, sources = self._hits.of_all(frontier)
        if len(lost):
            groups, members = self._groups_of.of_all(frontier)
            np.add.at(lost, groups, 1)
            broken = lost[groups] >= self._breaks_at[groups]
            targets = np.append(targets, self._owners[groups[broken]])
            sources = np.append(sources, members[broken])
        return targets, sources

    def _elsewhere(self, region: str) -> npt.NDArray[np.bool_]:
        """What is known to lie elsewhere, and so is not reached."""
        closed = np.zeros(len(self.names), dtype=np.bool_)
        if region != EVERYWHERE:
            closed[[self.places[name] for name, known in self.regions.items() if known and region not in known]] = True
        return closed

    def _groups(self) -> tuple[list[int], list[int], list[list[int]]]:
        """Of each redundant group: who leans on it, at how many losses it breaks, and its members."""
        each = [(self.places[owner], group) for owner, groups in self.redundancy.items() for group in groups]
        members = [[self.places[name] for name in group.of] for _, group in each]
        return [owner for owner, _ in each], [group.breaks_at for _, group in each], members

    def _needed(self, hits: tuple[Places, Places], members: Sequence[Sequence[int]]) -> tuple[Places, Places]:
        """Without what is leaned on in a group: there the group decides."""
        sources, targets = hits
        count = len(self.names)
        pairs = zip(self._owners.tolist(), members, strict=True)
        soft = [member * count + owner for owner, each in pairs for member in each]
        hard = ~np.isin(sources * count + targets, np.array(soft, dtype=np.int64)) if soft else slice(None)
        return sources[hard], targets[hard]

    def _rows(self, pairs: Sequence[tuple[int, int]]) -> Rows:
        both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return Rows.made(both[:, 0], both[:, 1], count=len(self.names))
