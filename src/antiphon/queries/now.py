"""What is on fire now, everywhere: incidents, promises, who is on call, which systems are hit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.db.models import Q

from antiphon.core.decision import Actor
from antiphon.db.graph import graph
from antiphon.db.models import Alert, Entity, Person
from antiphon.queries import auditing, health, incidents, oncall, promises, waiting
from antiphon.queries.auditing import Found
from antiphon.queries.counted import how_many
from antiphon.queries.health import Health
from antiphon.queries.incidents import RUNNING, Summary
from antiphon.queries.oncall import OnDuty
from antiphon.queries.promises import Promised
from antiphon.queries.readers import seen_by
from antiphon.queries.waiting import Waiting

INCIDENTS: Final = 25
"""Open incidents on the first page; the list has them all."""
SYSTEMS: Final = 12
MOST: Final = 200
"""Important systems that are looked at, in the order of their names."""
WORKING: Final = ("service", "application", "workflow", "component", "vendor")
TROUBLED: Final = ("down", "degraded", "maintenance")
ORDER: Final = (*TROUBLED, "ok", "unknown", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSeen:
    """One thing of the catalog and how it is: down, degraded, maintenance, ok or unknown."""

    name: str
    url: str
    health: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the navigation counts: open incidents, alerts that fire, what waits for the reader."""

    incidents: int
    alerts: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What the first page shows."""

    incidents: tuple[Summary, ...]
    promises: tuple[Promised, ...]
    waiting: tuple[Waiting, ...]
    nav: Counts
    on_call: tuple[OnDuty, ...]
    systems: tuple[SystemSeen, ...]
    found: tuple[Found, ...]


def load(reader: Actor, *, pace: float = 1.0, now: datetime) -> Now:
    """The first page at `now`. `pace`: how fast the clock runs, for what the auditor found."""
    return Now(
        incidents=incidents.running(reader=reader, limit=INCIDENTS),
        promises=promises.next_due(reader=reader),
        waiting=waiting.for_person(reader),
        nav=counts(reader),
        on_call=oncall.on_duty(oncall.rotas(), at=now),
        systems=systems(now=now),
        found=auditing.found(reader=reader, pace=pace, now=now),
    )


def counts(reader: Actor) -> Counts:
    """What the navigation counts for this reader, who is a person. Three statements."""
    running = how_many(seen_by(reader).filter(state__in=RUNNING))
    counted = Person.objects.filter(uid=reader.uid).values_list(running, *waiting.numbers(reader))
    incidents, *waits = counted.get()
    waits.append(waiting.questions(reader))
    return Counts(incidents=incidents, alerts=Alert.objects.open().count(), waiting=sum(waits))


def systems(*, now: datetime) -> tuple[SystemSeen, ...]:
    """Systems by health, the worst first; of those that work, the most important ones."""
    states = health.health(now=now)
    kinds = graph().entities.kinds
    troubled = sorted(
        (ORDER.index(each.word), name) for name, each in states.told.items() if kinds.get(name) in WORKING
    )
    important = Entity.objects.filter(Q(tier=1) | Q(customer_facing=True), kind__in=WORKING).order_by("name")
    names = {name for _, name in troubled[:SYSTEMS]} | set(important.values_list("name", flat=True)[:MOST])
    rows = Entity.objects.filter(name__in=names & kinds.keys()).values_list("name", "title")
    shown = [_system(name, title, states[name]) for name, title in rows]
    return tuple(sorted(shown, key=lambda each: (ORDER.index(each.health), each.name))[:SYSTEMS])


def _system(name: str, title: str, now_here: Health) -> SystemSeen:
    note = now_here.why if now_here.word in TROUBLED else ""
    return SystemSeen(name=title or name, url=f"/catalog/{quote(name, safe='')}", health=now_here.word, note=note)
