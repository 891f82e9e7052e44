"""A house with its people, at one fixed moment, and a browser for each of them.

Imports of the product stand inside: this file is read before Django is set up.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Any]:
    """The house, while the clock stands at `NOW`."""
    from antiphon import clock
    from antiphon.web import sign_in
    from antiphon.web.attempts import Attempts
    from tests.edges.web.house import build

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
    clock.use(clock.Clock(read=lambda: NOW, rate=lambda: 1.0))
    monkeypatch.setattr(sign_in, "attempts", Attempts())
    yield build(now=NOW)
    clock.use(clock.SYSTEM_CLOCK)


@pytest.fixture
def browser(house: Any) -> Callable[[str], Any]:
    """A browser in which somebody is signed in; an empty name: nobody."""
    from django.test import Client

    def opened(name: str) -> Client:
        client = Client()
        if name:
            client.force_login(house.people[name])
        return client

    return opened
