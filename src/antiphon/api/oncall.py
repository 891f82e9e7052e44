"""Who is on call."""

from datetime import datetime
from typing import Any

from ninja import Router

from antiphon.api.access import Bearer, Call
from antiphon.api.shapes import ERRORS, Instant, Shape
from antiphon.queries import shifts

router = Router(tags=["on call"])


class Person(Shape):
    uid: str
    name: str
    email: str


class Shift(Shape):
    """One layer's duty, whole: from `start` to before `end`. `override` is true when somebody took it over."""

    layer: str
    person: Person | None
    start: datetime
    end: datetime
    override: bool


class Rota(Shape):
    """Nobody on duty: `shifts` is empty."""

    rota: str
    zone: str
    shifts: list[Shift]


class OnCall(Shape):
    """Every rota at the instant `at`."""

    at: datetime
    items: list[Rota]


@router.get("/on-call", auth=Bearer("on_call.see"), response={200: OnCall, **ERRORS})
def show_on_call(request: Call, at: Instant | None = None) -> dict[str, Any]:
    """Who is on call now, or at another instant."""
    instant = at or request.now
    return {"at": instant, "items": shifts.running(at=instant)}
