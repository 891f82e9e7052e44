"""Where the installations of these tests lie, and the databases they run on."""

import os
from collections.abc import Iterator

import pytest

from tests import postgres
from tests.faults.installation import Installation

DATABASES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server that syncs, as in production."""
    try:
        with postgres.cluster(durable=True) as running:
            yield running
    except postgres.Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture
def fresh_database(server: postgres.Cluster) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    import psycopg

    name = f"faults_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield server.url(name)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def house(tmp_path) -> Iterator[Installation]:
    """An installation on SQLite."""
    with Installation(tmp_path) as installation:
        yield installation


@pytest.fixture
def scaled(tmp_path, fresh_database: str) -> Iterator[Installation]:
    """An installation on PostgreSQL, for web and engine processes of their own."""
    with Installation(tmp_path, database_url=fresh_database) as installation:
        yield installation
