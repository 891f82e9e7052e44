"""Planned work: its row and what `core.maintenance` decides on."""

from datetime import timedelta

from antiphon.core.maintenance import Maintenance, State
from antiphon.db.models import Maintenance as Row

MINUTE = timedelta(minutes=1)


def load(row: Row) -> Maintenance:
    """The plan as `core` decides on it."""
    return Maintenance(
        uid=row.uid,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        entity=row.entity,
        body=row.body,
        state=State(row.state),
        remind=timedelta(minutes=row.remind_minutes),
        reminded_at=row.reminded_at,
        author=row.author,
        approved_by=row.approved_by,
        approved_digest=row.approved_digest,
        approved_at=row.approved_at,
    )


def save(row: Row, plan: Maintenance) -> None:
    """Write the plan into its row."""
    for field in ("title", "starts_at", "ends_at", "entity", "body", "reminded_at", "author", "wake_at"):
        setattr(row, field, getattr(plan, field))
    row.state, row.remind_minutes = str(plan.state), plan.remind // MINUTE
    row.approved_by, row.approved_digest, row.approved_at = plan.approved_by, plan.approved_digest, plan.approved_at
    row.save()
