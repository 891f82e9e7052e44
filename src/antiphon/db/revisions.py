"""Counters that caches follow: whoever changes what a cache holds bumps its counter in the same
transaction; whoever reads the cache compares one small row first."""

from django.db import connection

from antiphon.db.transactions import remember, remembered

RULES = "rules"
CATALOG = "catalog"
INCIDENTS = "incidents"
STATUS = "status"
_ALL = "revisions"


def current(name: str) -> int:
    """The counter's number; 0 before the first bump."""
    return remembered(_ALL, _read).get(name, 0)


def _read() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, number FROM revision")
        return dict(cursor.fetchall())


def bump(name: str, by: int = 1) -> int:
    """Move the counter on, inside the transaction that made the change; answers the new number.

    Its row stays locked until the transaction ends, so nobody else gets the same number.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO revision (name, number) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET number = revision.number + excluded.number RETURNING number",
            [name, by],
        )
        number: int = cursor.fetchone()[0]
    remember(_ALL, remembered(_ALL, _read) | {name: number})
    return number
