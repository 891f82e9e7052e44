"""Models and migrations say the same, and every migration works on an empty database."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(
            f"Run `DJANGO_SETTINGS_MODULE=antiphon.wiring.settings django-admin makemigrations`:\n{said.getvalue()}"
        )


@pytest.mark.django_db
def test_the_test_database_is_what_was_asked_for():
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
            assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
            (version,) = cursor.execute("SELECT sqlite_version()").fetchone()
            assert tuple(map(int, version.split("."))) >= (3, 51, 3)
    else:
        assert connection.vendor == "postgresql"
