"""How each thing in the catalog does right now, from planned work, open incidents and firing alerts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.groups import GroupState
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.questions.situation import PEOPLE, Reached
from antiphon.core.severity import Severity
from antiphon.db.graph import Graph, graph
from antiphon.db.models import Affected, AlertGroup, Maintenance

SETTLED: Final = [str(state) for state in (*OVER, IncidentState.RESOLVED)]
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
    for name in AlertGroup.objects.exclude(entity="").values_list("entity", flat=True).distinct():
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
    """First what hangs on something that failed, then what failed itself, the mildest incident first."""
    rows = Affected.objects.filter(incident__nature="real", incident__restricted=False)
    rows = rows.exclude(incident__state__in=SETTLED).select_related("incident").order_by("-incident__severity")
    worst: dict[str, Affected] = {}
    for row in rows:
        worst.pop(row.entity, None)  # the worst of an entity takes its place at the end
        worst[row.entity] = row
    direct = list(worst.values())
    for row in direct:
        for entity in known.reach([row.entity])[1:]:
            yield entity.name, Health("degraded", f"hangs on {row.entity}, incident #{row.incident.number}")
    for row in direct:
        down = row.incident.severity <= Severity.SEV2 and row.incident.incident_type == "disruption"
        yield row.entity, Health("down" if down else "degraded", f"incident #{row.incident.number}")


def _planned(*, now: datetime) -> Iterable[tuple[str, Health]]:
    rows = Maintenance.objects.filter(starts_at__lte=now, ends_at__gt=now).exclude(entity="")
    return [(row.entity, Health("maintenance", f"{row.title}, until {row.ends_at:%H:%M} UTC")) for row in rows]
