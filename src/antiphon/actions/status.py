"""How everything works, kept as spans: looked at again whenever its causes change, written where that makes a change.

The causes are read, never announced: what fires, what incidents are about, what is planned. So none can be missed, and
a look that finds nothing new writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from antiphon.core.groups import GroupState
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.status import BY_ALERT, Cause, RollUp, State, of_incident, roll_up, worst
from antiphon.db import revisions
from antiphon.db.graph import Graph, at_hand
from antiphon.db.models import Affected, Alert, AlertGroup, Entity, Maintenance, StatusSpan
from antiphon.db.transactions import write

MOST: Final = 250
"""Entities written in one step; the loop comes back for the rest when more urgent work is done."""
COUNTING: Final = [str(state) for state in (GroupState.HELD, GroupState.ASKING, GroupState.DECLARED)]
"""Groups whose alerts say something: not those that are silenced, planned, a parent's fault, or of no rule."""
RUNNING: Final = [str(state) for state in IncidentState if state not in (*OVER, IncidentState.RESOLVED)]


@dataclass(frozen=True, slots=True)
class Kept:
    """An open span: its row and its state."""

    row: int
    state: str


@dataclass
class Memory:
    """What one engine remembers between its looks, so that a look costs by what changed.

    `number`: the revision of the spans that `spans` mirrors; `rolled` comes of `causes` in the catalog `known`;
    `todo`: entities that are stored otherwise than rolled up, nearest to the causes first.
    """

    number: int = -1
    spans: dict[str, Kept] = field(default_factory=dict)
    known: Graph | None = None
    causes: Mapping[str, Cause] = field(default_factory=dict)
    rolled: RollUp = field(default_factory=RollUp)
    todo: list[str] = field(default_factory=list)


def look(memory: Memory, *, now: datetime) -> bool:
    """Whether anything is stored otherwise than it is at `now`. Four statements when nothing changed."""
    known = at_hand()
    if known is None:
        return bool(memory.todo)
    found = causes(known, now=now)
    number = revisions.current(revisions.STATUS)
    if memory.known is not known or memory.causes != found:
        before, memory.rolled = memory.rolled, roll_up(found, known.web)
        memory.known, memory.causes = known, found
        again = (name for name in memory.spans if name not in memory.rolled)
        _plan(memory, {*memory.todo, *memory.rolled.changed_since(before), *again})
    if number != memory.number:
        _reload(memory, number)
    return bool(memory.todo)


def follow(memory: Memory, *, now: datetime) -> int:
    """Write the next entities of `todo`, at most `MOST`; answers how many. One engine at a time: the revision's row is
    locked, and who finds that another engine wrote reads the spans again."""
    with write(news=False):
        number = revisions.bump(revisions.STATUS)
        if number != memory.number + 1:
            _reload(memory, number - 1)
        batch = memory.todo[:MOST]
        kept = _write(batch, memory, now=now)
    for name in batch:
        memory.spans.pop(name, None)
    memory.spans.update(kept)
    memory.number = number
    del memory.todo[: len(batch)]
    return len(batch)


def causes(known: Graph, *, now: datetime) -> dict[str, Cause]:
    """What is known of each entity itself at `now`: the worst of what fires, incidents and planned work."""
    found: dict[str, list[Cause]] = {}
    for name, cause in (*_firing(), *_in_incidents(), *_planned(now=now)):
        if name in known.entities:
            found.setdefault(name, []).append(cause)
    return {name: worst(each) for name, each in found.items()}


def _firing() -> Iterator[tuple[str, Cause]]:
    groups = AlertGroup.objects.filter(state__in=COUNTING, firing__gt=0).exclude(entity="")
    named = {row: (entity, title) for row, entity, title in groups.values_list("id", "entity", "title")}
    alerts = Alert.objects.open().filter(group_id__in=groups.values("id")) if named else Alert.objects.none()
    for group, severity in alerts.values_list("group_id", "severity").distinct():
        if severity in BY_ALERT and group in named:
            entity, title = named[group]
            yield entity, Cause(BY_ALERT[severity], f"an alert fires: {title}" if title else "an alert fires")


def _in_incidents() -> Iterator[tuple[str, Cause]]:
    rows = Affected.objects.filter(incident__nature="real", incident__restricted=False, incident__state__in=RUNNING)
    of = ("incident__incident_type", "incident__severity", "incident__number")
    for entity, share, region, kind, severity, number in rows.values_list("entity", "share", "region", *of):
        yield entity, Cause(of_incident(kind, severity, share=share, region=region), f"incident #{number}")


def _planned(*, now: datetime) -> Iterator[tuple[str, Cause]]:
    for row in Maintenance.objects.lasting(at=now).exclude(entity=""):
        yield row.entity, Cause(State.MAINTENANCE, f"{row.title}, until {row.ends_at:%H:%M} UTC")


def _reload(memory: Memory, number: int) -> None:
    """Read the open spans, and plan what is stored otherwise than it is."""
    rows = StatusSpan.objects.filter(ended_at__isnull=True).values_list("entity__name", "id", "state", "why")
    memory.spans, same = {}, set()
    for name, row, state, why in rows:
        memory.spans[name] = Kept(row, state)
        if name in memory.rolled and state == memory.rolled.state(name) and why == _told(memory.rolled, name):
            same.add(name)
    memory.number = number
    _plan(memory, {*memory.rolled, *memory.spans} - same)


def _plan(memory: Memory, names: set[str]) -> None:
    """These are to be written, the causes first, then what works again."""
    again = [name for name in memory.spans if name in names and name not in memory.rolled]
    memory.todo = [name for name in memory.rolled if name in names] + again


def _write(names: Sequence[str], memory: Memory, *, now: datetime) -> dict[str, Kept]:
    """Close, open and re-word spans; answers those that are open now."""
    ids = dict(Entity.objects.filter(name__in=names).values_list("name", "id"))
    closed, opened, reworded = [], {}, {}
    for name in names:
        old, state = memory.spans.get(name), str(memory.rolled.state(name))
        wanted = name in memory.rolled and name in ids
        if old and not (wanted and old.state == state):
            closed.append(old.row)
        if wanted:
            row = StatusSpan(entity_id=ids[name], state=state, why=_told(memory.rolled, name), began_at=now)
            if old and old.state == state:
                row.pk, reworded[name] = old.row, row
            else:
                opened[name] = row
    StatusSpan.objects.filter(pk__in=closed).update(ended_at=now)
    StatusSpan.objects.bulk_create(opened.values())
    StatusSpan.objects.bulk_update(reworded.values(), ["why"], batch_size=100)
    return {name: Kept(row.pk, row.state) for name, row in (opened | reworded).items()}


def _told(rolled: RollUp, name: str) -> list[dict[str, Any]]:
    return [asdict(each) for each in rolled.why(name)]
