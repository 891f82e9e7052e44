"""How a view is declared: which action of `core.access` it takes, and that nothing acts by GET.

    @page("catalog.see")        GET shows
    @act("catalog.change")      POST acts
    @form("catalog.change")     GET shows the form, POST sends it
    @public("sign-in itself")   open to those who are not signed in; says why

A test walks all routes and refuses a view without one of these.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from antiphon.core.access import ACTIONS, may
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Incident, Person
from antiphon.web.answers import by_script, toast

SHOWS: Final = ("GET", "HEAD")
ACTS: Final = ("POST",)


class Request(HttpRequest):
    """A request behind a guard: `now` is its one instant, `actor` who asks, `person` their row."""

    now: datetime
    actor: Actor
    person: Person


View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view declared of itself. `open_because` is empty unless it is open to all."""

    action: str
    methods: tuple[str, ...]
    open_because: str = ""


def page(action: str) -> Callable[[View], View]:
    """A view that only shows."""
    return _guarded(Guard(action, SHOWS))


def act(action: str) -> Callable[[View], View]:
    """A view that changes something."""
    return _guarded(Guard(action, ACTS))


def form(action: str) -> Callable[[View], View]:
    """A view that shows a form and takes it."""
    return _guarded(Guard(action, SHOWS + ACTS))


def public(why: str) -> Callable[[View], View]:
    """A view that needs nobody to be signed in."""
    return _guarded(Guard("", SHOWS + ACTS, why))


def guard_of(view: object) -> Guard | None:
    """What a view declared, or None."""
    found = getattr(view, "guard", None)
    return found if isinstance(found, Guard) else None


def actor_of(person: Person, *, incident_roles: Iterable[str] = ()) -> Actor:
    """A person as they act; `incident_roles` are those they hold in the incident at hand."""
    return Actor(kind="person", uid=person.uid, role=person.role, incident_roles=frozenset(incident_roles))


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page that says why not; a message on the page that asked, when a script did."""
    if by_script(request):
        return toast(request, refusal.sentence)
    words = {"title": "You may not do this", "what": refusal.sentence, "mend": "Nothing was changed."}
    return render(request, "error.html", {"code": 403, "kind": "forbidden", **words}, status=403)


def _guarded(guard: Guard) -> Callable[[View], View]:
    if not guard.open_because and guard.action not in ACTIONS:
        raise KeyError(f"“{guard.action}” is not in the table of core/access.py; add it there.")

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **words: Any) -> HttpResponse:
            return _stopped(request, guard, words) or view(request, *args, **words)

        guarded.guard = guard  # type: ignore[attr-defined]
        return guarded

    return declare


def _stopped(request: Any, guard: Guard, words: dict[str, Any]) -> HttpResponse | None:
    """What stands in the way: another method, nobody signed in, a role that does not allow it."""
    if request.method not in guard.methods:
        return HttpResponseNotAllowed(guard.methods)
    if guard.open_because:
        return None
    if not isinstance(request.user, Person):
        return _to_sign_in(request)
    request.person = request.user
    request.actor = actor_of(request.user, incident_roles=_roles_held(request.user, words.get("number")))
    refusal = may(request.actor, guard.action)
    return refused(request, refusal) if refusal else None


def _roles_held(person: Person, number: int | None) -> Iterable[str]:
    """The roles a person holds in the incident that the address names."""
    if number is None:
        return ()
    found = Incident.objects.filter(number=number, roles__person=person)
    return found.values_list("roles__role", flat=True)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    back = {"next": request.get_full_path()} if request.method in SHOWS else {}
    where = "/sign-in" + (f"?{urlencode(back)}" if back and back["next"] != "/" else "")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": "/sign-in"})
    return HttpResponseRedirect(where)
