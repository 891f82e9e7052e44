"""Django's settings for the tests and for mypy's Django plugin.

HOOK for the composition root: once it can build Django's settings from a database URL, this module
asks it for them, so that tests run on exactly what production runs on. Until then: a bare Django.
"""

import os

DATABASE_URL = os.environ.get("ANTIPHON_TEST_DATABASE", "")
SECRET_KEY = "not a secret: tests only"
USE_TZ = True
INSTALLED_APPS: list[str] = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
