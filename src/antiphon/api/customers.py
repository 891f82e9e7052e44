"""Customers with their contacts and what their words suggest, a person's yes to it, and the tickets it comes from."""

from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from antiphon.actions import segments
from antiphon.actions import tickets as taking
from antiphon.api.access import Bearer, Call, person_for
from antiphon.api.answers import refused
from antiphon.api.shapes import ERRORS, Email, Input, Limit, Line, Name, Shape, Word
from antiphon.core.audiences import Segment
from antiphon.core.decision import Actor, Refusal
from antiphon.queries import customers
from antiphon.queries.customers import Looked

SUGGESTED = ("any", "technical", "business")
router = Router(tags=["customers"])
Cursor = Annotated[Name, Field(description="“next” of the page before")]
Said = Annotated[Word, Field(description="technical or business; “any”: any open suggestion")]
Origin = Annotated[Word, Field(min_length=1, description="Where they are from; number and origin make a ticket one")]


class Why(Shape):
    """A signal in the contact's tickets, with the words of it."""

    signal: str
    says: str
    words: list[str]
    tickets: int
    weight: float


class Suggested(Shape):
    """`state`: open, confirmed or dismissed. Nobody is told by a suggestion before it is confirmed."""

    segment: str
    score: float
    state: str
    why: list[Why]


class Contact(Shape):
    """`reads`: the version this person gets; `by`: who set the segment."""

    uid: str
    name: str
    email: str
    segment: str
    by: str
    reads: str
    wants_technical: bool
    language: str
    zone: str
    unsubscribed: bool
    suggestion: Suggested | None


class Customer(Shape):
    """A customer with the contacts that fit what was asked; `more` are not listed."""

    name: str
    title: str
    strategic: bool
    contacts: list[Contact]
    more: int


class Customers(Shape):
    """A page by name; give `next` as `cursor` for those that follow."""

    items: list[Customer]
    next: str | None


class Tagging(Input):
    """Contacts (by uid) and their segment: technical, business or untagged; a person answers for it."""

    contacts: Annotated[list[Word], Field(min_length=1, max_length=segments.MOST_AT_ONCE)]
    segment: Word
    on_behalf_of: Email = ""


class Tagged(Shape):
    """How many contacts have another segment now; `ignored`: fields of the body that nothing was done with."""

    changed: int
    ignored: list[str]


class Tickets(Input):
    """One ticket (`id`, `email` or `customer`, `subject`, `description`, `created_at`), or several in `tickets`.

    Their fields may be called as help desks call them. The words are looked at and not kept.
    """

    origin: Origin = "api"
    tickets: Annotated[list[dict[str, Any]] | None, Field(max_length=taking.BATCH)] = None


class TicketFault(Shape):
    """A ticket left out (`line`: its place from 1), with what is wrong and how to mend it."""

    line: int
    what: str
    fix: str


class Taken(Shape):
    """What came of it; `suggested`: contacts among these with a suggestion that waits for a person."""

    new: int
    changed: int
    unchanged: int
    old: int
    without_contact: int
    suggested: int
    errors: list[TicketFault]


@router.get("/customers", auth=Bearer("catalog.see"), response={200: Customers, **ERRORS})
def list_customers(
    request: Call, segment: Word = "", suggested: Said = "", q: Line = "", cursor: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    """Customers by name with their contacts. `q` looks in names and addresses."""
    for field, said, known in (("segment", segment, list(Segment)), ("suggested", suggested, SUGGESTED)):
        if said and said not in known:
            raise refused(Refusal(f"“{said}” is none: choose {', '.join(known)}.", field), inputs={field})
    found = customers.find(Looked(q=q, segment=segment, suggested=suggested), after=cursor, limit=limit + 1)
    return {"items": found[:limit], "next": found[limit - 1].name if len(found) > limit else None}


@router.post("/customers/segments", auth=Bearer("customer.tag"), response={200: Tagged, **ERRORS})
def tag_contacts(request: Call, body: Tagging) -> dict[str, Any]:
    """Give contacts their segment for the person named in `on_behalf_of`, who must be one who may."""
    person = person_for(body.on_behalf_of)
    changed = segments.tag(
        dict.fromkeys(body.contacts, body.segment),
        person=Actor(kind="person", uid=person.uid, role=person.role),
        by=request.auth,
        source="the API",
        now=request.now,
    )
    if isinstance(changed, Refusal):
        raise refused(changed, inputs=Tagging.inputs())
    return {"changed": len(changed), "ignored": body.ignored}


@router.post("/tickets", auth=Bearer("ticket.import"), response={200: Taken, **ERRORS})
def import_tickets(request: Call, body: Tickets) -> dict[str, Any]:
    """Take in one ticket or up to 500; the same again changes nothing. Bad ones are listed, the rest is taken."""
    given = [body.model_extra] if body.tickets is None and body.model_extra else body.tickets
    if not given:
        no = Refusal("Send a ticket with id, email and description, or a list “tickets” of such.", "tickets")
        raise refused(no, inputs={"tickets"})
    taken = taking.take_all(enumerate(given, start=1), origin=body.origin, now=request.now)
    return {
        **{name: getattr(taken, name) for name in ("new", "changed", "unchanged", "old", "without_contact")},
        "suggested": len(taken.suggested),
        "errors": taken.faults,
    }
