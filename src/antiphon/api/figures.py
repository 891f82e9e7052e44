"""Figures over many incidents."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ninja import Router
from pydantic import field_validator

from antiphon.api.access import Bearer, Call
from antiphon.api.shapes import ERRORS, Instant, Shape
from antiphon.queries import duty_roles, figures, in_time

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


class Kept(Shape):
    """Promises to an audience, or what of the kept ones went by a channel; `share` from 0 to 1, null when none."""

    audience: str
    channel: str
    kept: int
    broken: int
    share: float | None


class Spans(Shape):
    """So many spans, in seconds; null when there is none."""

    count: int
    median: float | None
    p90: float | None

    @field_validator("median", "p90", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        return value.total_seconds() if isinstance(value, timedelta) else value


class FirstWords(Shape):
    """First words to an audience: owed, in time, how long they took, and the median of what was promised (seconds)."""

    audience: str
    owed: int
    in_time: int
    took: Spans
    promised: float | None

    @field_validator("promised", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        return value.total_seconds() if isinstance(value, timedelta) else value


class ToldBeforeShare(Shape):
    """Customers who were told before they told us, of all who were told or told us."""

    before: int
    total: int
    share: float | None


class Telling(Shape):
    """How well people were told, over incidents that are no practice, declared since; `definitions` say what each
    figure counts, `looked_at` how many of the newest incidents those by message are made of."""

    since: datetime
    incidents: int
    looked_at: int
    definitions: dict[str, str]
    promises: list[Kept]
    channels: list[Kept]
    first_words: list[FirstWords]
    approvals: Spans
    told_before: ToldBeforeShare
    stranded: int
    stranded_since: int


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


@router.get("/figures/telling", auth=Bearer("incident.see"), response={200: Telling, **ERRORS})
def show_telling(request: Call, since: Instant | None = None) -> Any:
    """Promises kept, time to the first word, waits for approval, and who was told before they told us."""
    start = since or request.now.astimezone(UTC) - timedelta(days=365)
    return in_time.load(since=start, reader=request.auth, now=request.now)


@router.get("/duty-roles", auth=Bearer("on_call.see"), response={200: Roles, **ERRORS})
def list_duty_roles(request: Call) -> dict[str, Any]:
    """The roles of the business, and who holds each now."""
    return {"items": duty_roles.held(now=request.now)}
