"""What the gates look at beside the incident itself, as `core.closing` sees it."""

from typing import Final, NamedTuple

from antiphon.core import audiences
from antiphon.core.audiences import Audience
from antiphon.core.calls import still_owed
from antiphon.core.closing import Known, Workaround
from antiphon.db import recipients
from antiphon.db.models import incidents as rows
from antiphon.db.models.telling import Update, Version
from antiphon.db.snapshots import calls, follow_ups, promises

_OF_CONTACTS: Final = frozenset({Audience.TECHNICAL, Audience.BUSINESS})
"""The audiences whose version goes to customers' contacts."""


def load(incident: rows.Incident) -> Known:
    """Everything the gates ask for."""
    everyone, waiting = told(incident), awaiting_end(incident)
    return Known(
        watched=incident.groups.exists(),
        told=everyone | waiting,
        told_resolved=everyone - waiting,
        promises=promises.load(incident),
        workarounds=tuple(workaround(row) for row in incident.workarounds.all()),
        changes=incident.changes,
        uncalled=still_owed(calls.load(incident)),
        contracts=follow_ups.open_customers(incident),
    )


def told(incident: rows.Incident) -> frozenset[str]:
    """Audiences that any update or holding message went to, and those that people who got one belong to now."""
    versions = _told(incident)
    return versions | (frozenset() if versions >= _OF_CONTACTS else _unheard(incident, versions, frozenset()))


def awaiting_end(incident: rows.Incident) -> frozenset[str]:
    """Audiences that must still hear that it is over, those of re-tagged readers among them."""
    versions, ended = _told(incident), told_resolved(incident)
    waiting = versions - ended
    return waiting | (frozenset() if waiting >= _OF_CONTACTS else _unheard(incident, versions, ended))


def _told(incident: rows.Incident) -> frozenset[str]:
    """Audiences of every text that was published of it, or of an incident that was merged into it."""
    sent = Version.objects.filter(update__incident__in=recipients.with_merged(incident), update__state="published")
    return frozenset(sent.values_list("audience", flat=True))


def _unheard(incident: rows.Incident, versions: frozenset[str], ended: frozenset[str]) -> frozenset[str]:
    """As `core.audiences.awaiting_end` says, of the customers' contacts who got a text and none that ends it."""
    unheard = recipients.told(incident)
    if incident.resolved_at is not None:
        unheard = unheard.exclude(uid__in=recipients.told_uids(incident, resolved_since=incident.resolved_at))
    kinds = unheard.order_by().values_list("segment", "wants_technical").distinct()
    return frozenset(audiences.awaiting_end(versions, ended, [Kind(*kind) for kind in kinds]))


class Kind(NamedTuple):
    """All that says which version a contact reads."""

    segment: str
    wants_technical: bool


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
