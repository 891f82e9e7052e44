"""What every page shares: the request's one reading of the clock, and the frame around the page."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from antiphon import clock
from antiphon.db.models import Person
from antiphon.queries.branding import house_name
from antiphon.queries.now import counts
from antiphon.web.guard import actor_of
from antiphon.web.mailboxes import folder


class RequestMoment:
    """Middleware: `request.now` is the instant of this request, read once, aware UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Stamp the request and go on."""
        request.now = clock.now()  # type: ignore[attr-defined]
        return self._get_response(request)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame: the moment, the reader's zone, who is signed in, what the navigation counts.

    `nav` is read only by the pages that draw it, `house` only by those for readers outside; `demo` shows the mailboxes
    of the demo's own mail sink.
    """
    person = getattr(request, "user", None)
    signed_in = person if isinstance(person, Person) else None
    zone = getattr(signed_in, "zone", "") or "UTC"
    return {
        "now": getattr(request, "now", None) or clock.now(),
        "zone": ZoneInfo(zone),
        "clock_rate": clock.rate(),
        "signed_in": signed_in,
        "nav": SimpleLazyObject(lambda: counts(actor_of(signed_in))) if signed_in else None,
        "demo": SimpleLazyObject(_is_demo),
        "house": SimpleLazyObject(house_name),
    }


def _is_demo() -> bool:
    return folder().is_dir()
