"""An installation per test, or one that is set up already for those who only read or add to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.cli.house import House, new_database


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes start and databases are made in here: nothing for the quick lane."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.patient)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A data folder and a database in which nothing is yet."""
    with new_database() as url:
        made = House(tmp_path / "data", url)
        yield made
        made.close()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation with a key, a token and a person."""
    with new_database() as url:
        made = House(tmp_path_factory.mktemp("house") / "data", url)
        for words in (
            ("key", "add", "prometheus", "--kind", "alertmanager"),
            ("token", "add", "dashboard", "--role", "viewer"),
            ("person", "add", "--email", "ann@example.org", "--name", "Ann", "--role", "admin"),
        ):
            assert made.run(*words).code == 0
        yield made
        made.close()
