"""What the catalog says of each entity, as a failure that reaches it needs to know; read when first asked for."""

from collections.abc import Collection, ItemsView, Iterator, Mapping, ValuesView
from datetime import datetime
from typing import Any, Final

from antiphon.core.classification import Classification
from antiphon.core.questions.situation import Period, Reached
from antiphon.db.models.catalog import Entity

AT_ONCE: Final = 1000
"""Entities read by one statement."""
FIELDS: Final = (
    "name", "kind", "title", "environment", "customer_facing", "tier", "internal", "revenue_per_minute",
    "data_classes", "strategic", "critical_periods", "users", "regions",
)  # fmt: skip


class Entities(Mapping[str, Reached]):
    """All entities by name. `ids` knows which there are; what is said of one is kept once it was read; `rules` say
    which environments serve real work."""

    def __init__(self, ids: Mapping[str, int], rules: Classification) -> None:
        self._ids, self._rules = ids, rules
        self._known: dict[str, Reached] = {}

    def of(self, names: Collection[str]) -> dict[str, Reached]:
        """These; those that were removed meanwhile are left out."""
        self._read([name for name in names if name not in self._known and name in self._ids])
        return {name: self._known[name] for name in names if name in self._known}

    def __getitem__(self, name: str) -> Reached:
        return self.of([name])[name]

    def __contains__(self, name: object) -> bool:
        return name in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def values(self) -> ValuesView[Reached]:
        """All of them, read together."""
        return self.of(self._ids).values()

    def items(self) -> ItemsView[str, Reached]:
        """All of them with their names, read together."""
        return self.of(self._ids).items()

    def _read(self, names: list[str]) -> None:
        """By id, or all in one statement where that is less work."""
        if len(names) * 4 > len(self._ids):
            self._keep(Entity.objects.order_by().values_list(*FIELDS).iterator(AT_ONCE))
            return
        for at in range(0, len(names), AT_ONCE):
            ids = [self._ids[name] for name in names[at : at + AT_ONCE]]
            self._keep(Entity.objects.filter(pk__in=ids).order_by().values_list(*FIELDS))

    def _keep(self, rows: Any) -> None:
        for row in rows:
            self._known[row[0]] = _reached(*row, rules=self._rules)


def _reached(
    name: str,
    kind: str,
    title: str,
    environment: str,
    customer_facing: bool | None,
    tier: int | None,
    internal: bool,
    revenue_per_minute: float | None,
    data_classes: list[str],
    strategic: bool,
    critical_periods: list[dict[str, Any]],
    users: int | None,
    regions: list[str],
    *,
    rules: Classification,
) -> Reached:
    return Reached(
        name=name,
        kind=kind,
        title=title,
        environment=environment,
        customer_facing=customer_facing,
        tier=tier,
        internal=internal,
        revenue_per_minute=revenue_per_minute,
        data_classes=tuple(data_classes),
        strategic=strategic,
        critical_periods=tuple(_period(each) for each in critical_periods),
        users=users,
        regions=tuple(regions),
        working=rules.production(environment),
    )


def _period(stored: Mapping[str, Any]) -> Period:
    return Period(
        name=stored["name"],
        starts_at=datetime.fromisoformat(stored["starts_at"]),
        ends_at=datetime.fromisoformat(stored["ends_at"]),
    )
