"""The world of these tests; built late, since Django is set up only after this file is read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[Any]:
    """A door on the test database with one integration per format."""
    from tests.contracts.intake import doors

    made = doors.made(tmp_path)
    yield made
    made.close()
    made.runner.close()
