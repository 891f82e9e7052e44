"""Counters that caches follow: whoever changes what a cache holds bumps its counter in the same
transaction; whoever reads the cache compares one small row first."""

from django.db.models import F

from antiphon.db.models.organisation import Revision
from antiphon.db.transactions import forget, remembered

RULES = "rules"
CATALOG = "catalog"
INCIDENTS = "incidents"
STATUS = "status"


def current(name: str) -> int:
    """The counter's number; 0 before the first bump."""
    return remembered(f"revision {name}", lambda: _read(name))


def _read(name: str) -> int:
    return Revision.objects.filter(name=name).values_list("number", flat=True).first() or 0


def bump(name: str, by: int = 1) -> int:
    """Move the counter on, inside the transaction that made the change; answers the new number.

    Its row stays locked until the transaction ends, so nobody else gets the same number.
    """
    forget(f"revision {name}")
    if not Revision.objects.filter(name=name).update(number=F("number") + by):
        _, new = Revision.objects.get_or_create(name=name, defaults={"number": by})
        if not new:
            Revision.objects.filter(name=name).update(number=F("number") + by)
    return current(name)
