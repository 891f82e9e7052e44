"""What came back from readers of an incident's updates: figures by update, audience and segment, and the replies."""

from typing import Any

from ninja import Router

from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.shapes import ERRORS, Number, Shape
from antiphon.queries import people
from antiphon.queries.reactions import figures, replies

router = Router(tags=["telling"])
MOST_REPLIES = 1_000


class Heard(Shape):
    """Of one update (uid), by audience outside."""

    update: str
    audiences: list[figures.Figures]


class Reactions(Shape):
    updates: list[Heard]
    segments: list[figures.Figures]
    replies: list[replies.ReplySeen]


@router.get("/incidents/{number}/reactions", auth=Bearer("incident.see"), response={200: Reactions, **ERRORS})
def list_reactions(request: Call, number: Number) -> dict[str, Any]:
    """Delivered, bounced, acknowledged, answered and helpful, by update and audience and by segment; and replies."""
    found = incident_of(request, number)
    updates = figures.of_updates(found)
    return {
        "updates": [{"update": uid, "audiences": list(each.values())} for uid, each in updates.items()],
        "segments": figures.by_segment([found]),
        "replies": replies.of_incident(found, people.names(), limit=MOST_REPLIES),
    }
