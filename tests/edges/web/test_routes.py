"""Every address has a declared action, each role gets what the table of `core.access` says, and GET changes nothing."""

import re

from django.test import Client
from django.urls import URLPattern

from antiphon.core.access import ROLES, may
from antiphon.core.decision import Actor
from antiphon.db.models import Event
from antiphon.web.guard import ACTS, SHOWS, guard_of
from antiphon.web.urls import urlpatterns

OPEN = {
    "sign-in", "sign-out", "one-time/<str:token>", "link/<str:token>", "setup/<str:token>", "unsubscribe/<str:signed>",
    "acknowledge/<str:token>",
}  # fmt: skip
"""All that works for those who are not signed in. A new line here is a decision, never a convenience."""

NAMES = dict(zip(ROLES, ("Ann", "Ben", "Cora", "Vic"), strict=True))
ROUTES = [route for route in urlpatterns if isinstance(route, URLPattern)]
CLOSED = [route for route in ROUTES if str(route.pattern) not in OPEN]


PLACES = {"int": "1", "track": "technical", "audience": "business"}
"""What stands for a place of each kind; for every other, a word that names nothing."""


def pattern(route):
    return str(route.pattern)


def address(route):
    """The route with something in each of its places, which may or may not exist."""
    return "/" + re.sub(r"<(\w+):\w+>", lambda place: PLACES.get(place[1], "nothing-here"), pattern(route))


def test_every_route_is_declared_and_few_are_open():
    assert len(ROUTES) == len(urlpatterns)
    assert [pattern(route) for route in ROUTES if guard_of(route.callback) is None] == []
    found = {pattern(route) for route in ROUTES if (guard := guard_of(route.callback)) and guard.open_because}
    assert found == OPEN


def test_nobody_without_a_session_gets_anywhere(house):
    found = []
    for route in CLOSED:
        for method in guard_of(route.callback).methods:
            answer = Client().generic(method, address(route))
            if answer.status_code != 302 or not answer.headers["Location"].startswith("/sign-in"):
                found.append((method, pattern(route), answer.status_code))
    assert not found


def test_each_role_gets_what_the_table_says(house, browser):
    found = []
    for role, name in NAMES.items():
        client = browser(name)
        for route in CLOSED:
            guard = guard_of(route.callback)
            allowed = may(Actor(kind="person", uid="any", role=role), guard.action) is None
            for method in sorted({*SHOWS, *ACTS, "PUT", "DELETE"} - {"HEAD"}):
                status = client.generic(method, address(route)).status_code
                right = status == 405 if method not in guard.methods else (status not in (403, 405)) == allowed
                if not right or status >= 500:
                    found.append((role, method, pattern(route), status))
    assert not found


def test_looking_changes_nothing(house, browser):
    before, client = Event.objects.count(), browser("Ann")
    for route in ROUTES:
        if "GET" in guard_of(route.callback).methods:
            client.get(address(route))
            assert Event.objects.count() == before, pattern(route)


def test_every_answer_carries_the_content_policy(house, browser):
    for path, status in (("/catalog", 200), ("/nothing", 404), ("/sign-in", 302), ("/setup/nothing", 410)):
        answer = browser("Ann").get(path)
        assert answer.status_code == status
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
