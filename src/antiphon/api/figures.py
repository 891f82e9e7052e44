"""Figures over many incidents."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ninja import Router

from antiphon.api.access import Bearer, Call
from antiphon.api.shapes import ERRORS, Instant, Shape
from antiphon.queries import duty_roles, figures

router = Router(tags=["figures"])


class Fitted(Shape):
    """`fit` is right, over or under; `reason` is the review's."""

    number: int
    title: str
    severity: int
    fit: str
    why: str
    reason: str


class Disagreement(Shape):
    """How often people answered a question, and how often otherwise than the program had by then."""

    number: int
    question: str
    answers: int
    disagreed: int


class Escalation(Shape):
    """Incidents that are no practice, declared since; `definitions` say what each count means."""

    since: datetime
    resolved: int
    right: int
    over: int
    under: int
    unsaid: int
    definitions: dict[str, str]
    incidents: list[Fitted]
    answers: int
    disagreed: int
    disagreements: list[Disagreement]
    overridden: int


class Role(Shape):
    """Who holds a role that an answer brings in: a person (`target` is a uid), a rota (its name) or nobody.
    `page_from`: the mildest severity at which they are paged, 0 for never."""

    role: str
    kind: str
    target: str
    holders: list[str]
    page_from: int
    questions: list[int]


class Roles(Shape):
    items: list[Role]


@router.get("/figures/escalation", auth=Bearer("incident.see"), response={200: Escalation, **ERRORS})
def show_escalation(request: Call, since: Instant | None = None) -> Any:
    """Over- and under-escalation by what reviews say, and where people disagreed with the program."""
    start = since or request.now.astimezone(UTC) - timedelta(days=365)
    return figures.escalations(since=start, reader=request.auth)


@router.get("/duty-roles", auth=Bearer("on_call.see"), response={200: Roles, **ERRORS})
def list_duty_roles(request: Call) -> dict[str, Any]:
    """The roles of the business, and who holds each now."""
    return {"items": duty_roles.held(now=request.now)}
