"""From alerts to an incident: what one group of alerts comes to, now, with the reason a person reads.

Order: does a rule match; is something firing; is it planned work, silenced or a parent's fault; does its severity
open anything; does the catalog know the entity; has it lasted long enough and come often enough; then declare, ask,
or join. Sources: DOMAIN §3; flap damping is ours (see FLAPS).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.decision import Actor, Refusal, earliest
from antiphon.core.declaring import Rule
from antiphon.core.events import AlertEnded, AlertFired, AlertJoined, Event
from antiphon.core.groups import (
    AlertGroup,
    AlertView,
    Arrival,
    AskPerson,
    Declare,
    Effect,
    GroupDecision,
    GroupState,
    IncidentView,
    Join,
    Known,
    Nothing,
)
from antiphon.core.severity import Severity, mapped, severity_for

FLAPS: Final = 3
FLAP_WINDOW: Final = timedelta(minutes=15)
SETTLE: Final = timedelta(minutes=5)
"""A condition that ended and came back `FLAPS` times within `FLAP_WINDOW` flaps: until it was quiet for `SETTLE` it
counts as one that lasts, and it must have lasted for `SETTLE` before it opens an incident."""

ASK_AGAIN: Final = timedelta(minutes=15)
"""A question to a person that nobody answers is put again; a wait is never silent."""

LOOK_AGAIN: Final = timedelta(minutes=1)
"""How often a group silenced by its parent's failure is looked at, beside every change of the parent."""

REMEMBERED: Final = 100
"""Arrivals kept for counting."""


def step(group: AlertGroup, rule: Rule | None, known: Known, *, now: datetime) -> GroupDecision:
    """What the group comes to at `now`. Twice at the same `now` changes nothing the second time.

    `rule` is the rule that its alerts matched, None when none did.
    """
    seen = _seen(group, rule, known, now=now)
    if known.incident is not None and known.incident.open:
        return _in_incident(group, seen, known)
    if known.incident is not None and known.incident.uid == group.incident:
        left = f"incident #{known.incident.number} is {known.incident.state}; opens again after it ended and came back"
        seen = replace(seen, incident=None, joined=(), settled=left if seen.first_at else "")
    if rule is None:
        return _stay(seen, GroupState.UNMATCHED, known.reason or "no rule matches")
    seen = replace(seen, entity=known.entity or seen.entity)
    return _alone(group, seen, rule, known, now=now)


def declared(group: AlertGroup, incident: str) -> AlertGroup:
    """The group after its incident was declared, or joined by hand, in the same transaction."""
    return replace(group, state=GroupState.DECLARED, incident=incident, until=None, hold_until=None)


def answer(
    group: AlertGroup, rule: Rule | None, known: Known, *, yes: bool, by: Actor, reason: str, now: datetime
) -> GroupDecision | Refusal:
    """A person's word on a group that waits or was left alone: declare it now, or leave it until it comes back.

    `reason` is shown on the alerts page and on the record.
    """
    if group.state is GroupState.DECLARED:
        return Refusal("These alerts belong to an incident already.", "group")
    seen = _seen(group, rule, known, now=now)
    if not seen.firing:
        return Refusal("Nothing in this group fires any more; there is nothing to declare.", "group")
    because = f": {reason}" if reason else ""
    if not yes:
        text = f"a {by.kind} said no{because}"
        return _stay(replace(seen, settled=text), GroupState.SUPPRESSED, text)
    rule = rule or Rule(name="by hand")
    seen = replace(seen, entity=known.entity or seen.entity, settled="")
    return _declare(seen, known, _proposal(seen, rule, known, f"declared by a {by.kind}{because}"))


# --- what is seen ------------------------------------------------------------------------------------------------


def _firing(alerts: Iterable[AlertView]) -> tuple[AlertView, ...]:
    return tuple(sorted((a for a in alerts if a.firing), key=lambda a: (a.started_at, a.uid)))


def _seen(group: AlertGroup, rule: Rule | None, known: Known, *, now: datetime) -> AlertGroup:
    """The group with what fires now, what began and what came back."""
    firing = _firing(known.alerts)
    uids = tuple(sorted(alert.uid for alert in firing))
    returns = tuple(at for at in group.returns if at > now - FLAP_WINDOW)
    first_at, ended_at, settled = group.first_at, group.ended_at, group.settled
    if firing and not group.firing:
        began = firing[0].started_at
        if ended_at is not None:
            began = max(began, ended_at)
            returns = (*returns, now) if now - ended_at < FLAP_WINDOW else returns
        first_at = first_at or min(began, now)
    if group.firing and not firing:
        ended = [alert.ended_at for alert in known.alerts if alert.ended_at is not None]
        ended_at = min(max(ended, default=now), now)
    if not firing and (len(returns) < FLAPS or ended_at is None or now >= ended_at + SETTLE):
        first_at, settled = None, ""
    return replace(
        group,
        rule=rule.id if rule else None,
        firing=uids,
        arrivals=_arrivals(group, rule, known.alerts, now=now),
        returns=returns[-FLAPS:],
        first_at=first_at,
        ended_at=ended_at,
        settled=settled,
    )


def _arrivals(
    group: AlertGroup, rule: Rule | None, alerts: Iterable[AlertView], *, now: datetime
) -> tuple[Arrival, ...]:
    if rule is None or rule.count <= 1:
        return ()
    since = now - rule.window
    known = {(a.alert, a.at) for a in group.arrivals} | {(a.uid, a.started_at) for a in alerts}
    recent = sorted((at, alert) for alert, at in known if since < at <= now)
    return tuple(Arrival(alert=alert, at=at) for at, alert in recent[-max(REMEMBERED, rule.count) :])


def _transitions(group: AlertGroup, alerts: Iterable[AlertView]) -> Iterator[Event]:
    """What happened to alerts of an incident since the group was last looked at."""
    before, joined = set(group.firing), set(group.joined)
    for alert in sorted(alerts, key=lambda alert: alert.uid):
        if alert.firing and alert.uid not in joined:
            yield AlertJoined(alert=alert.uid, title=alert.title, reason="It belongs to the same group.")
        elif alert.firing and alert.uid not in before:
            yield AlertFired(alert=alert.uid, title=alert.title)
        elif not alert.firing and alert.uid in before:
            yield AlertEnded(alert=alert.uid, title=alert.title)


# --- deciding ----------------------------------------------------------------------------------------------------


def _in_incident(before: AlertGroup, seen: AlertGroup, known: Known) -> GroupDecision:
    """Alerts of a group whose incident is open belong to it, whatever they do."""
    incident = known.incident
    assert incident is not None
    events = tuple(_transitions(before, known.alerts))
    count = len(seen.firing)
    text = f"{count} firing" if count else "all ended"
    state = replace(
        seen,
        state=GroupState.DECLARED,
        incident=incident.uid,
        joined=tuple(sorted({*before.joined, *seen.firing})),
        until=None,
        hold_until=None,
        reason=f"part of incident #{incident.number}, {text}",
    )
    began = tuple(sorted(set(seen.firing) - set(before.firing)))
    if not began:
        return GroupDecision(state, events)
    effect = Join(
        reason="fires again" if not before.firing else "fires too",
        incident=incident.uid,
        severity=None,
        alerts=began,
        reopens=incident.state == "resolved",
    )
    return GroupDecision(state, events, effect)


def _alone(before: AlertGroup, seen: AlertGroup, rule: Rule, known: Known, *, now: datetime) -> GroupDecision:
    """A group without an open incident: everything that may keep it from opening one, in order."""
    if seen.first_at is None and not _counted(seen, rule):
        return _quiet(before, seen, rule)
    if seen.settled:
        return _stay(seen, GroupState.SUPPRESSED, seen.settled, until=_settles_at(seen))
    window = next((w for w in known.windows if w.starts_at <= now < w.ends_at), None)
    if window is not None:
        verb = "in maintenance window" if window.kind == "maintenance" else "silenced by"
        text = f"{verb} “{window.name}” until {window.ends_at:%Y-%m-%d %H:%M} UTC"
        return _stay(seen, GroupState.SUPPRESSED, text, until=window.ends_at)
    if known.silenced_by:
        text = f"silenced by its parent: {known.silenced_by}"
        return _stay(seen, GroupState.SUPPRESSED, text, until=now + LOOK_AGAIN)
    severity, severity_reason = _worst(known, rule)
    if severity is None:
        return _stay(seen, GroupState.SUPPRESSED, severity_reason)
    if not seen.entity and not rule.declare_unknown:
        return _stay(seen, GroupState.UNMATCHED, _unknown(known, rule))
    wait = _wait(seen, rule, now=now)
    if wait is not None:
        return wait
    return _open(before, seen, rule, known, now=now)


def _open(before: AlertGroup, seen: AlertGroup, rule: Rule, known: Known, *, now: datetime) -> GroupDecision:
    """It has lasted long enough and come often enough: join, ask, or declare."""
    reason = _why(seen, rule, now=now)
    nearby = known.nearby
    if nearby is not None and nearby.open and nearby.nature == rule.nature:
        return _join(seen, rule, known, nearby, reason)
    if before.state is GroupState.DECLARED and before.incident is None:
        return GroupDecision(replace(seen, state=GroupState.DECLARED, until=None, hold_until=None))
    proposal = _proposal(seen, rule, known, reason)
    if rule.ask:
        text = f"a person must say yes: {reason}"
        again = before.state is GroupState.ASKING and before.until is not None and before.until > now
        until = before.until if again else now + ASK_AGAIN
        effect: Effect = Nothing(reason=text) if again else AskPerson(reason=text, proposal=proposal)
        return replace(_stay(seen, GroupState.ASKING, text, until=until), effect=effect)
    return _declare(seen, known, proposal)


def _declare(seen: AlertGroup, known: Known, proposal: Declare) -> GroupDecision:
    state, events = _belongs(seen, known, reason=proposal.reason)
    return GroupDecision(state, events, proposal)


def _join(seen: AlertGroup, rule: Rule, known: Known, incident: IncidentView, why: str) -> GroupDecision:
    reason = f"{seen.entity} is part of incident #{incident.number} already"
    state, events = _belongs(replace(seen, incident=incident.uid), known, reason=f"{reason}; {why}")
    effect = Join(
        reason=state.reason,
        incident=incident.uid,
        severity=_worst(known, rule)[0],
        alerts=state.joined,
        reopens=incident.state == "resolved",
    )
    return GroupDecision(state, events, effect)


def _belongs(seen: AlertGroup, known: Known, *, reason: str) -> tuple[AlertGroup, tuple[Event, ...]]:
    """The group as part of an incident, and the alerts that joined it with it."""
    alerts = _firing(known.alerts) or known.alerts
    state = replace(
        seen,
        state=GroupState.DECLARED,
        reason=reason,
        joined=tuple(sorted(alert.uid for alert in alerts)),
        until=None,
        hold_until=None,
    )
    return state, tuple(AlertJoined(alert=a.uid, title=a.title, reason=f"{reason}.") for a in alerts)


def _stay(seen: AlertGroup, state: GroupState, reason: str, *, until: datetime | None = None) -> GroupDecision:
    hold_until = seen.hold_until if state is GroupState.HELD else None
    return GroupDecision(
        replace(seen, state=state, reason=reason, until=until, hold_until=hold_until), (), Nothing(reason=reason)
    )


def _quiet(before: AlertGroup, seen: AlertGroup, rule: Rule) -> GroupDecision:
    """Nothing fires. A hold breaks here, and says how far it had come."""
    reason = "nothing fires"
    if before.state is GroupState.QUIET and before.reason:
        reason = before.reason
    elif before.state is GroupState.HELD and before.first_at and seen.ended_at and rule.hold:
        lasted = _minutes(seen.ended_at - before.first_at)
        reason = f"ended after {lasted} of {_minutes(rule.hold)} min; nothing was declared"
    elif before.state is GroupState.ASKING:
        reason = "ended before a person answered; nothing was declared"
    elif before.state is GroupState.SUPPRESSED:
        reason = f"ended; was left alone: {before.reason}"
    return _stay(seen, GroupState.QUIET, reason)


# --- reasons and instants ----------------------------------------------------------------------------------------


def _flaps(seen: AlertGroup) -> bool:
    return len(seen.returns) >= FLAPS


def _settles_at(seen: AlertGroup) -> datetime | None:
    """When a flapping condition that is quiet just now counts as over."""
    return seen.ended_at + SETTLE if not seen.firing and seen.ended_at is not None else None


def _counted(seen: AlertGroup, rule: Rule) -> bool:
    """Enough alerts began within the window, though they may have ended already."""
    return rule.count > 1 and not rule.hold and len(seen.arrivals) >= rule.count


def _wait(seen: AlertGroup, rule: Rule, *, now: datetime) -> GroupDecision | None:
    """Held until it lasted and came often enough; None when both are so."""
    hold = max(rule.hold, SETTLE) if _flaps(seen) else rule.hold
    hold_until = (seen.first_at or now) + hold
    texts, instants = [], [_settles_at(seen)]
    if now < hold_until:
        lasted = _minutes(now - (seen.first_at or now))
        texts.append(f"held for {lasted} of {_minutes(hold)} min" + (", it flaps" if _flaps(seen) else ""))
        instants.append(hold_until)
    if rule.count > 1 and len(seen.arrivals) < rule.count:
        texts.append(f"{len(seen.arrivals)} of {rule.count} alerts in {_minutes(rule.window)} min")
        instants += [arrival.at + rule.window for arrival in seen.arrivals[:1]]
    if not texts:
        return None
    held = replace(seen, hold_until=hold_until if now < hold_until else None)
    return _stay(held, GroupState.HELD, ", ".join(texts), until=earliest(i for i in instants if i and i > now))


def _why(seen: AlertGroup, rule: Rule, *, now: datetime) -> str:
    parts = [f"rule “{rule.name}”"]
    if rule.hold and seen.first_at:
        parts.append(f"true for {_minutes(now - seen.first_at)} min")
    if rule.count > 1:
        parts.append(f"{len(seen.arrivals)} alerts in {_minutes(rule.window)} min")
    if _flaps(seen):
        parts.append("it flaps")
    return ", ".join(parts)


def _unknown(known: Known, rule: Rule) -> str:
    if known.named:
        return f"unknown service {known.named}: add it to the catalog"
    labels = ", ".join(rule.entity_labels)
    return f"the alert names no service (looked for the labels {labels}): add one, or set entity_from in the rule"


def _worst(known: Known, rule: Rule) -> tuple[Severity | None, str]:
    """The worst severity among what fires, or, when all has ended already, among all."""
    return severity_for(_worst_word(known, rule), known.reach, table=rule.severities)


def _worst_word(known: Known, rule: Rule) -> str:
    words = {alert.severity for alert in _firing(known.alerts) or known.alerts}
    return min(words, key=lambda word: (mapped(word, table=rule.severities)[0] or 99, word), default="")


def _proposal(seen: AlertGroup, rule: Rule, known: Known, reason: str) -> Declare:
    alerts = _firing(known.alerts) or tuple(sorted(known.alerts, key=lambda a: (a.started_at, a.uid)))
    severity, why = _worst(known, rule)
    severity = severity or Severity.SEV5
    kind = rule.incident_type or ("disruption" if severity.major else "degradation")
    return Declare(
        reason=reason,
        title=alerts[0].title,
        entity=seen.entity,
        severity=severity,
        severity_reason=why,
        alert_severity=_worst_word(known, rule),
        incident_type=kind,
        area=rule.area,
        policy=rule.policy,
        nature=rule.nature,
        detected_at=seen.first_at or alerts[0].started_at,
        detected_by=f"alert {alerts[0].title}",
        alerts=tuple(alert.uid for alert in alerts),
    )


def _minutes(span: timedelta) -> int:
    return max(int(span.total_seconds() // 60), 0)
