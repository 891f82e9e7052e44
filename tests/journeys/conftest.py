"""A world per story, on whichever database this run is on."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator["World"]:
    """An empty database, the cast, and the clock at ten in the morning. Every story ends with an audit."""
    from tests import world as worlds  # Django has no settings yet when this file is read

    with worlds.opened(tmp_path) as opened:
        yield opened
        assert opened.wrong_at_the_end() == []
