"""How each thing in the catalog does right now, from planned work, open incidents and firing alerts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from antiphon.core.groups import GroupState
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.questions.situation import PEOPLE, Reached
from antiphon.core.severity import Severity
from antiphon.db.graph import Graph, graph
from antiphon.db.models import Affected, AlertGroup, Entity, Maintenance

RUNNING: Final = [str(state) for state in IncidentState if state not in (*OVER, IncidentState.RESOLVED)]
WORDLESS: Final = PEOPLE | {"team"}
"""Kinds that do not work or fail: they show something only while they are hit."""

WAITING: Final = [str(GroupState.HELD), str(GroupState.ASKING)]
"""States of alerts that may become an incident; those that no rule cares for change nothing."""


@dataclass(frozen=True, slots=True)
class Health:
    """`word` is ok, degraded, down, maintenance, unknown, or empty for those who do not fail; `why` a sentence."""

    word: str
    why: str = ""


def health(*, now: datetime) -> Mapping[str, Health]:
    """Everything in the catalog by name. Planned work covers what it explains, the worst of the rest counts."""
    known = graph()
    found = {name: _quiet(entity) for name, entity in known.entities.items()}
    named = Exists(AlertGroup.objects.filter(entity=OuterRef("name")))
    for name in Entity.objects.filter(named).order_by().values_list("name", flat=True):
        if name in found and found[name].word == "unknown":
            found[name] = Health("ok", "nothing fires")
    for name, told in [*_firing(), *_in_incidents(known), *_planned(now=now)]:
        if name in found:
            found[name] = told
    return found


def _quiet(entity: Reached) -> Health:
    return Health("") if entity.kind in WORDLESS else Health("unknown", "no alert has named it yet")


def _firing() -> Iterator[tuple[str, Health]]:
    groups = AlertGroup.objects.filter(state__in=WAITING, firing__gt=0).exclude(entity="")
    for entity, reason in groups.order_by("id").values_list("entity", "reason"):
        yield entity, Health("degraded", f"an alert fires: {reason}" if reason else "an alert fires")


def _in_incidents(known: Graph) -> Iterator[tuple[str, Health]]:
    """First what hangs on what failed, taken together, then what failed itself, each by its worst incident."""
    rows = Affected.objects.filter(incident__nature="real", incident__restricted=False, incident__state__in=RUNNING)
    told = ("entity", "incident__number", "incident__severity", "incident__incident_type")
    worst: dict[str, tuple[int, int, str]] = {}
    for entity, *incident in rows.order_by("incident__severity", "incident__number").values_list(*told):
        worst.setdefault(entity, tuple(incident))
    for hit in known.reach(worst):
        failed = hit.path[0]
        yield hit.name, Health("degraded", f"hangs on {failed}, incident #{worst[failed][0]}")
    for name, (number, severity, kind) in worst.items():
        down = severity <= Severity.SEV2 and kind == "disruption"
        yield name, Health("down" if down else "degraded", f"incident #{number}")


def _planned(*, now: datetime) -> Iterable[tuple[str, Health]]:
    rows = Maintenance.objects.lasting(at=now).exclude(entity="")
    return [(row.entity, Health("maintenance", f"{row.title}, until {row.ends_at:%H:%M} UTC")) for row in rows]
