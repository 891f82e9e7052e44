"""Django's settings for the tests and for mypy's Django plugin.

HOOK for the composition root: once it builds Django's settings from `antiphon.config`, replace all
below TEST_DATA by an import of them, keeping `DATABASES["default"]["TEST"]`, so that the tests run on
exactly the engine, pragmas and middleware of production.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# A folder of this process (so of this xdist worker); the database file, secret and public pages go there.
TEST_DATA = Path(tempfile.mkdtemp(prefix="antiphon-test-"))
DATABASE_URL = os.environ.get("ANTIPHON_TEST_DATABASE", "")
os.environ["ANTIPHON_DATA"] = str(TEST_DATA)
os.environ["ANTIPHON_DATABASE_URL"] = DATABASE_URL


def _database() -> dict[str, object]:
    """PostgreSQL at the URL, or SQLite in a file as in production (never in memory: locks differ)."""
    if DATABASE_URL:
        url = urlsplit(DATABASE_URL)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.removeprefix("/"),
            "USER": url.username,
            "PASSWORD": url.password,
            "HOST": url.hostname,
            "PORT": url.port,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(TEST_DATA / "antiphon.sqlite3"),
        "TEST": {"NAME": str(TEST_DATA / "test.sqlite3")},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        },
    }


SECRET_KEY = "not a secret: tests only"
USE_TZ = True
TIME_ZONE = "UTC"
AUTH_USER_MODEL = "db.Person"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "antiphon.db"]
DATABASES = {"default": _database()}
