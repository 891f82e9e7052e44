"""What a group of alerts comes to: nothing yet, a question to a person, an incident, or part of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from antiphon.actions import calls, deliveries, follow_ups, incidents, paging, promises, verdicts
from antiphon.actions.locked import Locked, take
from antiphon.core import alerts as rules
from antiphon.core import closing
from antiphon.core import incidents as declaring
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.groups import AskPerson, Declare, GroupDecision, Join, Known, Nothing
from antiphon.core.sending import InsideText
from antiphon.db import classification, revisions
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.gathering import gathered
from antiphon.db.models import AlertGroup as Row
from antiphon.db.models import Incident
from antiphon.db.snapshots import groups
from antiphon.db.snapshots import incidents as snapshots
from antiphon.db.transactions import write


def step(row: int, /, *, now: datetime) -> None:
    """Decide one group again, when its instant has come, and do what it comes to."""
    with write():
        for decided in _decide(_due([row], now=now), now=now):
            _carry_out(decided, actor=SYSTEM, now=now)


def step_together(rows: Sequence[int], /, *, now: datetime) -> list[int]:
    """Decide many groups in one transaction and declare what they come to; answers those to be stepped by themselves.

    These are the ones that touch an incident which is there already, one transaction each, so that no two engines
    wait for each other's incidents; those that ask a person; and all but the first on one entity, since they join it.
    """
    with write():
        decided = _decide(_due(rows, now=now), now=now)
        plain = [one for one in decided if one.plain]
        declares = {one.decision.state.entity or one.row.key: one for one in reversed(decided) if one.declares}
        first = list(reversed(declares.values()))
        for one in plain:
            groups.put(one.row, one.decision.state, title=one.title, incident=one.row.incident, now=now)
        groups.save([one.row for one in plain])
        _declare(first, actor=SYSTEM, now=now)
    done = {one.row.pk for one in (*plain, *first)}
    return [one.row.pk for one in decided if one.row.pk not in done]


def answer(*, group: str, yes: bool, reason: str, actor: Actor, now: datetime) -> Incident | Refusal | None:
    """A person's word on a group that waits: declare it now, or leave it alone."""
    with write():
        found = Row.objects.select_for_update().filter(uid=group).first()
        if found is None:
            return Refusal("There is no such group of alerts any more: reload the page.", "group")
        state, rule = groups.load(found), groups.rules().rule(found.rule_id)
        known = gathered({found: (state, rule)}, now=now)[found.pk]
        decision = rules.answer(state, rule, known, yes=yes, by=actor, reason=reason, now=now)
        if isinstance(decision, Refusal):
            return decision
        return _carry_out(_Decided(found, known, decision), actor=actor, now=now)


@dataclass(frozen=True, slots=True, eq=False)
class _Decided:
    """A group, what was known of it, and what it comes to."""

    row: Row
    known: Known
    decision: GroupDecision

    @property
    def title(self) -> str:
        return self.known.alerts[0].title if self.known.alerts else self.row.title

    @property
    def declares(self) -> bool:
        return isinstance(self.decision.effect, Declare)

    @property
    def plain(self) -> bool:
        """Nothing but the group itself changes."""
        return isinstance(self.decision.effect, Nothing) and not self.decision.state.incident


def _due(rows: Sequence[int], *, now: datetime) -> list[Row]:
    """Those whose instant has come, locked; of many, those that another engine holds are left to it."""
    found = Row.objects.filter(pk__in=rows, wake_at__lte=now).order_by("pk")
    skips = len(rows) > 1 and connection.features.has_select_for_update_skip_locked
    return list(found.select_for_update(skip_locked=skips))


def _decide(found: Sequence[Row], *, now: datetime) -> list[_Decided]:
    configured = groups.rules()
    states = {row: (groups.load(row), configured.rule(row.rule_id)) for row in found}
    known = gathered(states, now=now)
    return [
        _Decided(row, known[row.pk], rules.step(group, rule, known[row.pk], now=now))
        for row, (group, rule) in states.items()
    ]


def _carry_out(decided: _Decided, *, actor: Actor, now: datetime) -> Incident | None:
    """Do what the decision says, write its events on the incident's record, then save the group."""
    row, decision, held = decided.row, decided.decision, None
    match decision.effect:
        case Declare():
            return _declare([decided], actor=actor, now=now)[0].incident
        case Join() as effect:
            held = take(effect.incident, actor=SYSTEM, now=now)
        case AskPerson() as effect:
            _ask(effect, now=now)
        case _ if decision.state.incident:
            held = take(decision.state.incident, actor=SYSTEM, now=now)
    groups.put(row, decision.state, title=decided.title, incident=held.incident if held else row.incident, now=now)
    groups.save([row])
    if held:
        held.record(decision.events)
        _alerts_moved(held, decision)
        paging.fire(held)
    return held.incident if held else None


def _declare(decided: Sequence[_Decided], *, actor: Actor, now: datetime) -> list[Locked]:
    """Open an incident for each of the groups."""
    if not decided:
        return []
    number = revisions.bump(revisions.INCIDENTS, by=len(decided)) - len(decided)
    openings = [_opening(one, number + place, now=now) for place, one in enumerate(decided, start=1)]
    opened = incidents.open_all(openings, actor=actor, now=now)
    for one, held in zip(decided, opened, strict=True):
        state = rules.declared(one.decision.state, held.incident.uid)
        groups.put(one.row, state, title=one.title, incident=held.incident, now=now)
    groups.save([one.row for one in decided])
    for held in opened:
        incidents.look_again(held)
    return opened


def _opening(decided: _Decided, number: int, *, now: datetime) -> incidents.Opening:
    """What a group declares; the alerts that come with it count as firing and stand on the record."""
    effect = decided.decision.effect
    assert isinstance(effect, Declare)
    declared = declaring.declare(
        uid=new_uid(),
        number=number,
        title=effect.title,
        severity=effect.severity,
        incident_type=effect.incident_type,
        reason=f"{effect.reason}; {effect.severity_reason}",
        detected_at=effect.detected_at,
        detected_by=effect.detected_by,
        area=effect.area,
        nature=effect.nature,
        entities=(effect.entity,) if effect.entity else (),
        matrix=classification.current().priorities,
        alert_severity=effect.alert_severity,
        now=now,
    )
    if isinstance(declared, Refusal):
        raise ValueError(declared.sentence)
    counted = replace(declared.state, firing=len(decided.decision.state.firing))
    return incidents.Opening(Decision(counted, (*declared.events, *decided.decision.events)), effect.policy)


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
    calls.reopened(held)
    follow_ups.reopened(held)
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
