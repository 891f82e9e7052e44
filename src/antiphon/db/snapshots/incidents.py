"""The incident with its two tracks, as `core.incidents` sees it."""

from datetime import datetime

from antiphon.core.incidents import Incident
from antiphon.core.severity import Level, Severity
from antiphon.core.tracks import Stage, Task, Track, TrackKind, TrackState
from antiphon.db.models import incidents as rows
from antiphon.db.models.people import Person


def load(row: rows.Incident) -> Incident:
    """The incident as last saved."""
    tracks = {each.kind: each for each in row.tracks.select_related("lead").prefetch_related("tasks")}
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
        how=row.how,
        verified=row.verified,
        sla_impact=row.sla_impact,
        stable_since=row.stable_since,
        stable_reached_at=row.stable_reached_at,
        firing=row.firing,
        technical=_track(TrackKind.TECHNICAL, tracks.get("technical")),
        business=_track(TrackKind.BUSINESS, tracks.get("business")),
    )


def create(state: Incident, *, policy: str, nothing_to_restore: bool) -> rows.Incident:
    """The row of an incident just declared, with its tracks and what is affected."""
    row = rows.Incident(
        uid=state.uid,
        number=state.number,
        policy=policy,
        incident_type=state.incident_type,
        area=state.area,
        nature=state.nature,
        nothing_to_restore=nothing_to_restore,
    )
    save(row, state, now=state.declared_at)
    return row


def save(row: rows.Incident, state: Incident, *, now: datetime, reason: str = "") -> None:
    """Write the incident onto its row, and its tracks, tasks and affected entities beside it."""
    for name in _SAME_NAMES:
        setattr(row, name, getattr(state, name))
    row.severity = int(state.severity)
    row.state = state.state
    row.wake_at = state.wake_at
    row.updated_at = now
    row.save()
    _save_affected(row, state, now=now, reason=reason)
    for track in (state.technical, state.business):
        _save_track(row, track)


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


def _save_affected(row: rows.Incident, state: Incident, *, now: datetime, reason: str) -> None:
    before = set(row.affected.values_list("entity", flat=True))
    row.affected.exclude(entity__in=state.entities).delete()
    rows.Affected.objects.bulk_create(
        rows.Affected(incident=row, entity=name, reason=reason[:300], added_at=now)
        for name in state.entities
        if name not in before
    )


def _save_track(row: rows.Incident, track: Track) -> None:
    saved, _ = rows.Track.objects.update_or_create(
        incident=row,
        kind=track.kind,
        defaults={
            "state": track.state,
            "stage": track.stage or "",
            "lead": Person.objects.filter(uid=track.lead).first() if track.lead else None,
            "opened_at": track.opened_at,
            "done_at": track.done_at,
        },
    )
    rows.Task.objects.bulk_create(
        [
            rows.Task(
                uid=task.uid, track=saved, key=task.key, title=task.title, due_at=task.due_at, done_at=task.done_at
            )
            for task in track.tasks
        ],
        update_conflicts=True,
        unique_fields=["uid"],
        update_fields=["title", "due_at", "done_at"],
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
            )
            for task in row.tasks.all()
        ),
    )
