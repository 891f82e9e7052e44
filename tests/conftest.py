"""One database per run and worker: SQLite files by default, a throw-away PostgreSQL when asked.

ANTIPHON_TEST_DATABASE is empty (SQLite), `postgres` (a cluster for this run), or the URL of a
PostgreSQL database whose user may create others.
"""

import os
from contextlib import ExitStack

import pytest

from tests import postgres

DATABASE = "ANTIPHON_TEST_DATABASE"
_until_the_end = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the cluster once, in the process that the workers inherit their environment from."""
    if os.environ.get(DATABASE) == "postgres":
        try:
            running = _until_the_end.enter_context(postgres.cluster())
        except postgres.Absent as absent:
            pytest.exit(str(absent), returncode=0)
        os.environ[DATABASE] = running.url()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the cluster away; in a worker there is none."""
    _until_the_end.close()


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database this run is on."""
    return f"database: {'PostgreSQL' if os.environ.get(DATABASE) else 'SQLite'}"
