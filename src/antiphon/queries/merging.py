"""Incidents that became one: what each was merged into, what was merged into it, and what it could be merged into."""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Incident
from antiphon.queries import readers
from antiphon.queries.incidents import RUNNING
from antiphon.queries.readers import seen_by

OFFERED: Final = 500
"""At most so many incidents to choose from, the newest, so that the page stays small in a storm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An incident as another one names it."""

    number: int
    title: str
    severity: int

    @property
    def url(self) -> str:
        """The path of its room."""
        return f"/incidents/{self.number}"


def merged_into(incident: Incident, *, reader: Actor) -> Named | None:
    """The incident that goes on in its place; None when it was not merged, or the reader may not see that one."""
    if incident.merged_into_id is None:
        return None
    return next(iter(_named(seen_by(reader).filter(pk=incident.merged_into_id))), None)


def merged(incident: Incident, *, reader: Actor) -> tuple[Named, ...]:
    """Those that were merged into it, as far as the reader may see them, by number."""
    return _named(seen_by(reader).filter(merged_into=incident).order_by("number"))


def offered(incident: Incident, *, reader: Actor) -> tuple[Named, ...]:
    """The other incidents of its nature that are open, the newest first."""
    others = seen_by(reader).filter(nature=incident.nature, state__in=RUNNING).exclude(pk=incident.pk)
    return _named(others.order_by("-number")[:OFFERED])


def unseen(number: int, *, reader: Actor) -> Refusal | None:
    """Why nothing can be merged into this one: for the reader there is no such incident."""
    if readers.find(number, reader=reader) is not None:
        return None
    return Refusal(f"There is no incident #{number}: choose one of those that are open.", "into")


def _named(rows: QuerySet[Incident]) -> tuple[Named, ...]:
    columns = rows.values_list("number", "title", "severity")
    return tuple(Named(number=number, title=title, severity=severity) for number, title, severity in columns)
