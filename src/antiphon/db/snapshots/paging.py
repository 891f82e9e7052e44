"""Escalations as `core.escalation` sees them."""

from collections.abc import Iterable

from antiphon.core.escalation import Escalation, EscalationState
from antiphon.db import bulk
from antiphon.db.models import paging as rows
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


def load(row: rows.Escalation) -> Escalation:
    """One escalation; its incident must have been selected with it."""
    return Escalation(
        uid=row.uid,
        incident=row.incident.uid,
        track=row.track,
        policy=row.policy,
        cycle=row.cycle,
        step=row.step,
        state=EscalationState(row.state),
        started_at=row.started_at,
        next_at=row.wake_at,
        ended_at=row.ended_at,
    )


def running(incident: Incident) -> list[rows.Escalation]:
    """The escalations of an incident that still page somebody."""
    states = (EscalationState.PAGING, EscalationState.EXHAUSTED)
    return list(rows.Escalation.objects.filter(incident=incident, state__in=states).select_related("incident"))


def create(begun: Iterable[tuple[Incident, Escalation]]) -> list[rows.Escalation]:
    """The rows of escalations that there have never been, in one statement."""
    return bulk.write(_row(incident, state) for incident, state in begun)


def save(incident: Incident, state: Escalation, *, answered_by: Person | None = None) -> rows.Escalation:
    """Write an escalation; `answered_by` is who acknowledged it."""
    row = _row(incident, state, answered_by)
    bulk.write([row], unique=["uid"], update=[*_MOVES, *_ANSWER[: bool(answered_by)]])
    return row


def _row(incident: Incident, state: Escalation, answered_by: Person | None = None) -> rows.Escalation:
    return bulk.new(
        rows.Escalation,
        uid=state.uid,
        incident_id=incident.pk,
        track=state.track,
        policy=state.policy,
        cycle=state.cycle,
        step=state.step,
        state=state.state,
        started_at=state.started_at,
        ended_at=state.ended_at,
        acknowledged_by_id=answered_by.pk if answered_by else None,
        wake_at=state.wake_at,
    )


_MOVES = ("policy", "cycle", "step", "state", "started_at", "ended_at", "wake_at")
_ANSWER = ("acknowledged_by",)
