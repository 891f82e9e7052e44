"""How an entity works, and how it did."""

from datetime import date, datetime

from ninja import Router

from antiphon.api.access import Bearer, Call
from antiphon.api.answers import absent
from antiphon.api.shapes import ERRORS, Name, Shape
from antiphon.queries import status

router = Router(tags=["catalog"])


class Because(Shape):
    """One step from the entity to a cause."""

    entity: str
    state: str
    because: str


class Day(Shape):
    """A day where the organisation is, with the worst state that was seen."""

    day: date
    worst: str
    minutes_down: float


class Status(Shape):
    """`state` is operational, maintenance, degraded, partial_outage or major_outage; `since` is null when it has been
    so for as long as is kept. `uptime_90d` in percent; `days` the oldest first."""

    state: str
    since: datetime | None
    why: list[Because]
    uptime_90d: float
    days: list[Day]


@router.get("/entities/{path:name}/status", auth=Bearer("catalog.see"), response={200: Status, **ERRORS})
def show_status(request: Call, name: Name) -> status.StatusSeen:
    """How an entity works now, why, and how it did over the last 90 days."""
    found = status.of_name(name, now=request.now)
    if found is None:
        raise absent(f"The catalog knows no {name}.", "name")
    return found
