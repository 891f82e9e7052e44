"""Promises, open and settled: of one incident, and across everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.decision import Actor
from antiphon.db.models import Incident, Promise
from antiphon.queries.readers import seen

OPEN: Final = "open"
SETTLED: Final = 6
"""Settled promises that are shown; the timeline has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A promise as people see it. `what` is first word, next update, …; `state` open, kept, broken or released."""

    uid: str
    audience: str
    what: str
    opened_at: datetime
    due_at: datetime
    state: str
    settled_at: datetime | None
    incident_number: int

    @property
    def url(self) -> str:
        """Where it is kept."""
        return f"/incidents/{self.incident_number}/tell"

    @property
    def settled(self) -> bool:
        """Kept or released: nobody has to look at it any more."""
        return self.state in ("kept", "released")

    @property
    def together(self) -> tuple[int, str, datetime, str]:
        """What promises to several audiences share where one line can say them all."""
        return (self.incident_number, self.what, self.due_at, self.state)


def next_due(*, reader: Actor, limit: int = 12) -> tuple[Promised, ...]:
    """The open promises of all incidents, the next one due first."""
    rows = Promise.objects.filter(seen(reader, "incident"), state=OPEN).select_related("incident")
    return tuple(promised(row, row.incident.number) for row in rows.order_by("due_at", "id")[:limit])


def of_incident(incident: Incident) -> tuple[Promised, ...]:
    """The open promises of the incident, the next due on top, then the latest broken and settled ones."""
    rows = [promised(row, incident.number) for row in Promise.objects.filter(incident=incident)]
    still = [row for row in rows if row.state == OPEN]
    over = sorted((row for row in rows if row.state != OPEN), key=lambda row: row.due_at, reverse=True)
    return (*still, *sorted(over[:SETTLED], key=lambda row: row.settled))


def next_of(incidents: Iterable[Incident]) -> dict[int, Promised]:
    """The next open promise of each incident, by the incident's key. One statement."""
    numbers = {incident.pk: incident.number for incident in incidents}
    found: dict[int, Promised] = {}
    for row in Promise.objects.filter(incident__in=list(numbers), state=OPEN).order_by("due_at", "id"):
        found.setdefault(row.incident_id, promised(row, numbers[row.incident_id]))
    return found


def promised(row: Promise, number: int) -> Promised:
    """One row as people see it."""
    return Promised(
        uid=row.uid,
        audience=row.audience,
        what=row.what,
        opened_at=row.made_at,
        due_at=row.due_at,
        state=row.state,
        settled_at=row.settled_at,
        incident_number=number,
    )
