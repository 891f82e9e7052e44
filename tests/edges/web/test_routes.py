"""Every address of the screens declares what it takes, and each role gets exactly what the table gives it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from antiphon import clock
from antiphon.core.access import ROLES, may
from antiphon.core.decision import Actor
from antiphon.web import urls
from antiphon.web.guard import SHOWS, Guard, guard_of
from tests.edges.web import house

pytestmark = pytest.mark.patient

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
ROUTES: list[URLPattern] = list(urls.urlpatterns)
GIVEN: dict[str, Any] = {"number": 1, "kind": "technical", "audience": "business", "question": 1}
OPEN_TO_ALL = {
    "acknowledge",
    "approve",
    "followed",
    "heard",
    "in",
    "link",
    "metrics",
    "one-time",
    "opened",
    "setup",
    "sign-in",
    "sign-out",
    "status",
    "subscribe",
    "subscription",
    "unsubscribe",
}
"""Beginnings of addresses that need nobody to be signed in; another one has to be argued for here."""


def _guard(route: URLPattern) -> Guard:
    guard = guard_of(route.callback)
    assert guard, f"{route.pattern}: declare what it takes with web.guard"
    return guard


def _address(route: URLPattern) -> str:
    words = {
        name: GIVEN.get(name, 1 if "Int" in type(each).__name__ else "x")
        for name, each in route.pattern.converters.items()
    }
    text = str(route.pattern)
    for name, value in words.items():
        start = text.index("<", 0)
        text = text[:start] + str(value) + text[text.index(">", start) + 1 :]
        assert name
    return f"/{text}"


@pytest.fixture
def at_two() -> Iterator[None]:
    clock.use(clock.Clock(read=lambda: NOW, rate=lambda: 1.0))
    yield
    clock.use(clock.SYSTEM_CLOCK)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: str(route.pattern))
def test_an_address_declares_what_it_takes(route: URLPattern):
    guard = _guard(route)
    assert not guard.open_because or str(route.pattern).partition("/")[0] in OPEN_TO_ALL


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("at_two")
def test_who_is_not_signed_in_is_sent_to_the_sign_in():
    house.declare(house.build(now=NOW), now=NOW)
    for route in ROUTES:
        guard = _guard(route)
        if guard.open_because:
            continue
        answer = Client().generic(guard.methods[-1], _address(route))
        assert answer.status_code == 302, route.pattern
        assert answer["Location"].startswith("/sign-in"), route.pattern


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("at_two")
@pytest.mark.parametrize(("name", "role"), list(zip(("Ann", "Ben", "Cora", "Vic"), ROLES, strict=True)))
def test_a_role_gets_what_the_table_gives_it(name: str, role: str):
    built = house.build(now=NOW)
    house.declare(built, now=NOW)
    client = Client()
    client.force_login(built.people[name])
    for route in ROUTES:
        guard = _guard(route)
        if guard.open_because or str(route.pattern).startswith("sign-out"):
            continue
        refused = may(Actor(kind="person", uid="any", role=role), guard.action) is not None
        for method in guard.methods:
            answer = client.generic(method, _address(route))
            assert (answer.status_code == 403) == refused, (method, str(route.pattern), answer.status_code)
            assert answer.status_code < 500, (method, str(route.pattern))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("at_two")
def test_nothing_acts_by_a_look():
    built = house.build(now=NOW)
    client = Client()
    client.force_login(built.people["Ann"])
    for route in ROUTES:
        guard = _guard(route)
        if not guard.open_because and not set(SHOWS) & set(guard.methods):
            assert client.get(_address(route)).status_code == 405, route.pattern
