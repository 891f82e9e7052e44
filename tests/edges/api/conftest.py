"""Every test here runs on a real database, with the request's clock standing still."""

from collections.abc import Iterator

import pytest

from antiphon import clock


@pytest.fixture(autouse=True)
def furnished(db: None) -> Iterator[None]:
    from tests.edges.api import house  # there are no settings when this file is read

    clock.use(clock.Clock(read=lambda: house.NOW, rate=lambda: 1.0))
    house.furnish()
    yield
    clock.use(clock.SYSTEM_CLOCK)
