"""Drafts that are ready before they are due: made of the facts, looked over by the lint, put to whoever approves.

Nothing here is ever sent: that takes people.
"""

from datetime import datetime

from antiphon.actions import asking, prepared, updates
from antiphon.actions.locked import Locked, locked
from antiphon.core import asking as waiting
from antiphon.core import drafts as rules
from antiphon.core.audiences import Audience, Update
from antiphon.core.decision import SYSTEM, Refusal
from antiphon.db import approving
from antiphon.db.fields import new_uid
from antiphon.db.models import Promise
from antiphon.db.models import Update as Row
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import promises as snapshots
from antiphon.db.snapshots import telling


def due(*, now: datetime, limit: int) -> list[int]:
    """Promises (ids) for which a draft is to be made, the longest overdue first."""
    rows = Promise.objects.filter(prepare_at__lte=now).order_by("prepare_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def earliest() -> datetime | None:
    """When the next draft is to be made."""
    rows = Promise.objects.filter(prepare_at__isnull=False).order_by("prepare_at")
    return rows.values_list("prepare_at", flat=True).first()


def step(row: int, /, *, now: datetime) -> None:
    """Make the draft for one promise, and for all others of its incident that come due with it.

    Without a single fact there is nothing to say: a storm of incidents is not a storm of empty drafts.
    """
    found = Promise.objects.select_related("incident").filter(pk=row).first()
    if found is None:
        return
    with locked(found.incident.uid, actor=SYSTEM, now=now) as held:
        known = snapshots.load(held.incident)
        soon = [one for one in known if one.prepare_at is not None and one.prepare_at <= now]
        if soon and approving.rules().prepare and held.incident.facts.exists():
            _make(held)
        snapshots.save(held.incident, [one.prepared(now=now) for one in soon])


def follow(held: Locked) -> None:
    """A fact is new or corrected: the program's own draft says so too, as long as nobody touched it; and where word is
    due soon and there was nothing to make a draft of, there is now."""
    soon = any(one.prepared_at and not one.settled for one in snapshots.load(held.incident))
    if soon and approving.rules().prepare:
        _make(Locked(held.incident, held.head, SYSTEM, held.now))


def _make(held: Locked) -> None:
    incident = held.incident
    if incident.closed_at or incident.cancelled_at:
        return
    plan = rules.plan(
        snapshots.load(incident),
        prepared.of_incident(held),
        told=bool(gates.told(incident)),
        resolved=incident.resolved_at is not None,
        now=held.now,
    )
    prepared.put_away(held, plan.away)
    if not plan.audiences:
        return
    row = Row.objects.filter(uid=plan.again).first() or Row(uid=new_uid(), incident=incident, created_at=held.now)
    before = telling.update(row) if row.pk else None
    audiences = tuple(each for each in Audience if each in plan.audiences)
    # The next update is counted from when this one is due: it says the same whenever before that it is sent.
    decision = updates.make(held, plan.moment, audiences, uid=row.uid, since=max(plan.due_at or held.now, held.now))
    if isinstance(decision, Refusal):
        held.note(f"No draft could be prepared: {decision.sentence}")
        return
    row.prepared_at = held.now
    telling.save_update(row, decision.state)
    if before is None or _audiences(before) != _audiences(decision.state):
        held.record(decision.events)
    _put(held, row, before, decision.state)


def _put(held: Locked, row: Row, before: Update | None, update: Update) -> None:
    """To those who approve, once there is a text that can be approved. Of one with gaps nobody hears more than the
    reminder of the promise says."""
    could, can = waiting.awaited(before) if before else (), waiting.awaited(update)
    if can and not could:
        asking.put(held, row, update)


def _audiences(update: Update) -> frozenset[Audience]:
    return frozenset(version.audience for version in update.versions)
