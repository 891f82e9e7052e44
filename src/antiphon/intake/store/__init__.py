"""The intake's bulk SQL, one file per database. The tables are those of `db.models.alerts`."""

from antiphon.intake.store.postgres import PostgresStore
from antiphon.intake.store.sqlite import SqliteStore
from antiphon.intake.work import Store


def open_store(database: str) -> Store:
    """The store of a database: a `postgresql://` URL, or the path of an SQLite file.

    Nothing is opened before `await store.open()`.
    """
    if database.startswith(("postgresql://", "postgres://")):
        return PostgresStore(database)
    return SqliteStore(database)


__all__ = ["PostgresStore", "SqliteStore", "open_store"]
