"""A house of its own for each test, on a real database that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contracts.delivery.house import House


@pytest.fixture
def house(transactional_db: None) -> Iterator[House]:
    from tests.contracts.delivery.house import House  # there are no settings when this file is read

    with ExitStack() as stack:
        yield House(stack)
