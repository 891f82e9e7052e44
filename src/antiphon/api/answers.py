"""How the API says no: one shape for every error, `{"error": {"sentence": …, "field": …}}`."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from json import JSONDecodeError
from typing import Any, Final

import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from antiphon.actions.locked import NoSuchIncident
from antiphon.core.decision import Refusal

log = structlog.get_logger("api")
View = Callable[..., HttpResponse]

RENAMED: Final[Mapping[str, str]] = {
    "incident_type": "type",
    "detected_at": "started_at",
    "word": "answer",
    "fact": "corrects",
}
"""What the rules call a field → what the API calls it."""

WHOLE: Final = 2
"""Parts of the place of a body as a whole, which may have a field of that name."""
FAILED = "Something failed here, and it is on this server's log. Nothing was changed; try again later."
BUSY = "The database cannot be reached or is busy: nothing was changed, try again in a moment."


class Refused(Exception):
    """A route's no, on its way to the caller."""

    def __init__(self, refusal: Refusal, *, status: int) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
        self.status = status


def refused(refusal: Refusal, *, inputs: Collection[str] = ()) -> Refused:
    """A rule's no: 422 when it names one of the request's own `inputs` to mend, 403 when it is about who asks, else
    409."""
    field = RENAMED.get(refusal.field, refusal.field)
    status = 422 if field in inputs else 403 if field == "actor" else 409
    return Refused(Refusal(refusal.sentence, field), status=status)


def absent(sentence: str, field: str) -> Refused:
    """404: there is no such thing."""
    return Refused(Refusal(sentence, field), status=404)


def error(status: int, sentence: str, field: str = "") -> HttpResponse:
    """The one shape of an error."""
    response = JsonResponse({"error": {"sentence": sentence, "field": field}}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response["Retry-After"] = "1"
    return response


def answer_errors(api: NinjaAPI) -> None:
    """Have the API answer whatever a route raises in the one shape."""
    handlers: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
        (Refused, lambda _, exc: error(exc.status, exc.refusal.sentence, exc.refusal.field)),
        (NoSuchIncident, lambda _, exc: error(404, "There is no such incident.", "number")),
        (ValidationError, lambda _, exc: _invalid(exc.errors)),
        (HttpError, lambda _, exc: _http(exc)),
        (RequestDataTooBig, lambda _, __: error(413, "The body is too large.", "body")),
        (SuspiciousOperation, lambda _, __: error(400, "The request is not one that a client makes.")),
        (OperationalError, _busy),
        (Exception, _failed),
    )
    for cls, handler in handlers:
        api.add_exception_handler(cls, handler)


def method_refused(view: View) -> View:
    """The view, with a method that it does not take refused in the one shape. HEAD is GET; the server leaves out the
    body."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        response = view(request, *args, **kwargs)
        request.method = asked
        if response.status_code != 405:
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        said = error(405, f"This address does not take {asked}; it takes {allowed}.")
        said["Allow"] = allowed
        return said

    return answered


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """The view of every address below the API that is none of its own."""
    return error(404, "There is nothing at this address; /api/v1/openapi.json lists what there is.")


def _busy(_request: HttpRequest, exc: Exception) -> HttpResponse:
    log.warning("database not reached", error=str(exc))
    return error(503, BUSY)


def _failed(request: HttpRequest, exc: Exception) -> HttpResponse:
    log.error("request failed", method=request.method, path=request.path, exc_info=exc)
    return error(500, FAILED)


def _http(exc: HttpError) -> HttpResponse:
    """What ninja itself refuses: no token, or a body that is not JSON."""
    if exc.status_code == 401:
        return error(401, "Send “Authorization: Bearer” and a token.", "Authorization")
    cause = exc.__cause__
    if isinstance(cause, JSONDecodeError):
        return error(400, f"The body is not JSON: {cause.msg} at line {cause.lineno}, column {cause.colno}.", "body")
    if isinstance(cause, UnicodeDecodeError):
        return error(400, f"The body is not JSON in UTF-8: byte {cause.start} cannot be read.", "body")
    return error(
        exc.status_code, "The body cannot be read as JSON: it is nested too deep or has broken numbers.", "body"
    )


def _invalid(problems: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """422 with a sentence for each field that does not fit; 404 when it is the address that does not."""
    found = [(_place(problem["loc"]), problem) for problem in problems]
    if any(problem["loc"][0] == "path" for _, problem in found):
        return error(404, "There is nothing of this number or name.", found[0][0])
    return error(422, " ".join(_sentence(place, problem) for place, problem in found), found[0][0])


def _place(loc: Iterable[Any]) -> str:
    """The field as the caller wrote it: without where ninja found it and our names for the body."""
    parts = [str(part) for part in loc][1:]
    return ".".join(parts[1:] if parts[:1] == ["body"] else parts) or "body"


def _sentence(place: str, problem: Mapping[str, Any]) -> str:
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "missing":
            whole = len(problem["loc"]) <= WHOLE
            return "Send a JSON object as the body." if whole and place == "body" else f"Give “{place}”."
        case "string_too_long":
            return f"“{place}” is longer than {limits['max_length']} characters."
        case "value_error":
            return str(problem["msg"]).removeprefix("Value error, ")
        case "timezone_aware":
            return f"“{place}” needs a zone: write an instant such as 2026-03-01T09:30:00Z."
        case "datetime_parsing" | "datetime_from_date_parsing" | "datetime_type":
            return f"“{place}” is no instant: write one such as 2026-03-01T09:30:00Z."
        case "model_attributes_type" | "model_type":
            return "Send a JSON object as the body." if place == "body" else f"“{place}” is no JSON object."
        case _:
            return f"“{place}” does not fit: {str(problem['msg']).lower()}."
