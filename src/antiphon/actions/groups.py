"""What a group of alerts comes to: nothing yet, a question to a person, an incident, or part of one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from antiphon.actions import deliveries, incidents, paging, promises, verdicts
from antiphon.actions.alerts import read_labels
from antiphon.actions.locked import Locked, take
from antiphon.core import alerts as rules
from antiphon.core import closing
from antiphon.core import incidents as declaring
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.declaring import Rule, entity_candidates
from antiphon.core.groups import (
    AlertGroup,
    AlertView,
    AskPerson,
    Declare,
    GroupDecision,
    IncidentView,
    Join,
    Known,
    Window,
)
from antiphon.core.sending import InsideText
from antiphon.db import revisions, situations
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.graph import graph
from antiphon.db.models import Alert, Incident, Maintenance
from antiphon.db.models import AlertGroup as Row
from antiphon.db.models.alerts import OPEN
from antiphon.db.snapshots import groups
from antiphon.db.snapshots import incidents as snapshots
from antiphon.db.transactions import write


def step(row: int, /, *, now: datetime) -> None:
    """Decide one group again, when its instant has come, and do what it comes to."""
    with write():
        found = _take(row)
        if found is None or found.wake_at is None or found.wake_at > now:
            return
        group, rule = groups.load(found), groups.rules().rule(found.rule_id)
        known = _known(found, group, rule, now=now)
        _carry_out(found, rules.step(group, rule, known, now=now), known, actor=SYSTEM, now=now)


def answer(*, group: str, yes: bool, reason: str, actor: Actor, now: datetime) -> Incident | Refusal | None:
    """A person's word on a group that waits: declare it now, or leave it alone."""
    with write():
        found = _take(Row.objects.filter(uid=group).values_list("pk", flat=True).first())
        if found is None:
            return Refusal("There is no such group of alerts any more: reload the page.", "group")
        state, rule = groups.load(found), groups.rules().rule(found.rule_id)
        known = _known(found, state, rule, now=now)
        decision = rules.answer(state, rule, known, yes=yes, by=actor, reason=reason, now=now)
        if isinstance(decision, Refusal):
            return decision
        return _carry_out(found, decision, known, actor=actor, now=now)


def _take(row: int | None) -> Row | None:
    return Row.objects.select_for_update().filter(pk=row).first() if row is not None else None


def _carry_out(row: Row, decision: GroupDecision, known: Known, *, actor: Actor, now: datetime) -> Incident | None:
    """Do what the decision says, write its events on the incident's record, then save the group."""
    state, held = decision.state, None
    match decision.effect:
        case Declare() as effect:
            held = _declare(effect, actor=actor, now=now)
            state = rules.declared(state, held.incident.uid)
        case Join() as effect:
            held = take(effect.incident, actor=SYSTEM, now=now)
        case AskPerson() as effect:
            _ask(effect, now=now)
        case _ if state.incident:
            held = take(state.incident, actor=SYSTEM, now=now)
    title = known.alerts[0].title if known.alerts else row.title
    row.updated_at = now
    groups.save(row, state, title=title, incident=held.incident if held else row.incident)
    if held:
        held.record(decision.events)
        _alerts_moved(held, decision)
        paging.fire(held)
    return held.incident if held else None


def _declare(effect: Declare, *, actor: Actor, now: datetime) -> Locked:
    declared = declaring.declare(
        uid=new_uid(),
        number=revisions.bump(revisions.INCIDENTS),
        title=effect.title,
        severity=effect.severity,
        incident_type=effect.incident_type,
        reason=f"{effect.reason}; {effect.severity_reason}",
        detected_at=effect.detected_at,
        detected_by=effect.detected_by,
        area=effect.area,
        nature=effect.nature,
        entities=(effect.entity,) if effect.entity else (),
        now=now,
    )
    if isinstance(declared, Refusal):
        raise ValueError(declared.sentence)
    return incidents.open_incident(declared, policy=effect.policy, actor=actor, now=now)


def _alerts_moved(held: Locked, decision: GroupDecision) -> None:
    """Count what fires, put the countdown back when something began to, and look at the incident again."""
    before = snapshots.load(held.incident)
    firing = sum(held.incident.groups.values_list("firing", flat=True))
    counted = replace(before, firing=firing)
    changed: Decision[declaring.Incident] | Refusal = Decision(counted)
    effect = decision.effect
    if isinstance(effect, Join):
        changed = closing.alert_fired(counted, held.incident.title, uids=fresh_uids(), now=held.now)
    if isinstance(changed, Refusal):
        changed = Decision(counted)
    held.keep(before, changed)
    if before.resolved_at and not held.incident.resolved_at:
        _reopened(held)
    if isinstance(effect, Join):
        _affect(held, decision.state.entity, effect.reason)
    incidents.look_again(held)


def _reopened(held: Locked) -> None:
    """It is back: people are paged again, and everyone who was told is owed a word again."""
    held.incident.reopened_at = held.now
    held.incident.save(update_fields=["reopened_at"])
    promises.reopened(held)
    verdicts.ask(held)
    paging.start(held, track="technical")


def _affect(held: Locked, entity: str, reason: str) -> None:
    before = snapshots.load(held.incident)
    if not entity or entity in before.entities:
        return
    changed = declaring.add_entity(before, entity, reason=reason)
    if isinstance(changed, Decision):
        held.keep(before, changed)
        verdicts.ask(held)


def _ask(effect: AskPerson, *, now: datetime) -> None:
    """Whoever the policy pages first is asked whether this is an incident."""
    text = InsideText(
        subject=f"Is this an incident? {effect.proposal.title}",
        body_text=f"{effect.reason}.\n\nOpen the alerts page and say yes or no.",
    )
    for person in promises.paged_first_by(effect.proposal.policy, now=now):
        deliveries.queue_question(person, text, now=now)


def _known(row: Row, group: AlertGroup, rule: Rule | None, *, now: datetime) -> Known:
    found = Alert.objects.filter(group_id=row.pk).order_by("starts_at", "id")
    alerts = list(found.values_list(*_SEEN, named=True))
    labels = read_labels(alerts[0].detail__labels) if alerts else {}
    known = graph().entities
    candidates = entity_candidates(rule, labels)
    entity = next((name for name in candidates if name in known), "")
    return Known(
        alerts=tuple(_view(alert) for alert in alerts),
        entity=entity,
        named=candidates[0] if candidates else "",
        windows=_windows(entity, now=now),
        incident=_view_of(Incident.objects.filter(uid=group.incident).first()) if group.incident else None,
        nearby=_nearby(entity, group, rule),
        reach=situations.reach(entity),
    )


_SEEN = (
    "integration__uid", "fingerprint", "detail__title", "detail__labels",
    "severity", "state", "starts_at", "ends_at", "changed_at",
)  # fmt: skip
"""Columns rather than rows: a group may have tens of thousands of alerts."""


def _view(alert: Any) -> AlertView:
    return AlertView(
        uid=f"{alert.integration__uid}:{alert.fingerprint}",
        title=alert.detail__title,
        severity=alert.severity,
        firing=alert.state in OPEN,
        started_at=alert.starts_at,
        ended_at=None if alert.state in OPEN else alert.ends_at or alert.changed_at,
    )


def _windows(entity: str, *, now: datetime) -> tuple[Window, ...]:
    rows = Maintenance.objects.filter(entity__in=["", entity], starts_at__lte=now, ends_at__gt=now)
    return tuple(Window(kind="maintenance", name=r.title, starts_at=r.starts_at, ends_at=r.ends_at) for r in rows)


def _nearby(entity: str, group: AlertGroup, rule: Rule | None) -> IncidentView | None:
    """An open incident on the same entity, to join rather than to open a second one."""
    if not entity or group.incident:
        return None
    over = [str(state) for state in declaring.OVER]
    found = Incident.objects.filter(affected__entity=entity, nature=rule.nature if rule else "real")
    return _view_of(found.exclude(state__in=over).order_by("number").first())


def _view_of(incident: Incident | None) -> IncidentView | None:
    if incident is None:
        return None
    return IncidentView(uid=incident.uid, number=incident.number, state=incident.state, nature=incident.nature)
