"""The incident with its two tracks, as `core.incidents` sees it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from antiphon.core.incidents import Incident
from antiphon.core.severity import Level, Severity
from antiphon.core.tracks import Stage, Task, Track, TrackKind, TrackState
from antiphon.db import bulk
from antiphon.db.models import incidents as rows
from antiphon.db.models.people import Person
from antiphon.db.transactions import remember, remembered


def load(row: rows.Incident) -> Incident:
    """The incident as last saved; in a write transaction, where its row is locked, read once."""
    return remembered(_key(row), lambda: _read(row))


def create(new: Sequence[tuple[Incident, str, bool]]) -> list[rows.Incident]:
    """The rows of incidents just declared, each with its policy and whether there is nothing to restore.

    Their tracks and what is affected are written with them, a statement for each table.
    """
    made = bulk.write(
        bulk.new(
            rows.Incident,
            uid=state.uid,
            number=state.number,
            policy=policy,
            nature=state.nature,
            nothing_to_restore=nothing_to_restore,
            **_columns(state),
            updated_at=state.declared_at,
        )
        for state, policy, nothing_to_restore in new
    )
    states = [state for state, *_ in new]
    bulk.write(
        bulk.new(rows.Affected, incident_id=row.pk, entity=name, added_at=state.declared_at)
        for row, state in zip(made, states, strict=True)
        for name in state.entities
    )
    _save_tracks([(row, (), (state.technical, state.business)) for row, state in zip(made, states, strict=True)])
    for row, state in zip(made, states, strict=True):
        remember(_key(row), state)
    return made


def save(row: rows.Incident, state: Incident, *, now: datetime, reason: str = "") -> None:
    """Write what changed onto the incident's row, and its tracks, tasks and affected entities beside it."""
    before = load(row)
    old = _columns(before)
    changed = {name: value for name, value in _columns(state).items() if value != old[name]}
    if changed or row.updated_at != now:
        for name, value in changed.items():
            setattr(row, name, value)
        row.updated_at = now
        row.save(update_fields=[*changed, "updated_at"])
    if state.entities != before.entities:
        row.affected.exclude(entity__in=state.entities).delete()
        _add_affected(row, [name for name in state.entities if name not in before.entities], reason=reason, now=now)
    _save_tracks([(row, (before.technical, before.business), (state.technical, state.business))])
    remember(_key(row), state)


def _key(row: rows.Incident) -> str:
    return f"incident {row.pk}"


def _columns(state: Incident) -> dict[str, Any]:
    """What the row itself holds of the incident."""
    same = {name: getattr(state, name) for name in _SAME_NAMES}
    return {**same, "severity": int(state.severity), "state": state.state, "wake_at": state.wake_at}


_SAME_NAMES = (
    "title",
    "incident_type",
    "area",
    "impact",
    "urgency",
    "priority",
    "detected_at",
    "detected_by",
    "declared_at",
    "resolved_at",
    "closed_at",
    "cancelled_at",
    "how",
    "verified",
    "sla_impact",
    "stable_since",
    "stable_reached_at",
    "firing",
)


def _read(row: rows.Incident) -> Incident:
    tracks = {each.kind: each for each in row.tracks.select_related("lead").prefetch_related("tasks__owner")}
    return Incident(
        uid=row.uid,
        number=row.number,
        title=row.title,
        incident_type=row.incident_type,
        area=row.area,
        nature=row.nature,
        severity=Severity(row.severity),
        impact=Level(row.impact),
        urgency=Level(row.urgency),
        priority=Level(row.priority),
        detected_at=row.detected_at,
        detected_by=row.detected_by,
        declared_at=row.declared_at,
        entities=tuple(row.affected.values_list("entity", flat=True)),
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        cancelled_at=row.cancelled_at,
        merged_into=row.merged_into.uid if row.merged_into else None,
        how=row.how,
        verified=row.verified,
        sla_impact=row.sla_impact,
        stable_since=row.stable_since,
        stable_reached_at=row.stable_reached_at,
        firing=row.firing,
        technical=_track(TrackKind.TECHNICAL, tracks.get("technical")),
        business=_track(TrackKind.BUSINESS, tracks.get("business")),
    )


def _add_affected(row: rows.Incident, names: Iterable[str], *, reason: str, now: datetime) -> None:
    rows.Affected.objects.bulk_create(
        rows.Affected(incident=row, entity=name, reason=reason[:300], added_at=now) for name in names
    )


def _save_tracks(moves: Sequence[tuple[rows.Incident, Sequence[Track], Sequence[Track]]]) -> None:
    """Write the tracks that changed from before to after, and of their tasks those that did."""
    changed = [(row, track) for row, before, after in moves for track in after if track not in before]
    leads = {track.lead for _, track in changed if track.lead}
    leads |= {task.owner for _, track in changed for task in track.tasks if task.owner}
    people = dict(Person.objects.filter(uid__in=leads).values_list("uid", "pk")) if leads else {}
    saved = bulk.write(
        [
            bulk.new(
                rows.Track,
                incident_id=row.pk,
                kind=track.kind,
                state=track.state,
                stage=track.stage or "",
                lead_id=people.get(track.lead or ""),
                opened_at=track.opened_at,
                done_at=track.done_at,
            )
            for row, track in changed
        ],
        unique=["incident", "kind"],
        update=["state", "stage", "lead", "opened_at", "done_at"],
    )
    known = {task for _, before, _ in moves for track in before for task in track.tasks}
    bulk.write(
        [
            bulk.new(
                rows.Task,
                uid=task.uid,
                track_id=of.pk,
                key=task.key,
                title=task.title,
                due_at=task.due_at,
                done_at=task.done_at,
                owner_id=people.get(task.owner),
            )
            for (_, track), of in zip(changed, saved, strict=True)
            for task in track.tasks
            if task not in known
        ],
        unique=["uid"],
        update=["title", "due_at", "done_at", "owner"],
    )


def _track(kind: TrackKind, row: rows.Track | None) -> Track:
    if row is None:
        return Track(kind=kind)
    return Track(
        kind=kind,
        state=TrackState(row.state),
        stage=Stage(row.stage) if row.stage else None,
        lead=row.lead.uid if row.lead else None,
        opened_at=row.opened_at,
        done_at=row.done_at,
        tasks=tuple(
            Task(
                uid=task.uid,
                track=kind,
                title=task.title,
                due_at=task.due_at,
                done_at=task.done_at,
                key=task.key,
                owner=task.owner.uid if task.owner else "",
            )
            for task in row.tasks.all()
        ),
    )
