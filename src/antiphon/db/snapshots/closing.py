"""What the gates look at beside the incident itself, as `core.closing` sees it."""

from antiphon.core.closing import Known, Workaround
from antiphon.db.models import incidents as rows
from antiphon.db.models.telling import Update, Version
from antiphon.db.snapshots import promises


def load(incident: rows.Incident) -> Known:
    """Everything the gates ask for."""
    return Known(
        watched=incident.groups.exists(),
        told=told(incident),
        told_resolved=told_resolved(incident),
        promises=promises.load(incident),
        workarounds=tuple(workaround(row) for row in incident.workarounds.all()),
        changes=incident.changes,
    )


def told(incident: rows.Incident) -> frozenset[str]:
    """Audiences that any update or holding message went to."""
    sent = Version.objects.filter(update__incident=incident, update__state="published")
    return frozenset(sent.values_list("audience", flat=True))


def told_resolved(incident: rows.Incident) -> frozenset[str]:
    """Audiences that the resolution went to since the incident was last resolved."""
    if incident.resolved_at is None:
        return frozenset()
    updates = Update.objects.filter(
        incident=incident, state="published", moment="resolution", published_at__gte=incident.resolved_at
    )
    return frozenset(Version.objects.filter(update__in=updates).values_list("audience", flat=True))


def workaround(row: rows.Workaround) -> Workaround:
    """One workaround."""
    return Workaround(
        uid=row.uid, title=row.title, removed_at=row.removed_at, owner=row.waived_owner, until=row.waived_until
    )
