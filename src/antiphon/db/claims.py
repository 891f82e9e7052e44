"""Taking work that is due, so that two engines never do the same piece twice.

One of the three files where SQL may differ by database: PostgreSQL skips rows that another engine
holds, SQLite has one writer at a time and needs no more than the guarded update.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Any

import msgspec
from django.db import connection, models
from django.db.models import Q

from antiphon.core.sending import Purpose
from antiphon.db.among import among
from antiphon.db.fields import from_micros, to_micros
from antiphon.db.models.deliveries import Delivery, Text
from antiphon.db.models.paging import Page
from antiphon.db.transactions import write

LEASE_SECONDS = 20.0


def due(model: type[models.Model], *, now: datetime, limit: int) -> list[int]:
    """Ids of the rows whose `wake_at` has come, the longest overdue first."""
    rows = model._default_manager.filter(wake_at__lte=now).order_by("wake_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def earliest(model: type[models.Model]) -> datetime | None:
    """The next instant at which a row of the table wants to be stepped."""
    rows = model._default_manager.filter(wake_at__isnull=False).order_by("wake_at")
    return rows.values_list("wake_at", flat=True).first()


Resting = Mapping[str, Collection[str]]
"""By channel, people who were just paged there: their next page waits for a breath, and gathers others."""


@dataclass(slots=True, eq=False, repr=False)
class Leased:
    """A delivery as it was claimed: what the sender needs of its row, with the lease that it was claimed under.

    `earlier_lease` is the one that had run out by then, or empty. The text is one object for all that share it.
    """

    pk: int
    uid: str
    purpose: str
    text: Text
    page: Page | None
    channel: str
    address: str
    recipient: str
    slots: dict[str, Any]
    outside: bool
    practice: bool
    attempts: int
    created_at: datetime
    first_at: datetime | None
    lease: str
    lease_until: float
    earlier_lease: str

    @property
    def text_id(self) -> int:
        """The key of its text."""
        return self.text.pk

    @property
    def page_id(self) -> int | None:
        """The key of its page."""
        return None if self.page is None else self.page.pk


_COLUMNS = (
    "id", "lease", "text_id", "page_id", "uid", "purpose", "channel", "address", "recipient", "slots", "outside",
    "practice", "attempts", "created_at", "first_at", "lease_until", "priority", "wake_at",
)  # fmt: skip
_DUE = """
    WITH RECURSIVE lane(purpose, channel) AS (
        SELECT CAST('' AS text), CAST('' AS text)
        UNION ALL
        SELECT
            CAST((SELECT d.purpose FROM delivery d WHERE {later} ORDER BY d.purpose, d.channel LIMIT 1) AS text),
            CAST((SELECT d.channel FROM delivery d WHERE {later} ORDER BY d.purpose, d.channel LIMIT 1) AS text)
        FROM lane WHERE lane.purpose IS NOT NULL
    )
    SELECT purpose, channel FROM lane WHERE EXISTS (
        SELECT 1 FROM delivery d WHERE d.purpose = lane.purpose AND d.channel = lane.channel
        AND d.wake_at <= %s AND (d.lease_until IS NULL OR d.lease_until < %s) {awake}
    )
""".replace("{later}", "d.wake_at IS NOT NULL AND (d.purpose, d.channel) > (lane.purpose, lane.channel)")
"""The lanes are found by steps along their index, each of which looks no further than its first row that is due."""


def due_deliveries(*, now: datetime, real: float, resting: Resting) -> list[tuple[str, str]]:
    """Each purpose and channel for which something is due and free to be leased."""
    asleep = ""
    values: list[Any] = [to_micros(now), real]
    for channel, people in resting.items():
        asleep += f" AND NOT (d.purpose = %s AND d.channel = %s AND d.recipient IN ({', '.join(['%s'] * len(people))}))"
        values += [Purpose.PAGE.value, channel, *people]
    with connection.cursor() as cursor:
        cursor.execute(_DUE.replace("{awake}", asleep), values)
        return [(purpose, channel) for purpose, channel in cursor.fetchall()]


def lease_deliveries(
    *,
    now: datetime,
    real: float,
    purposes: Sequence[str],
    limit: int,
    channels: Sequence[str] | None = None,
    resting: Resting = MappingProxyType({}),
) -> list[Leased]:
    """Lease due deliveries of the given purposes (and channels), most urgent first; call inside a transaction.

    A lease lasts 20 real seconds; one that ran out is taken again with a new token, so that a
    worker that was paused cannot record an outcome under its old one (RELIABILITY I11).
    """
    rows = Delivery.objects.filter(free(real), awake(resting), wake_at__lte=now, purpose__in=purposes)
    if channels is not None:
        rows = rows.filter(channel__in=channels)
    rows = rows.order_by("priority", "wake_at")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    found = _as_they_lie(rows.values_list(*_COLUMNS)[:limit])
    # What a worker that died had claimed together gets a token of its own, so that it is known again as one message
    # (its `earlier_lease`) however often workers die.
    tokens = {earlier: secrets.token_hex(16) for earlier in {row[1] for row in found}}
    until = real + LEASE_SECONDS
    for earlier, token in tokens.items():
        ids = [row[0] for row in found if row[1] == earlier]
        Delivery.objects.filter(among("id", ids), free(real)).update(lease=token, lease_until=until)
    return _leased(found, lambda earlier, _: (tokens[earlier], until, earlier))


def as_leased(keys: Iterable[int]) -> list[Leased]:
    """Those of the deliveries that are queued and leased, as they are, whether or not the lease has run out."""
    found = []
    for some in _some(keys, 1000):
        rows = Delivery.objects.filter(among("id", some), state="queued", lease_until__isnull=False)
        found += _as_they_lie(rows.values_list(*_COLUMNS))
    return _leased(found, lambda lease, until: (lease, until or 0.0, ""))


def let_go(leases: Collection[str]) -> None:
    """What a worker that is gone for certain had claimed need not wait until its leases run out."""
    with write():
        Delivery.objects.filter(wake_at__isnull=False, lease__in=leases).update(lease_until=0.0)


def _leased(found: list[tuple[Any, ...]], claim: Callable[[str, float | None], tuple[str, float, str]]) -> list[Leased]:
    """The rows with their texts and pages, which are read apart: thousands of readers share one text.

    `claim`: by the lease that was read and its end, the one that holds, until when, and the earlier one.
    """
    found.sort(key=lambda row: (row[-2], row[-1], row[0]))
    texts = Text.objects.select_related("incident", "version").in_bulk({row[2] for row in found})
    pages = Page.objects.select_related("person", "escalation__incident").in_bulk({row[3] for row in found} - {None})
    decode = msgspec.json.decode
    return [
        Leased(
            pk, uid, purpose, texts[text], pages.get(page), channel, address, recipient, decode(slots), bool(outside),
            bool(practice), attempts, _instant(created), _instant(first) if first else None, *claim(lease, until),
        )
        for pk, lease, text, page, uid, purpose, channel, address, recipient, slots, outside, practice, attempts,
            created, first, until, _, _ in found
    ]  # fmt: skip


def _as_they_lie(rows: "models.QuerySet[Delivery, Any]") -> list[tuple[Any, ...]]:
    """Rows without what the ORM makes of each value."""
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.get_compiler(connection=connection).as_sql())
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _some(keys: Iterable[int], count: int) -> Iterator[list[int]]:
    keys = iter(keys)
    while some := list(islice(keys, count)):
        yield some


@lru_cache(maxsize=256)
def _instant(micros: int) -> datetime:
    return from_micros(micros)


def awake(resting: Resting) -> Q:
    """All but pages to people who rest."""
    found = Q()
    for channel, people in resting.items():
        found &= ~Q(purpose=Purpose.PAGE, channel=channel, recipient__in=people)
    return found


def free(real: float) -> Q:
    """Nobody holds it: never leased, or the lease ran out at a real second before `real`."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=real)
