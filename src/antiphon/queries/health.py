"""How each thing in the catalog does right now, in one word and one sentence: from the spans that the engine keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef
from django.db.models.fields.json import KT

from antiphon.core.questions.situation import PEOPLE
from antiphon.core.status import State
from antiphon.db.graph import graph
from antiphon.db.models import AlertGroup, Entity, StatusSpan
from antiphon.db.reached import Entities

WORDLESS: Final = PEOPLE | {"team"}
"""Kinds that do not work or fail: they show something only while they are hit."""

WORDS: Final = {
    State.MAJOR_OUTAGE: "down",
    State.PARTIAL_OUTAGE: "degraded",
    State.DEGRADED: "degraded",
    State.MAINTENANCE: "maintenance",
    State.OPERATIONAL: "ok",
}


@dataclass(frozen=True, slots=True)
class Health:
    """`word` is ok, degraded, down, maintenance, unknown, or empty for those who do not fail; `why` a sentence."""

    word: str
    why: str = ""


class Healths(Mapping[str, Health]):
    """Everything in the catalog by name: what is wrong is `told`; of the rest, what alerts `named` is known to work."""

    def __init__(self, known: Entities, told: Mapping[str, Health], named: frozenset[str]) -> None:
        self.told, self._known, self._named = told, known, named

    def __getitem__(self, name: str) -> Health:
        if name in self.told:
            return self.told[name]
        if self._known.kinds[name] in WORDLESS:
            return Health("")
        return Health("ok", "nothing fires") if name in self._named else Health("unknown", "no alert has named it yet")

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def health(*, now: datetime) -> Healths:
    """Everything in the catalog by name, as it was rolled up last. Two statements."""
    rows = StatusSpan.objects.filter(ended_at__isnull=True, began_at__lte=now)
    told = rows.values_list("entity__name", "state", KT("why__0__because"))
    named = Entity.objects.filter(Exists(AlertGroup.objects.filter(entity=OuterRef("name")))).order_by()
    return Healths(
        graph().entities,
        {name: Health(WORDS[State(state)], why or "") for name, state, why in told},
        frozenset(named.values_list("name", flat=True)),
    )
