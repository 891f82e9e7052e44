"""Incidents whole, for scripts: each with its verdict, tracks and promises, in a handful of statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Prefetch, Q, QuerySet

from antiphon.core.decision import Actor
from antiphon.core.questions.verdict import Verdict
from antiphon.db.models import Incident, Promise, Track
from antiphon.queries.promises import Promised, promised
from antiphon.queries.readers import seen_by


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNow:
    """One line of work. `stage` is empty for the business track, `lead` the name of a person or empty."""

    kind: str
    state: str
    stage: str
    lead: str
    opened_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One incident as it stands. `entities` are catalog names; instants are aware UTC.

    `merged_into` is the number of the incident that goes on in its place, `merged` those for which it does; of both,
    only incidents that the reader may see.
    """

    number: int
    uid: str
    title: str
    severity: int
    state: str
    nature: str
    incident_type: str
    area: str
    impact: str
    urgency: str
    priority: str
    entities: tuple[str, ...]
    verdict: Verdict
    tracks: tuple[TrackNow, ...]
    promises: tuple[Promised, ...]
    detected_at: datetime
    detected_by: str
    declared_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    merged_into: int | None
    merged: tuple[int, ...]
    stable_since: datetime | None
    how: str
    verified: str
    firing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents; empty means all. `q` is a part of the title, of an affected entity's name, or the number."""

    states: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    q: str = ""


def find(wanted: Wanted, *, reader: Actor, before: int | None = None, limit: int = 50) -> list[Overview]:
    """The incidents that the reader may see, newest first; those with a number under `before`."""
    rows = seen_by(reader)
    if wanted.states:
        rows = rows.filter(state__in=wanted.states)
    if wanted.severities:
        rows = rows.filter(severity__in=wanted.severities)
    if wanted.q:
        rows = rows.filter(_said(wanted.q.strip()))
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [_overview(row) for row in _whole(rows.order_by("-number"), reader)[:limit]]


def of_number(number: int, *, reader: Actor) -> Overview | None:
    """The incident of this number; None when there is none that the reader may see."""
    row = _whole(seen_by(reader), reader).filter(number=number).first()
    return _overview(row) if row else None


def _said(q: str) -> Q:
    # The entity is looked up apart: a join would repeat an incident for each of its entities.
    named = Incident.objects.filter(affected__entity__icontains=q).values("id")
    found = Q(title__icontains=q) | Q(id__in=named)
    digits = q.removeprefix("#")
    return found | Q(number=int(digits)) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else found


def _whole(rows: QuerySet[Incident], reader: Actor) -> QuerySet[Incident]:
    tracks = Track.objects.select_related("lead").order_by("-kind")
    others = seen_by(reader).only("number", "merged_into")
    return rows.select_related("verdict").prefetch_related(
        Prefetch("tracks", tracks),
        Prefetch("promises", Promise.objects.order_by("due_at", "id")),
        "affected",
        Prefetch("merged_into", others),
        Prefetch("merged", others.order_by("number")),
    )


def _overview(row: Incident) -> Overview:
    return Overview(
        number=row.number,
        uid=row.uid,
        title=row.title,
        severity=row.severity,
        state=row.state,
        nature=row.nature,
        incident_type=row.incident_type,
        area=row.area,
        impact=row.impact,
        urgency=row.urgency,
        priority=row.priority,
        entities=tuple(each.entity for each in row.affected.all()),
        verdict=_verdict(row),
        tracks=tuple(_tracks(row.tracks.all())),
        promises=tuple(promised(each, row.number) for each in row.promises.all()),
        detected_at=row.detected_at,
        detected_by=row.detected_by,
        declared_at=row.declared_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        cancelled_at=row.cancelled_at,
        merged_into=row.merged_into.number if row.merged_into else None,
        merged=tuple(each.number for each in row.merged.all()),
        stable_since=row.stable_since,
        how=row.how,
        verified=row.verified,
        firing=row.firing,
    )


def _verdict(row: Incident) -> Verdict:
    """The verdict as last saved; technical and unasked where there is none yet."""
    if not hasattr(row, "verdict"):
        return Verdict(incident=row.uid)
    return msgspec.convert(row.verdict.snapshot, Verdict, str_keys=True)


def _tracks(rows: Iterable[Track]) -> Iterable[TrackNow]:
    for row in rows:
        yield TrackNow(
            kind=row.kind,
            state=row.state,
            stage=row.stage,
            lead=row.lead.name if row.lead else "",
            opened_at=row.opened_at,
            done_at=row.done_at,
        )
