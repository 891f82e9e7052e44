"""What came back from readers of an incident's updates: figures by update, audience and segment, and the replies."""

from datetime import datetime
from typing import Any

from ninja import Router

from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.shapes import ERRORS, Number, Shape
from antiphon.queries import people
from antiphon.queries.reactions import figures, replies

router = Router(tags=["telling"])
MOST_REPLIES = 1_000


class Figures(Shape):
    """What came of texts. `name` is an audience or a segment; `opened` and `clicked` are null while they are not
    measured, `helpful_share` (a part of 1) while nobody said."""

    name: str
    to: int
    delivered: int
    waiting: int
    failed: int
    bounced: int
    complained: int
    opened: int | None
    clicked: int | None
    acknowledged: int
    replied: int
    helpful: int
    unhelpful: int
    helpful_share: float | None


class Heard(Shape):
    """Of one update (uid), by audience outside."""

    update: str
    audiences: list[Figures]


class Reply(Shape):
    """One reply, inside information. `own` is what they wrote, `quoted` what they quote; `other_sender` is set when it
    was written from another address than the one that we wrote to."""

    uid: str
    who: str
    customer: str
    audience: str
    other_sender: str
    subject: str
    own: str
    quoted: str
    attachments: list[str]
    at: datetime
    answered_at: datetime | None


class Reactions(Shape):
    updates: list[Heard]
    segments: list[Figures]
    replies: list[Reply]


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
