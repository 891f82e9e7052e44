"""Planned work."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from antiphon.actions import maintenance as actions
from antiphon.api.access import Bearer, Call, SignedIn
from antiphon.api.answers import absent, refused
from antiphon.api.shapes import ERRORS, Input, Instant, Line, Name, Shape, Text
from antiphon.core.decision import Refusal
from antiphon.core.maintenance import State
from antiphon.queries import maintenance

router = Router(tags=["maintenance"])
Minutes = Annotated[int, Field(ge=0, le=50_000)]


class Maintenance(Shape):
    """`state`: scheduled, in_progress, completed or cancelled. `announced`: its text is approved as it stands; `digest`
    is what an approval is of."""

    uid: str
    title: str
    entity: str
    starts_at: datetime
    ends_at: datetime
    state: str
    body: str
    remind_minutes: int
    announced: bool
    digest: str


class ReadPlan(Input):
    """The words that were read, by their digest."""

    digest: Line


class Maintenances(Shape):
    """What is under way or to come, the next first; then what is over."""

    items: list[Maintenance]


class Plan(Input):
    """Alerts on `entity` (empty: on everything) open nothing meanwhile. A person approves `body` before it is told."""

    title: Line
    starts_at: Instant
    ends_at: Instant
    entity: Name = ""
    body: Text = ""
    remind_minutes: Minutes = 0


@router.get("/maintenance", auth=Bearer("catalog.see"), response={200: Maintenances, **ERRORS})
def list_maintenance(request: Call) -> dict[str, Any]:
    """Planned work."""
    ahead, past = maintenance.all_planned()
    return {"items": [*ahead, *past]}


@router.post("/maintenance", auth=Bearer("maintenance.plan"), response={201: Maintenance, **ERRORS})
def plan_maintenance(request: Call, body: Plan) -> tuple[int, Any]:
    """Plan work."""
    kept = actions.plan(words=_words(body), actor=request.auth, now=request.now)
    if isinstance(kept, Refusal):
        raise refused(kept, inputs=Plan.inputs())
    return 201, maintenance.of_uid(kept.uid)


@router.put("/maintenance/{uid}", auth=Bearer("maintenance.plan"), response={200: Maintenance, **ERRORS})
def change_maintenance(request: Call, uid: Name, body: Plan) -> Any:
    """Other words or another window; an approval of those before holds no longer."""
    _there(uid)
    kept = actions.plan(words=_words(body), actor=request.auth, now=request.now, uid=uid)
    if isinstance(kept, Refusal):
        raise refused(kept, inputs=Plan.inputs())
    return maintenance.of_uid(uid)


@router.post("/maintenance/{uid}/approve", auth=SignedIn("maintenance.approve"), response={200: Maintenance, **ERRORS})
def approve_maintenance(request: Call, uid: Name, body: ReadPlan) -> Any:
    """A person's yes to exactly these words, who is not their author; with it they are published."""
    _there(uid)
    refusal = actions.approve(maintenance=uid, digest=body.digest, actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal)
    return maintenance.of_uid(uid)


@router.post("/maintenance/{uid}/begin", auth=Bearer("maintenance.plan"), response={200: Maintenance, **ERRORS})
def begin_maintenance(request: Call, uid: Name) -> Any:
    """It begins before its time."""
    return _turn(request, uid, State.IN_PROGRESS)


@router.post("/maintenance/{uid}/finish", auth=Bearer("maintenance.plan"), response={200: Maintenance, **ERRORS})
def finish_maintenance(request: Call, uid: Name) -> Any:
    """It is done before its end: alerts count again."""
    return _turn(request, uid, State.COMPLETED)


@router.post("/maintenance/{uid}/cancel", auth=Bearer("maintenance.plan"), response={200: Maintenance, **ERRORS})
def cancel_maintenance(request: Call, uid: Name) -> Any:
    """Drop it."""
    return _turn(request, uid, State.CANCELLED)


def _words(body: Plan) -> actions.Words:
    return actions.Words(
        title=body.title,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        entity=body.entity,
        body=body.body,
        remind=timedelta(minutes=body.remind_minutes),
    )


def _there(uid: str) -> None:
    if maintenance.of_uid(uid) is None:
        raise absent(f"There is no planned work {uid}.", "uid")


def _turn(request: Call, uid: str, to: State) -> Any:
    _there(uid)
    refusal = actions.turn(maintenance=uid, to=to, actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal)
    return maintenance.of_uid(uid)
