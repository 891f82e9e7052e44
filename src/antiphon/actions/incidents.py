"""Declaring an incident and changing what is known of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import affected, paging, tracks, verdicts
from antiphon.actions.locked import Locked, locked
from antiphon.core import closing
from antiphon.core import incidents as rules
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.events import ChangeRecorded, NoteAdded, RoleAssigned, WorkaroundAdded
from antiphon.core.impact import Stated
from antiphon.core.incidents import Incident
from antiphon.core.questions.verdict import Verdict
from antiphon.db import classification, record, revisions
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.graph import graph
from antiphon.db.models import Entity, Person, RoleAssignment, Workaround
from antiphon.db.models import Incident as Row
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import incidents
from antiphon.db.snapshots import verdicts as verdict_rows
from antiphon.db.transactions import write

ROLES = (
    "incident commander",
    "communications officer",
    "scribe",
    "technical lead",
    "business lead",
    "subject-matter expert",
)


def declare(
    *,
    title: str,
    severity: int,
    incident_type: str,
    reason: str,
    actor: Actor,
    now: datetime,
    detected_at: datetime | None = None,
    detected_by: str = "a person",
    area: str = "",
    nature: str = "real",
    entities: Sequence[str] = (),
    policy: str = "",
    nothing_to_restore: bool = False,
    stated: Mapping[str, Stated] | None = None,
) -> Row | Refusal:
    """Declare an incident by hand or by a script; what is affected is named as in the catalog. `stated`: of those that
    are not hit wholly and everywhere, how much and where."""
    unknown = [name for name in entities if name not in graph().entities]
    if unknown:
        names = ", ".join(unknown)
        return Refusal(f"The catalog knows no {names}: add it there first, or choose another.", "entities")
    if (refusal := affected.fault(stated or {})) is not None:
        return refusal
    with write():
        decision = rules.declare(
            uid=new_uid(),
            number=revisions.bump(revisions.INCIDENTS),
            title=title,
            severity=severity,
            incident_type=incident_type,
            reason=reason,
            detected_at=detected_at or now,
            detected_by=detected_by,
            area=area,
            nature=nature,
            entities=tuple(entities),
            matrix=classification.current().priorities,
            now=now,
        )
        if isinstance(decision, Refusal):
            return decision
        (held,) = open_all([Opening(decision, policy, nothing_to_restore)], actor=actor, now=now)
        affected.state_all(held, stated or {}, reason="")
        verdicts.ask(held)
        look_again(held)
        paging.fire(held)
    return held.incident


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident about to be written: what declares it, and its policy (empty: that of what is affected)."""

    declared: Decision[Incident]
    policy: str = ""
    nothing_to_restore: bool = False


def open_all(openings: Sequence[Opening], *, actor: Actor, now: datetime) -> list[Locked]:
    """Write incidents just declared and page for them at once, with a statement for each table.

    The six questions are due from then on: asked by the duty `verdicts` in a transaction of their own, unless whoever
    calls this asks them here. So nobody's page waits for them, and an engine that is killed in between leaves them due.
    """
    papers = classification.current().paperwork_areas
    begun = [
        rules.begin(
            each.declared, nothing_to_restore=each.nothing_to_restore, papers=papers, uids=fresh_uids(), now=now
        )
        for each in openings
    ]
    policies = _policies(openings)
    rows = incidents.create(
        [
            (decision.state, each.policy or _policy_of(decision.state.entities, policies), each.nothing_to_restore)
            for each, decision in zip(openings, begun, strict=True)
        ]
    )
    verdict_rows.save_all((row, Verdict(incident=row.uid, next_change_at=now)) for row in rows)
    opened = [Locked(row, record.begin(record.incident_stream(row.uid)), actor, now) for row in rows]
    for held, decision in zip(opened, begun, strict=True):
        held.record(decision.events)
    paging.begin([held for held, each in zip(opened, begun, strict=True) if each.state.technical.is_open])
    return opened


def _policies(openings: Sequence[Opening]) -> dict[str, str]:
    """The policies that the catalog names for what is affected, by entity."""
    names = {name for each in openings if not each.policy for name in each.declared.state.entities}
    named = Entity.objects.filter(name__in=names).exclude(policy="")
    return dict(named.values_list("name", "policy"))


def _policy_of(entities: Sequence[str], policies: Mapping[str, str]) -> str:
    return next((policies[name] for name in sorted(entities) if name in policies), "")


def step(row: int, /, *, now: datetime) -> None:
    """The stability countdown or the severity's clock of one incident has come to its instant."""
    found = Row.objects.filter(pk=row).first()
    if found is None:
        return
    with locked(found.uid, actor=SYSTEM, now=now) as held:
        look_again(held)


def look_again(held: Locked) -> None:
    """What time and alerts ask of the stability countdown now: start, reset or end."""
    incident = incidents.load(held.incident)
    if incident.firing and incident.stable_since is None:
        return  # the usual case in a storm: no countdown runs, and none can start
    held.keep(incident, closing.step_stability(incident, gates.load(held.incident), now=held.now))


def change_severity(*, incident: str, severity: int, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """A person sets another severity, up or down; the questions are asked again."""
    with locked(incident, actor=actor, now=now) as held:
        loaded = incidents.load(held.incident)
        matrix = classification.current().priorities
        changed = rules.change_severity(loaded, severity, reason=reason, matrix=matrix)
        if isinstance(changed, Refusal):
            return changed
        verdicts.severity_changed(held, loaded, changed)
        verdicts.ask(held)
    return None


def set_stage(*, incident: str, stage: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """How far the technical track is: investigating, identified, monitoring."""

    def rule(loaded: Incident, held: Locked) -> Decision[Incident] | Refusal:
        return rules.set_stage(loaded, stage, reason=reason)

    refusal = change(incident, rule, actor=actor, now=now)
    if refusal is None:
        with locked(incident, actor=actor, now=now) as held:
            look_again(held)
    return refusal


def add_entity(*, incident: str, entity: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """One more catalog entity is affected; the questions are asked again."""
    if entity not in graph().entities:
        return Refusal(f"The catalog knows no {entity}: add it there first, or choose another.", "entity")

    def rule(loaded: Incident, held: Locked) -> Decision[Incident] | Refusal:
        return rules.add_entity(loaded, entity, reason=reason)

    return change(incident, rule, actor=actor, now=now, then=verdicts.ask)


def assign_role(*, incident: str, role: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """Give a person a role in the incident; the lead of a track is one."""
    if role not in ROLES:
        return Refusal(f"“{role}” is not a role; choose {', '.join(ROLES)}.", "role")
    with locked(incident, actor=actor, now=now) as held:
        RoleAssignment.objects.update_or_create(
            incident=held.incident, role=role, defaults={"person": person, "assigned_at": now}
        )
        if role.endswith(" lead"):
            tracks.lead(held, role.removesuffix(" lead"), person)
        else:
            held.record([RoleAssigned(role=role, person=person.uid)])
    return None


def note(*, incident: str, text: str, actor: Actor, now: datetime) -> Refusal | None:
    """A line of the scribe's, or of anybody who works on it."""
    if not text.strip():
        return Refusal("Write the note first.", "text")
    with locked(incident, actor=actor, now=now) as held:
        held.record([NoteAdded(text=text.strip())])
    return None


def record_change(*, incident: str, title: str, effect: str, actor: Actor, now: datetime) -> Refusal | None:
    """Something was changed to resolve it; written down with its effect."""
    if not title.strip():
        return Refusal("Say what was changed.", "title")
    with locked(incident, actor=actor, now=now) as held:
        held.record([ChangeRecorded(title=title.strip(), effect=effect.strip())])
        lines = [line for line in (held.incident.changes, title.strip()) if line]
        held.incident.changes = "\n".join(lines)
        held.incident.save(update_fields=["changes"])
    return None


def add_workaround(*, incident: str, title: str, actor: Actor, now: datetime) -> Refusal | None:
    """A temporary measure is in place; it stays on the books until it is removed."""
    if not title.strip():
        return Refusal("Say what the workaround is.", "title")
    with locked(incident, actor=actor, now=now) as held:
        row = Workaround.objects.create(incident=held.incident, title=title.strip(), added_at=now)
        held.record([WorkaroundAdded(workaround=row.uid, title=row.title)])
    return None


def change(
    uid: str,
    rule: Callable[[Incident, Locked], Decision[Incident] | Refusal],
    *,
    actor: Actor,
    now: datetime,
    then: Callable[[Locked], None] | None = None,
) -> Refusal | None:
    """Load, decide, save and record in one transaction; `then` runs in it when something changed."""
    with locked(uid, actor=actor, now=now) as held:
        before = incidents.load(held.incident)
        decision = rule(before, held)
        if isinstance(decision, Refusal):
            return decision
        held.keep(before, decision)
        if then and decision.events:
            then(held)
    return None
