"""An incident's record, event by event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from ninja import Router
from pydantic import Field

from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.shapes import ERRORS, Limit, Number, Shape
from antiphon.db import record
from antiphon.db.record import Recorded
from antiphon.queries import people
from antiphon.queries.timeline import named

router = Router(tags=["timeline"])
After = Annotated[int, Field(ge=0, le=2**63 - 1, description="Only events behind this “seq”")]
BULKY = ("inputs",)
"""What a verdict was reached from: for replay, in the export; too much for a timeline."""


class Event(Shape):
    """One event. `actor` is `kind:uid`, `by` their name; `body` holds the fields of its kind."""

    seq: int
    at: datetime
    kind: str
    actor: str
    by: str
    sentence: str
    body: dict[str, Any]


class Timeline(Shape):
    """Events in order; ask again with `after` = `next` for what follows, `next` is null at the end."""

    items: list[Event]
    next: int | None


@router.get("/incidents/{number}/timeline", auth=Bearer("incident.see"), response={200: Timeline, **ERRORS})
def show_timeline(request: Call, number: Number, after: After = 0, limit: Limit = 200) -> Timeline:
    """What happened, oldest first."""
    stream = record.incident_stream(incident_of(request, number).uid)
    events = list(record.read(stream, after=after, limit=limit + 1))
    names = people.names()
    callers = {actor: people.said_by(actor, names) for actor in {each.actor for each in events}}
    items = [_event(each, names, callers) for each in events[:limit]]
    return Timeline(items=items, next=items[-1].seq if len(events) > limit else None)


def _event(recorded: Recorded, names: Mapping[str, str], callers: Mapping[str, str]) -> Event:
    fields = msgspec.to_builtins(recorded.event)
    return Event(
        seq=recorded.seq,
        at=recorded.at,
        kind=recorded.event.kind_of(),
        actor=recorded.actor,
        by=callers[recorded.actor],
        sentence=named(recorded.event, names).sentence(),
        body={name: value for name, value in fields.items() if name not in BULKY and name != "kind"},
    )
