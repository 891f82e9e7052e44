"""The origin that fields get from whoever acts."""

from datetime import datetime

from antiphon.core.decision import Actor
from antiphon.core.sources.origins import API, FILE, by_person
from antiphon.db.models import ApiToken

LONGEST = 60


def origin_of(actor: Actor, *, now: datetime) -> str:
    """A person with the day, a token by its name; whoever runs commands on the server counts as a file."""
    if actor.kind == "person":
        return by_person(actor.uid, now=now)
    if actor.kind == "token":
        name = ApiToken.objects.filter(uid=actor.uid).values_list("name", flat=True).first()
        return f"{API}{name or actor.uid}"[:LONGEST]
    return FILE


def place_of(actor: Actor) -> str:
    """Where the change was made, as the record says it."""
    return "the API" if actor.kind == "token" else "the catalog page"
