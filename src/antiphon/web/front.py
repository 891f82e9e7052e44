"""What every page shares: the request's one reading of the clock, and the frame around the page."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from antiphon import clock


class RequestMoment:
    """Middleware: `request.now` is the instant of this request, read once, aware UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Stamp the request and go on."""
        request.now = clock.now()  # type: ignore[attr-defined]
        return self._get_response(request)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame: the moment, the reader's zone, who is signed in."""
    person = getattr(request, "user", None)
    signed_in = person if person is not None and person.is_authenticated else None
    zone = getattr(signed_in, "zone", "") or "UTC"
    return {
        "now": getattr(request, "now", None) or clock.now(),
        "zone": ZoneInfo(zone),
        "clock_rate": clock.rate(),
        "signed_in": signed_in,
    }
