"""Django's SQLite backend, on a SQLite library without the WAL corruption race.

SQLite 3.7.0 to 3.51.2 can corrupt a database in WAL mode with several writing connections, and
Debian 12's own is 3.40.1; so Django is given pysqlite3's before it imports the standard one.
"""

import sys

import pysqlite3

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from django.db.backends.sqlite3 import base  # noqa: E402 -- see above

SAFE_VERSION = (3, 51, 3)

if pysqlite3.dbapi2.sqlite_version_info < SAFE_VERSION:
    raise RuntimeError(
        f"SQLite {pysqlite3.dbapi2.sqlite_version} can corrupt a database with two writers: "
        "install pysqlite3 0.6.1 or newer, which brings SQLite 3.51.3 or newer."
    )


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper as it is; the module above chose the library underneath it."""
