"""Taking work that is due, so that two engines never do the same piece twice.

One of the three files where SQL may differ by database: PostgreSQL skips rows that another engine
holds, SQLite has one writer at a time and needs no more than the guarded update.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db import connection, models
from django.db.models import Q

from antiphon.core.sending import Purpose
from antiphon.db.models.deliveries import Delivery

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


def due_deliveries(*, now: datetime, real: float, resting: Resting) -> list[tuple[str, str]]:
    """Each purpose and channel for which something is due and free to be leased."""
    rows = Delivery.objects.filter(free(real), awake(resting), wake_at__lte=now).order_by()
    return list(rows.values_list("purpose", "channel").distinct())


def lease_deliveries(
    *,
    now: datetime,
    real: float,
    purposes: Sequence[str],
    limit: int,
    channels: Sequence[str] | None = None,
    resting: Resting = MappingProxyType({}),
) -> list[Delivery]:
    """Lease due deliveries of the given purposes (and channels), most urgent first; call inside a transaction.

    A lease lasts 20 real seconds; one that ran out is taken again with a new token, so that a
    worker that was paused cannot record an outcome under its old one (RELIABILITY I11).
    """
    rows = Delivery.objects.filter(free(real), awake(resting), wake_at__lte=now, purpose__in=purposes)
    if channels is not None:
        rows = rows.filter(channel__in=channels)
    rows = rows.order_by("priority", "wake_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    earlier = dict(rows.values_list("id", "lease")[:limit])
    if not earlier:
        return []
    # What a worker that died had claimed together gets a token of its own, so that it is known again as one message
    # (its `earlier_lease`) however often workers die.
    tokens = {lease: secrets.token_hex(16) for lease in set(earlier.values())}
    for lease, token in tokens.items():
        ids = [pk for pk, before in earlier.items() if before == lease]
        Delivery.objects.filter(free(real), id__in=ids).update(lease=token, lease_until=real + LEASE_SECONDS)
    leased = Delivery.objects.filter(id__in=earlier, lease__in=tokens.values())
    # Texts apart: thousands of readers share one, which a join would read and build for each of them.
    leased = leased.prefetch_related("text__incident", "text__version")
    if Purpose.PAGE in purposes:
        leased = leased.select_related("page__person", "page__escalation__incident")
    found = list(leased.order_by("priority", "wake_at", "id"))
    for row in found:
        row.earlier_lease = earlier[row.pk]
    return found


def awake(resting: Resting) -> Q:
    """All but pages to people who rest."""
    found = Q()
    for channel, people in resting.items():
        found &= ~Q(purpose=Purpose.PAGE, channel=channel, recipient__in=people)
    return found


def free(real: float) -> Q:
    """Nobody holds it: never leased, or the lease ran out at a real second before `real`."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=real)
