"""The incident room: everything about one incident that its page shows, in about twenty small statements."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from antiphon.core.events import ChangeRecorded
from antiphon.db import record
from antiphon.db.models import Escalation, Fact, Incident, Page, RoleAssignment, Workaround
from antiphon.queries import impact, incidents, people, priority, promises, timeline, tracks, verdicts
from antiphon.queries.impact import Impact
from antiphon.queries.incidents import Head, Step
from antiphon.queries.people import Named
from antiphon.queries.priority import PriorityDiffers
from antiphon.queries.promises import Promised
from antiphon.queries.timeline import Entry
from antiphon.queries.tracks import Lane
from antiphon.queries.verdicts import VerdictSeen

ROLES: Final = (
    "incident commander",
    "technical lead",
    "business lead",
    "communications officer",
    "scribe",
    "subject-matter expert",
)
CHANGES: Final = 20

ACKNOWLEDGED: Final = "acknowledged"
WAITS: Final = "no answer yet"


@dataclass(frozen=True, slots=True)
class RoleSeen:
    """A role and who holds it ("" for nobody). `key` is its name in addresses."""

    key: str
    label: str
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What is suspected. `state` is "" or "corrected"."""

    text: str
    confidence: str
    by: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that was changed, with its effect."""

    text: str
    at: datetime
    by: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkaroundSeen:
    """A temporary measure that is still on; waived ones have an owner and a date."""

    uid: str
    url: str
    text: str
    owner: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """Somebody was paged, and what came of it."""

    person: str
    via: str
    at: datetime
    state: str
    again: bool = False
    """They were paged later as well, which is the line to look at."""

    @property
    def answered(self) -> bool:
        """They said themselves that they have it."""
        return self.state == ACKNOWLEDGED

    @property
    def over(self) -> bool:
        """Nobody waits for an answer to this page, and it was not what brought one."""
        return self.again or self.state not in (ACKNOWLEDGED, WAITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What `incidents/room.html` shows. `seq` is the last entry there is: what the page asks behind."""

    incident: Head
    states: tuple[Step, ...]
    technical: Lane
    business: Lane
    entries: tuple[Entry, ...]
    older_than: int | None
    """Where the record goes on below the last entry; None when all of it is shown."""
    seq: int
    verdict: VerdictSeen
    priority: PriorityDiffers | None
    impact: Impact
    roles: tuple[RoleSeen, ...]
    people: tuple[Named, ...]
    hypotheses: tuple[Hypothesis, ...]
    changes: tuple[Change, ...]
    workarounds: tuple[WorkaroundSeen, ...]
    promises: tuple[Promised, ...]
    paging: tuple[Paged, ...]


def load(
    incident: Incident, *, now: datetime, view: str = "all", before: int | None = None, after: int | None = None
) -> Room:
    """The room at `now`. `view` narrows the timeline, `before` pages it; `after` gives only its newer entries."""
    names = people.names()
    seq = timeline.last_seq(incident)
    held = dict(RoleAssignment.objects.filter(incident=incident).values_list("role", "person__uid"))
    commander = names.get(held.get("incident commander", ""), "")
    promised = promises.of_incident(incident)
    verdict = verdicts.card(incident, names, answerer=commander)
    lanes = tracks.lanes(incident, names, promised=promised, why=verdict.why)
    reach = impact.of_incident(incident, now=now)
    if after is None:
        entries = timeline.entries(incident, names, view=view, before=before)
    else:
        entries = timeline.fresh(incident, names, after=after, view=view)
    return Room(
        incident=incidents.head(
            incident,
            stage=lanes.technical.stage,
            commander=commander,
            promised=promised,
            cost=reach.so_far,
        ),
        states=incidents.steps(incident.state),
        technical=lanes.technical,
        business=lanes.business,
        entries=timeline.folded(entries),
        older_than=entries[-1].seq if len(entries) >= timeline.SHOWN else None,
        seq=seq,
        verdict=verdict,
        priority=priority.differs(incident),
        impact=reach,
        roles=tuple(RoleSeen(key_of(role), role.capitalize(), names.get(held.get(role, ""), "")) for role in ROLES),
        people=people.active(),
        hypotheses=_hypotheses(incident, names),
        changes=_changes(incident, names),
        workarounds=workarounds(incident),
        promises=promised,
        paging=_paging(incident),
    )


def key_of(role: str) -> str:
    """A role's name as it stands in addresses."""
    return role.replace(" ", "-")


def role_of(key: str) -> str:
    """The role of an address, or ""."""
    return next((role for role in ROLES if key_of(role) == key), "")


def workarounds(incident: Incident) -> tuple[WorkaroundSeen, ...]:
    """The temporary measures that are still on."""
    return tuple(
        WorkaroundSeen(
            uid=row.uid,
            url=f"/incidents/{incident.number}/workarounds/{row.uid}",
            text=row.title,
            owner=row.waived_owner,
            until=row.waived_until,
        )
        for row in Workaround.objects.filter(incident=incident, removed_at__isnull=True)
    )


def _hypotheses(incident: Incident, names: Mapping[str, str]) -> tuple[Hypothesis, ...]:
    rows = Fact.objects.filter(incident=incident, name="hypothesis").order_by("-id")
    return tuple(
        Hypothesis(
            text=row.text,
            confidence=row.confidence.capitalize(),
            by=people.said_by(row.source, names),
            state="corrected" if row.superseded_by else "",
        )
        for row in rows
    )


def _changes(incident: Incident, names: Mapping[str, str]) -> tuple[Change, ...]:
    """In the order in which they were made."""
    stream = record.incident_stream(incident.uid)
    found = record.latest(stream, kinds=[ChangeRecorded.kind_of()], limit=CHANGES)
    return tuple(
        Change(text=one.event.title, at=one.at, by=people.said_by(one.actor, names), effect=one.event.effect)
        for one in reversed(found)
        if isinstance(one.event, ChangeRecorded)
    )


def _paging(incident: Incident) -> tuple[Paged, ...]:
    """Who was paged, the latest first, one line a person and step."""
    pages = Page.objects.filter(escalation__incident=incident).select_related("person", "escalation__acknowledged_by")
    lines: dict[tuple[int, int, int, int], Paged] = {}
    for page in pages.order_by("-id")[:40]:
        key = (page.escalation_id, page.cycle, page.step, page.person_id)
        via = f"{page.channel}, {lines[key].via}" if key in lines else page.channel
        lines[key] = Paged(person=page.person.name, via=via, at=page.at, state=_page_state(page, page.escalation))
    reached: set[str] = set()
    for key, line in lines.items():
        lines[key] = replace(line, again=line.person in reached and line.state != ACKNOWLEDGED)
        reached.add(line.person)
    return tuple(lines.values())


def _page_state(page: Page, escalation: Escalation) -> str:
    if escalation.acknowledged_by_id == page.person_id:
        return ACKNOWLEDGED
    if escalation.acknowledged_by:
        return f"{escalation.acknowledged_by.name} answered"
    return WAITS if escalation.state in ("paging", "exhausted") else "stopped"
