"""Two incidents that are one: the duplicate ends in the other, which takes over its alerts, readers and promises."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from antiphon.actions import calls, incidents, paging, prepared, promises, verdicts
from antiphon.actions.locked import Locked, take
from antiphon.core import closing as rules
from antiphon.core import incidents as incident_rules
from antiphon.core.decision import Actor, Refusal
from antiphon.core.incidents import Incident
from antiphon.core.promises import Promise
from antiphon.db.models import AlertGroup
from antiphon.db.models import Incident as Row
from antiphon.db.snapshots import groups as group_rows
from antiphon.db.snapshots import incidents as snapshots
from antiphon.db.snapshots import promises as promise_rows
from antiphon.db.transactions import write


def merge(*, incident: str, into: int, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """End the incident (its uid) in another (its number). Who was told of it hears from the other that it is over.

    Nothing is sent here. Drafts of the duplicate are put away; its facts and its record stay where they are.
    """
    other = Row.objects.filter(number=into).values_list("uid", flat=True).first()
    if other is None:
        return Refusal(f"There is no incident #{into}: choose one that goes on.", "into")
    with write():
        taken = {uid: take(uid, actor=actor, now=now) for uid in sorted({incident, other})}  # one order for everybody
        held, host = taken[incident], taken[other]
        before, goes_on = snapshots.load(held.incident), snapshots.load(host.incident)
        decided = rules.merge(before, goes_on, reason=reason, actor=actor, now=now)
        if isinstance(decided, Refusal):
            return decided
        owed = promise_rows.load(held.incident)
        _end(held, host, decided)
        _take_in(host, held, decided, owed)
    return None


def _end(held: Locked, host: Locked, decided: rules.Merged) -> None:
    """Nothing is asked of the duplicate any more."""
    why = f"it was merged into #{host.incident.number}."
    held.incident.merged_into = host.incident
    held.incident.save(update_fields=["merged_into"])
    snapshots.save(held.incident, decided.state, now=held.now)
    held.record(decided.own)
    paging.stop(held, reason=why)
    promises.release_all(held, reason=f"#{host.incident.number} owes it now.")
    prepared.discard_all(held)
    calls.void_all(held, reason=f"The incident was merged into #{host.incident.number}.")


def _take_in(host: Locked, held: Locked, decided: rules.Merged, owed: Iterable[Promise]) -> None:
    """The other goes on for both: those merged into the duplicate before are merged into it as well."""
    host.record(decided.other)
    held.incident.merged.update(merged_into=host.incident)
    held.incident.workarounds.update(incident=host.incident)
    changes = "\n".join(part for part in (host.incident.changes, held.incident.changes) if part)
    if changes != host.incident.changes:
        host.incident.changes = changes
        host.incident.save(update_fields=["changes"])
    # Who was rung up already is not rung up again, and hears by a call that it is over.
    held.incident.calls.filter(state="done").update(incident=host.incident)
    _move_alerts(host, held.incident)
    _add_entities(host, decided.state)
    promises.take_over(host, owed, reason=f"#{held.incident.number} had promised it.")
    verdicts.ask(host)
    incidents.look_again(host)


def _move_alerts(host: Locked, duplicate: Row) -> None:
    """Its alerts are the other's: what fires among them keeps the other from being stable."""
    moved = list(AlertGroup.objects.filter(incident=duplicate))
    for row in moved:
        group = replace(group_rows.load(row), incident=host.incident.uid)
        group_rows.put(row, group, title=row.title, incident=host.incident, now=host.now)
    group_rows.save(moved)
    before = snapshots.load(host.incident)
    firing = sum(host.incident.groups.values_list("firing", flat=True))
    snapshots.save(host.incident, replace(before, firing=firing), now=host.now)


def _add_entities(host: Locked, duplicate: Incident) -> None:
    for entity in duplicate.entities:
        before = snapshots.load(host.incident)
        added = incident_rules.add_entity(before, entity, reason=f"#{duplicate.number} was merged into this.")
        assert not isinstance(added, Refusal)  # it is named, and the other goes on
        host.keep(before, added)
