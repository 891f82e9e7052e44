"""Production's settings, on a database that only this run has.

ANTIPHON_TEST_DATABASE is empty (SQLite, a file per worker, because locks in memory differ), or
`postgres` (a cluster for this run, a database per worker), or the URL of a PostgreSQL server whose
user may create databases.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
import pytest

from tests import postgres

DATABASE = "ANTIPHON_TEST_DATABASE"
_until_the_end = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the environment that `antiphon.config` reads, then Django up.

    Workers inherit the URL of the cluster from the process that started it; each makes a data folder
    of its own.
    """
    if os.environ.get(DATABASE) == "postgres":
        try:
            os.environ[DATABASE] = _until_the_end.enter_context(postgres.cluster()).url()
        except postgres.Absent as absent:
            pytest.exit(str(absent), returncode=1)
    os.environ["ANTIPHON_DATABASE_URL"] = os.environ.get(DATABASE, "")
    os.environ["ANTIPHON_DATA"] = _until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-"))
    os.environ["ANTIPHON_SECRET_KEY"] = "not a secret: tests only"
    os.environ["DJANGO_SETTINGS_MODULE"] = "antiphon.wiring.settings"
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take data folder and cluster away; in a worker there is no cluster."""
    _until_the_end.close()


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database this run is on."""
    return f"database: {'PostgreSQL' if os.environ.get(DATABASE) else 'SQLite'}"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep SQLite's test database in a file of the data folder; PostgreSQL's has a name per worker."""
    from django.db import connection  # there are no settings before pytest_configure

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(Path(os.environ["ANTIPHON_DATA"]) / "test.sqlite3")
