"""What is queued to be sent."""

from datetime import datetime, timedelta
from typing import Final

from antiphon.core.sending import Purpose
from antiphon.db.models import Delivery

FRESH: Final = timedelta(seconds=1)
"""A page that is not away by then waits for its provider or for a limit, and not for our own processor."""


def fresh_pages_wait(*, now: datetime) -> bool:
    """Whether pages that came due within the last second are not handed over yet."""
    return Delivery.objects.filter(wake_at__gt=now - FRESH, wake_at__lte=now, purpose=Purpose.PAGE).exists()
