"""The stream of alerts."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Query, Router
from pydantic import Field

from antiphon.api.access import Bearer, Call
from antiphon.api.shapes import ERRORS, Limit, Line, Name, Number, Shape
from antiphon.core.groups import GroupState
from antiphon.queries import alerts

router = Router(tags=["alerts"])
Cursor = Annotated[int, Field(ge=1, le=2**63 - 1, description="“next” of the page before")]
State = Literal["firing", "acknowledged", "resolved"]
Severity = Literal["critical", "error", "warning", "info", "none"]


class Group(Shape):
    """What the engine made of the alert: `state` and, in `reason`, why. `incident` is a number."""

    uid: str
    state: str
    reason: str
    entity: str
    rule: str
    firing: int
    incident: int | None


class Alert(Shape):
    id: int
    fingerprint: str
    title: str
    state: State
    severity: str
    integration: str
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str
    note: str
    starts_at: datetime
    ends_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime
    count: int
    group: Group | None


class Alerts(Shape):
    """A page of alerts; give `next` as `cursor` for those that came before. What is looked for by severity, sender,
    words or a group's state is looked for in stretches, so a page may hold few or none while there is a `next`."""

    items: list[Alert]
    next: int | None


@router.get("/alerts", auth=Bearer("alert.see"), response={200: Alerts, **ERRORS})
def list_alerts(
    request: Call,
    state: Annotated[list[State] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    group_state: GroupState | None = None,
    integration: Name = "",
    incident: Number | None = None,
    q: Line = "",
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> Alerts:
    """Alerts, the last to be first seen on top, each with its group's state and the reason for it."""
    wanted = alerts.Wanted(
        states=tuple(state or ()),
        severities=tuple(severity or ()),
        group=group_state or "",
        integration=integration,
        incident=incident,
        q=q,
    )
    seen = alerts.stream(wanted, reader=request.auth, before=cursor, limit=limit)
    return Alerts(items=[Alert.model_validate(each) for each in seen.alerts], next=seen.older)
