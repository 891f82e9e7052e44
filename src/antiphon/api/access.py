"""Who calls: the bearer of a token, and the one action of `core.access` that each route is."""

from datetime import datetime

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from antiphon.api.answers import Refused, absent
from antiphon.core.access import ACTIONS, may
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Incident, Person, RoleAssignment
from antiphon.queries import readers
from antiphon.queries.access import find_person, token_actor

UNKNOWN = "The token is missing, unknown, expired or revoked: send “Authorization: Bearer” and a valid one."
BY_A_PERSON = (
    "A person has to answer for this, so no token may: send the session cookie of somebody who is signed in and their "
    "CSRF token, or have them asked by POST …/ask."
)
NO_CSRF = "Send the value of the cookie csrftoken in the header X-CSRFToken, and over https a Referer of this site."


class Call(HttpRequest):
    """A request that `Bearer` let through: the instant of the request, and who calls."""

    now: datetime
    auth: Actor


class Bearer(HttpBearer):
    """A route's `auth`: lets the bearers of tokens in whose role may take this action of `core.access`.

    Looking a token up writes nothing. Raises KeyError for an action that is not in the table.
    """

    def __init__(self, action: str) -> None:
        super().__init__()
        if action not in ACTIONS:
            raise KeyError(f"“{action}” is not in the table of core/access.py; add it there.")
        self.action = action

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The token as an actor; `Refused` (401, 403) when it is not known or may not do this."""
        actor = token_actor(token, now=request.now)  # type: ignore[attr-defined]
        if actor is None:
            raise Refused(Refusal(UNKNOWN, "Authorization"), status=401)
        refusal = may(actor, self.action)
        if refusal:
            raise Refused(Refusal(refusal.sentence, "Authorization"), status=403)
        return actor


class SignedIn(APIKeyCookie):
    """The `auth` of a route that only a person may take: their session in the browser, with its CSRF token.

    A token is refused with a sentence that says so. Raises KeyError for an action that is not in the table.
    """

    param_name = "antiphon_session"

    def __init__(self, action: str) -> None:
        super().__init__(csrf=False)  # checked by ourselves, for a sentence that helps
        if action not in ACTIONS:
            raise KeyError(f"“{action}” is not in the table of core/access.py; add it there.")
        self.action = action

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        """The person as an actor, with the roles they hold in the incident; `Refused` (401, 403) when they may not."""
        if request.headers.get("authorization"):
            raise Refused(Refusal(BY_A_PERSON, "Authorization"), status=403)
        person = getattr(request, "user", None)
        if not key or not isinstance(person, Person):
            raise Refused(Refusal(BY_A_PERSON, "Cookie"), status=401)
        if check_csrf(request) is not None:
            raise Refused(Refusal(NO_CSRF, "X-CSRFToken"), status=403)
        actor = _in_their_roles(request, person)
        refusal = may(actor, self.action)
        if refusal:
            raise Refused(Refusal(refusal.sentence, "Cookie"), status=403)
        return actor


class Undeclared(HttpBearer):
    """What a route has that declares no action: nobody gets in."""

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Always refused."""
        raise Refused(Refusal("This address names no action, so nobody may use it. Report it as a fault."), status=403)


def incident_of(request: Call, number: int) -> Incident:
    """The incident of this number, as far as the caller may see it; `Refused` (404) when there is none."""
    found = readers.find(number, reader=request.auth)
    if found is None:
        raise no_incident(number)
    return found


def _in_their_roles(request: HttpRequest, person: Person) -> Actor:
    """A person as they act in the incident that the address names."""
    number = request.resolver_match.kwargs.get("number") if request.resolver_match else None
    held = RoleAssignment.objects.filter(incident__number=number, person=person) if number else None
    roles = frozenset(held.values_list("role", flat=True)) if held else frozenset()
    return Actor(kind="person", uid=person.uid, role=person.role, incident_roles=roles)


def no_incident(number: int) -> Refused:
    """404, whether there is none or the caller may not see it."""
    return absent(f"There is no incident #{number}.", "number")


def person_for(email: str) -> Person:
    """The person whom a token speaks for; `Refused` (422) when nobody active has this e-mail."""
    person = find_person(email)
    if person is None:
        sentence = "A person has to stand behind this: give the e-mail of somebody who works here and is active."
        raise Refused(Refusal(sentence, "on_behalf_of"), status=422)
    return person
