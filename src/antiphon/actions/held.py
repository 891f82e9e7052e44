"""Messages to people outside that are older than the start: kept back until a person lets them go (RELIABILITY I22).

After hours of standing still, or from a restored backup, they would tell customers of what is over, or tell it twice.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from antiphon.actions import telling_inside
from antiphon.actions.nodes import LEFT
from antiphon.core.decision import SYSTEM
from antiphon.core.events import ConfigurationApplied
from antiphon.core.sending import NotSent
from antiphon.db import record
from antiphon.db.models import Attempt, Delivery, Node
from antiphon.db.transactions import write

ASLEEP: Final = timedelta(minutes=15)
"""A process that is started again within this goes on where the last one stopped."""
WORKING: Final = ("engine", "sender", f"{LEFT}engine", f"{LEFT}sender")


def hold_old(*, now: datetime, real: float) -> int:
    """Hold what was queued before the standstill, if there was one; answers how many. `real`: epoch seconds.

    Call it before a process reports itself, since a report is a sign of life. The admins are told.
    """
    if _awake(now=now, real=real):
        return 0
    with write():
        old = Delivery.objects.filter(outside=True, state="queued", wake_at__isnull=False, created_at__lt=now - ASLEEP)
        count = old.update(state="not_sent", reason=NotSent.HELD, wake_at=None, lease="", lease_until=None)
        if count:
            telling_inside.held(count, now=now)
    return count


def held() -> QuerySet[Delivery]:
    """What waits for somebody's word."""
    return Delivery.objects.filter(outside=True, state="not_sent", reason=NotSent.HELD, done_at__isnull=True)


def release(*, now: datetime) -> int:
    """Send them after all; what is looked at before sending is looked at as ever. Answers how many."""
    with write():
        count = held().update(state="queued", reason="", wake_at=now)
        _note(f"~ {count} messages from before the start released", now=now)
    return count


def drop(*, now: datetime) -> int:
    """Never send them. Answers how many."""
    with write():
        count = held().update(done_at=now)
        _note(f"~ {count} messages from before the start dropped", now=now)
    return count


def _note(change: str, *, now: datetime) -> None:
    head = record.lock(record.CONFIGURATION)
    record.append(head, [ConfigurationApplied(source="antiphon mail held", changes=(change,))], actor=SYSTEM, now=now)


def _awake(*, now: datetime, real: float) -> bool:
    """Somebody worked just now: a process that decides or sends reported itself or left, or a message was tried."""
    seconds = ASLEEP.total_seconds()
    if Node.objects.filter(kind__in=WORKING, seen_real__gte=real - seconds).exists():
        return True
    last = Attempt.objects.order_by("-id").values_list("at", flat=True).first()
    return last is not None and last >= now - ASLEEP
