"""The ways out of an incident: resolved, closed, cancelled, and the workarounds that stand in the way."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from antiphon.actions import calls, follow_ups, paging, prepared, promises, template_reviews
from antiphon.actions.locked import Locked, locked
from antiphon.core import closing as rules
from antiphon.core import reviews
from antiphon.core.closing import Workaround
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.models import Organisation, Review
from antiphon.db.models import Workaround as WorkaroundRow
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import incidents
from antiphon.db.snapshots import promises as promise_rows


def resolve(*, incident: str, how: str, verified: str, actor: Actor, now: datetime) -> Refusal | None:
    """Say that it is over, when the gate is passed: everyone who was told is promised the word, a review opens."""
    with locked(incident, actor=actor, now=now) as held:
        before = incidents.load(held.incident)
        decision = rules.resolve(before, gates.load(held.incident), how=how, verified=verified, actor=actor, now=now)
        if isinstance(decision, Refusal):
            return decision
        held.keep(before, decision)
        paging.stop(held, reason="the incident is resolved.")
        prepared.put_away(held)
        promises.promise_resolution(held, gates.told(held.incident))
        calls.resolved(held)
        follow_ups.resolved(held)
        _open_review(held)
    return None


def close(*, incident: str, actor: Actor, now: datetime) -> Refusal | None:
    """Close the incident and both tracks, when the second gate is passed."""
    with locked(incident, actor=actor, now=now) as held:
        before = incidents.load(held.incident)
        decision = rules.close(before, gates.load(held.incident), actor=actor, now=now)
        if isinstance(decision, Refusal):
            return decision
        held.keep(before, decision)
        template_reviews.closed(held)
        prepared.put_away(held)
    return None


def cancel(*, incident: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """It was no incident: nobody is paged or promised anything any more."""
    with locked(incident, actor=actor, now=now) as held:
        before = incidents.load(held.incident)
        decision = rules.cancel(before, gates.load(held.incident), reason=reason, actor=actor, now=now)
        if isinstance(decision, Refusal):
            return decision
        held.keep(before, decision)
        paging.stop(held, reason="the incident was cancelled.")
        promises.release_all(held, reason="the incident was cancelled.")
        prepared.put_away(held)
        calls.void_all(held, reason="The incident was cancelled.")
    return None


def remove_workaround(*, incident: str, workaround: str, actor: Actor, now: datetime) -> Refusal | None:
    """The temporary measure is gone."""

    def rule(known: Workaround) -> Decision[Workaround] | Refusal:
        return rules.remove_workaround(known, now=now)

    return _change_workaround(incident, workaround, rule, actor=actor, now=now)


def waive_workaround(
    *, incident: str, workaround: str, owner: str, until: datetime | None, actor: Actor, now: datetime
) -> Refusal | None:
    """The temporary measure stays after the closing, owned by somebody until a day."""

    def rule(known: Workaround) -> Decision[Workaround] | Refusal:
        return rules.waive_workaround(known, owner=owner, until=until, now=now)

    return _change_workaround(incident, workaround, rule, actor=actor, now=now)


def write_sla_impact(*, incident: str, text: str, actor: Actor, now: datetime) -> Refusal | None:
    """What the incident meant for contracts, or that it meant nothing."""
    if not text.strip():
        return Refusal("Write what it meant for contracts, or that it meant nothing.", "text")
    with locked(incident, actor=actor, now=now) as held:
        held.incident.sla_impact = text.strip()
        held.incident.save(update_fields=["sla_impact"])
        held.note(f"Impact on contracts: {text.strip()}")
    return None


def _change_workaround(
    incident: str,
    workaround: str,
    rule: Callable[[Workaround], Decision[Workaround] | Refusal],
    *,
    actor: Actor,
    now: datetime,
) -> Refusal | None:
    with locked(incident, actor=actor, now=now) as held:
        row = WorkaroundRow.objects.filter(uid=workaround, incident=held.incident).first()
        if row is None:
            return Refusal("There is no such workaround on this incident: reload the page.", "workaround")
        decision = rule(gates.workaround(row))
        if isinstance(decision, Refusal):
            return decision
        after = decision.state
        row.removed_at, row.waived_owner, row.waived_until = after.removed_at, after.owner, after.until
        row.save()
        held.record(decision.events)
    return None


def _open_review(held: Locked) -> None:
    """The review of the incident; a second resolution keeps the one that is there."""
    if Review.objects.filter(incident=held.incident).exists():
        return
    opened = reviews.open_review(
        uid=new_uid(),
        incident=held.incident.uid,
        resolved_at=held.now,
        told=gates.told(held.incident),
        zone=ZoneInfo(Organisation.only().zone),
        uids=fresh_uids(),
        now=held.now,
    )
    review = opened.state
    Review.objects.create(uid=review.uid, incident=held.incident, opened_at=review.opened_at, due_at=review.due_at)
    promise_rows.save(held.incident, opened.promises)
    held.record(opened.events)
