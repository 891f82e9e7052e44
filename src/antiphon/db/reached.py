"""What the catalog says of each entity, as a failure that reaches it needs to know; read when first asked for."""

import json
from collections.abc import Collection, ItemsView, Iterator, Mapping, ValuesView
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db.models import TextField
from django.db.models.functions import Cast

from antiphon.core.classification import Classification
from antiphon.core.impact import Way
from antiphon.core.questions.situation import Period, Reached
from antiphon.db.models.catalog import Entity

AT_ONCE: Final = 1000
"""Entities read by one statement."""
FIELDS: Final = (
    "name", "kind", "title", "environment", "customer_facing", "tier", "internal", "revenue_per_minute", "strategic",
    "users",
)  # fmt: skip
LISTS: Final = ("data_classes", "critical_periods", "regions")
"""Read as text: most are empty or alike, and each text is decoded once."""


class Entities(Mapping[str, Reached]):
    """All entities by name. `ids` and `kinds` know which there are; what else is said of one is kept once it was read;
    `rules` say which environments serve real work."""

    def __init__(self, ids: Mapping[str, int], kinds: Mapping[str, str], rules: Classification) -> None:
        self._ids, self.kinds = ids, kinds
        self._rows: dict[str, Any] = {}
        self._works = lru_cache(256)(rules.production)

    def of(self, ways: Mapping[str, Way]) -> Iterator[Reached]:
        """Those that are reached, each by its way; those that were removed meanwhile are left out."""
        self._read(ways)
        return (
            self._reached(self._rows[name], way.path, way.share) for name, way in ways.items() if name in self._rows
        )

    def __getitem__(self, name: str) -> Reached:
        self._read([name])
        return self._reached(self._rows[name])

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def values(self) -> ValuesView[Reached]:
        """All of them, read together."""
        return self._all().values()

    def items(self) -> ItemsView[str, Reached]:
        """All of them with their names, read together."""
        return self._all().items()

    def _all(self) -> dict[str, Reached]:
        self._read(self._ids)
        return {name: self._reached(self._rows[name]) for name in self._ids if name in self._rows}

    def _read(self, names: Collection[str]) -> None:
        """By id, or all in one statement where that is less work."""
        ids = [self._ids[name] for name in names if name not in self._rows and name in self._ids]
        if not ids:
            return
        rows = Entity.objects.order_by().values_list(*FIELDS, *(Cast(name, TextField()) for name in LISTS))
        if len(ids) * 4 > len(self._ids):
            self._rows.update((row[0], row) for row in rows.iterator(AT_ONCE))
            return
        for at in range(0, len(ids), AT_ONCE):
            among = ", ".join(map(str, ids[at : at + AT_ONCE]))  # handed over as values they take longer than the read
            found = rows.extra(where=[f"entity.id IN ({among})"])  # noqa: S610 -- whole numbers, and our own
            self._rows.update((row[0], row) for row in found)

    def _reached(self, row: Any, path: tuple[str, ...] = (), share: float = 1.0) -> Reached:
        name, kind, title, environment, facing, tier, internal, revenue, strategic, users, data, periods, regions = row
        return Reached(
            name=name,
            kind=kind,
            title=title,
            environment=environment,
            customer_facing=facing,
            tier=tier,
            internal=internal,
            revenue_per_minute=revenue,
            data_classes=_words(data),
            strategic=strategic,
            critical_periods=_periods(periods),
            path=path,
            share=share,
            users=users,
            regions=_words(regions),
            working=self._works(environment),
        )


@lru_cache(4096)
def _words(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


@lru_cache(4096)
def _periods(stored: str) -> tuple[Period, ...]:
    return tuple(
        Period(
            name=each["name"],
            starts_at=datetime.fromisoformat(each["starts_at"]),
            ends_at=datetime.fromisoformat(each["ends_at"]),
        )
        for each in json.loads(stored)
    )
