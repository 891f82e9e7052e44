"""The catalog."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from antiphon.api.access import Bearer, Call
from antiphon.api.answers import absent
from antiphon.api.shapes import ERRORS, Limit, Line, Name, Shape, Word
from antiphon.queries import entities

router = Router(tags=["catalog"])
Cursor = Annotated[Name, Field(description="“next” of the page before")]


class Link(Shape):
    """`kind` runs from source to target: depends_on, serves, part_of, contracted_for, owned_by."""

    kind: str
    source: str
    target: str


class Contract(Shape):
    uid: str
    name: str
    customer: str
    service: str
    starts_at: datetime
    ends_at: datetime
    resolution_minutes: int | None
    downtime_minutes_per_month: int | None
    update_minutes: int | None
    credits: str


class Entity(Shape):
    """One thing in the catalog; null in a business fact means that nobody has said."""

    uid: str
    kind: str
    name: str
    title: str
    public_title: str
    description: str
    environment: str
    customer_facing: bool | None
    internal: bool
    tier: int | None
    revenue_per_minute: float | None
    data_classes: list[str]
    strategic: bool
    critical_periods: list[dict[str, Any]]
    on_status_page: bool
    owner: str
    policy: str
    runbook: str
    extra: dict[str, Any]
    updated_at: datetime
    links: list[Link]
    contracts: list[Contract]


class Entities(Shape):
    """A page by name; give `next` as `cursor` for those that follow."""

    items: list[Entity]
    next: str | None


@router.get("/entities", auth=Bearer("catalog.see"), response={200: Entities, **ERRORS})
def list_entities(
    request: Call, kind: Word = "", q: Line = "", cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """Entities by name. `q` looks in names and titles."""
    found = entities.find(kind=kind, q=q, after=cursor, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].name if len(found) > limit else None}


@router.get("/entities/{path:name}", auth=Bearer("catalog.see"), response={200: Entity, **ERRORS})
def show_entity(request: Call, name: Name) -> entities.EntitySeen:
    """One entity with its links and contracts."""
    found = entities.of_name(name)
    if found is None:
        raise absent(f"The catalog knows no {name}.", "name")
    return found
