"""The catalog."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Router, Status
from pydantic import AfterValidator, BaseModel, Field

from antiphon.actions.catalog import entities as changing
from antiphon.actions.catalog import links
from antiphon.api.access import Bearer, Call
from antiphon.api.answers import absent, refused
from antiphon.api.shapes import ERRORS, Input, Instant, Limit, Line, Name, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.queries import entities

router = Router(tags=["catalog"])
Cursor = Annotated[Name, Field(description="“next” of the page before")]


def _storable(facts: dict[str, Any]) -> dict[str, Any]:
    if "\\u0000" in json.dumps(facts):
        raise ValueError("A text holds the character NUL, which cannot be kept; leave it out.")
    return facts


Title = Annotated[Line, Field(max_length=200)]
Own = Annotated[dict[str, Any], AfterValidator(_storable)]


class Link(Shape):
    """`kind` runs from source to target: depends_on, serves, part_of, contracted_for, owned_by; `origin` made it."""

    kind: str
    source: str
    target: str
    origin: str


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
    response_minutes: int | None
    credits: str
    sources: dict[str, str]


class Entity(Shape):
    """One thing in the catalog; null in a business fact means that nobody has said.

    `sources` says of each field that somebody set who it was: `person:<uid>`, `file`, `backstage`, `opslevel`,
    `customers`, or `api:<token's name>`.
    """

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
    documents: list[dict[str, str]]
    contact: str
    users: int | None
    regions: list[str]
    redundancy: list[dict[str, Any]]
    revenue_profile: list[dict[str, Any]]
    zone: str
    extra: dict[str, Any]
    sources: dict[str, str]
    updated_at: datetime
    links: list[Link]
    contracts: list[Contract]


class Entities(Shape):
    """A page by name; give `next` as `cursor` for those that follow."""

    items: list[Entity]
    next: str | None


class Document(BaseModel):
    kind: Literal["runbook", "diagram", "dashboard", "document"] = "document"
    title: Title
    url: Line


class Group(BaseModel):
    """It works while `up` of these that it depends on work."""

    of: list[Name]
    up: int


class Stretch(BaseModel):
    """Hours of the week, in the entity's zone, in which a minute is worth `factor` times as much; Monday is 0."""

    days: list[Annotated[int, Field(ge=0, le=6)]]
    begins: Annotated[str, Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    ends: Annotated[str, Field(alias="to", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    factor: Annotated[float, Field(ge=0, le=1000)]


class Period(BaseModel):
    name: Name
    starts_at: Instant
    ends_at: Instant


class EntityFacts(Input):
    """What is to hold; a field that is left out stays as it is."""

    title: Title | None = None
    public_title: Title | None = None
    description: Annotated[Text, Field(max_length=10_000)] | None = None
    environment: Word | None = None
    customer_facing: bool | None = None
    internal: bool | None = None
    tier: int | None = None
    revenue_per_minute: float | None = None
    data_classes: list[Name] | None = None
    strategic: bool | None = None
    critical_periods: list[Period] | None = None
    on_status_page: bool | None = None
    owner: Name | None = None
    policy: Name | None = None
    runbook: Line | None = None
    documents: list[Document] | None = None
    contact: Line | None = None
    users: int | None = None
    regions: list[Name] | None = None
    redundancy: list[Group] | None = None
    revenue_profile: list[Stretch] | None = None
    zone: Word | None = None
    extra: Own | None = None


class Changes(EntityFacts):
    """A change of an entity."""

    kind: Word | None = None


class NewEntity(EntityFacts):
    """An entity to add."""

    name: Name
    kind: Word


class NewLink(Input):
    """A link from the entity at hand to `target`."""

    kind: Word
    target: Name


class ChangedEntity(Entity):
    """The entity after it; `ignored` names the fields of the body that nothing was done with."""

    ignored: list[str]


@router.get("/entities", auth=Bearer("catalog.see"), response={200: Entities, **ERRORS})
def list_entities(
    request: Call, kind: Word = "", q: Line = "", cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """Entities by name. `q` looks in names and titles."""
    found = entities.find(kind=kind, q=q, after=cursor, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].name if len(found) > limit else None}


@router.post("/entities", auth=Bearer("catalog.change"), response={201: ChangedEntity, **ERRORS})
def add_entity(request: Call, body: NewEntity) -> Status[dict[str, Any]]:
    """Add an entity. Alerts that named it and opened nothing are looked at again."""
    saved = changing.save_entity(values=_values(body), actor=request.auth, now=request.now)
    if isinstance(saved, Refusal):
        raise refused(saved, inputs=NewEntity.inputs())
    return Status(201, _after(saved.name, body))


@router.post("/entities/{path:name}/links", auth=Bearer("catalog.change"), response={201: ChangedEntity, **ERRORS})
def add_link(request: Call, name: Name, body: NewLink) -> Status[dict[str, Any]]:
    """Add a link from this entity."""
    _row(name)
    refusal = links.add_link(source=name, kind=body.kind, target=body.target, actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal, inputs=NewLink.inputs())
    return Status(201, _after(name, body))


@router.delete("/entities/{path:name}/links", auth=Bearer("catalog.change"), response={200: Entity, **ERRORS})
def remove_link(request: Call, name: Name, kind: Word, target: Name) -> entities.EntitySeen:
    """Take the link of this kind from this entity to the target away."""
    link = entities.link(name, kind, target)
    if link is None:
        raise absent(f"{name} has no link “{kind}” to {target}.", "target")
    refusal = links.remove_link(link=link, actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal)
    return _shown(name)


@router.get("/entities/{path:name}", auth=Bearer("catalog.see"), response={200: Entity, **ERRORS})
def show_entity(request: Call, name: Name) -> entities.EntitySeen:
    """One entity with its links and contracts."""
    return _shown(name)


@router.put("/entities/{path:name}", auth=Bearer("catalog.change"), response={200: ChangedEntity, **ERRORS})
def change_entity(request: Call, name: Name, body: Changes) -> dict[str, Any]:
    """Change the fields that are given; each then remembers this token, and no import overwrites it."""
    row = _row(name)
    saved = changing.save_entity(values=_values(body), uid=row, actor=request.auth, now=request.now)
    if isinstance(saved, Refusal):
        raise refused(saved, inputs=Changes.inputs())
    return _after(name, body)


@router.delete("/entities/{path:name}", auth=Bearer("catalog.change"), response={204: None, **ERRORS})
def delete_entity(request: Call, name: Name) -> Status[None]:
    """Take an entity and its links out of the catalog. Contracts that name it stand in the way."""
    refusal = changing.delete_entity(uid=_row(name), actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal)
    return Status(204, None)


def _values(body: EntityFacts) -> dict[str, Any]:
    """The columns that the body names. Where a column cannot be null, null means empty."""
    values = body.model_dump(exclude_unset=True, by_alias=True, exclude=set(body.ignored))
    for period in values.get("critical_periods") or ():
        period |= {name: period[name].isoformat() for name in ("starts_at", "ends_at")}
    given = {name: value for name, value in values.items() if value is not None or name in _NULLABLE}
    return {**given, **{name: [] for name in _LISTS if name in values and values[name] is None}}


_NULLABLE = ("customer_facing", "tier", "revenue_per_minute", "users")
_LISTS = ("data_classes", "critical_periods", "documents", "regions", "redundancy", "revenue_profile")


def _row(name: str) -> str:
    """The entity's uid; `Refused` (404) when there is none."""
    uid = entities.uid_of(name)
    if uid is None:
        raise absent(f"The catalog knows no {name}.", "name")
    return uid


def _shown(name: str) -> entities.EntitySeen:
    found = entities.of_name(name)
    if found is None:
        raise absent(f"The catalog knows no {name}.", "name")
    return found


def _after(name: str, body: Input) -> dict[str, Any]:
    return {**Entity.model_validate(_shown(name)).model_dump(), "ignored": body.ignored}
