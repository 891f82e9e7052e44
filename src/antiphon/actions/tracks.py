"""The two tracks: open them, lead them, tick off their tasks."""

from dataclasses import replace
from datetime import datetime

from antiphon.actions import paging
from antiphon.actions.locked import Locked, locked
from antiphon.core import tracks as rules
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.incidents import Incident, state_events
from antiphon.core.tracks import Task, Track, TrackKind
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.models import Person
from antiphon.db.models import Task as TaskRow
from antiphon.db.snapshots import incidents


def open_track(held: Locked, kind: str, *, reason: str) -> None:
    """Open a track with its default tasks, and page for it."""
    incident = incidents.load(held.incident)
    if track_of(incident, kind).is_open:
        return  # it opened with the declaration; whoever was paged for it may have answered by now
    opened = rules.open_track(
        track_of(incident, kind), severity=incident.severity, reason=reason, uids=fresh_uids(), now=held.now
    )
    if isinstance(opened, Refusal):
        return
    keep(held, incident, opened, reason=reason)
    paging.start(held, track=kind)


def add_measures(held: Locked) -> None:
    """The severity rose: both open tracks get the measures it asks for."""
    for kind in TrackKind:
        incident = incidents.load(held.incident)
        measures = rules.add_measures(
            track_of(incident, kind), severity=incident.severity, uids=fresh_uids(), now=held.now
        )
        if measures.events:
            keep(held, incident, measures)


def add_task(
    *, incident: str, kind: str, title: str, due_at: datetime | None, actor: Actor, now: datetime
) -> Refusal | None:
    """A task that a person adds to a track."""
    with locked(incident, actor=actor, now=now) as held:
        loaded = incidents.load(held.incident)
        task = Task(uid=new_uid(), track=TrackKind(kind), title=title.strip(), due_at=due_at)
        return _kept(held, loaded, rules.add_task(track_of(loaded, kind), task))


def finish_task(*, incident: str, task: str, actor: Actor, now: datetime) -> Refusal | None:
    """Tick a task off."""
    with locked(incident, actor=actor, now=now) as held:
        row = TaskRow.objects.select_related("track").filter(uid=task, track__incident=held.incident).first()
        if row is None:
            return Refusal("There is no such task on this incident: reload the page.", "task")
        loaded = incidents.load(held.incident)
        return _kept(held, loaded, rules.finish_task(track_of(loaded, row.track.kind), task, now=now))


def give_task(*, incident: str, task: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """Take a task, or hand it to somebody."""
    with locked(incident, actor=actor, now=now) as held:
        row = TaskRow.objects.select_related("track").filter(uid=task, track__incident=held.incident).first()
        if row is None:
            return Refusal("There is no such task on this incident: reload the page.", "task")
        loaded = incidents.load(held.incident)
        return _kept(held, loaded, rules.give_task(track_of(loaded, row.track.kind), task, person.uid))


def lead(held: Locked, kind: str, person: Person) -> None:
    """Make a person the lead of a track."""
    incident = incidents.load(held.incident)
    keep(held, incident, rules.assign_lead(track_of(incident, kind), person.uid))


def track_of(incident: Incident, kind: str) -> Track:
    """The incident's track of this kind."""
    return incident.technical if kind == TrackKind.TECHNICAL else incident.business


def keep(held: Locked, incident: Incident, decision: Decision[Track], *, reason: str = "") -> None:
    """Write a track that a rule moved, and the incident's derived state with it."""
    track = decision.state
    if track.kind is TrackKind.TECHNICAL:
        after = replace(incident, technical=track)
    else:
        after = replace(incident, business=track)
    incidents.save(held.incident, after, now=held.now)
    held.record((*decision.events, *state_events(incident, after, reason=reason)))


def _kept(held: Locked, incident: Incident, decision: Decision[Track] | Refusal) -> Refusal | None:
    if isinstance(decision, Refusal):
        return decision
    keep(held, incident, decision)
    return None
