"""What is queued to be sent."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from antiphon.core.sending import Purpose
from antiphon.db.models import Delivery

SENDING: Final = timedelta(seconds=1)
"""A page that was claimed and is not away by then waits for its provider."""
QUEUED: Final = timedelta(seconds=10)
"""One that nobody has claimed by then waits behind those that wait for their provider."""


def pages_wait(*, now: datetime) -> bool:
    """Whether pages that came due a moment ago wait for nothing but our own processor."""
    fresh = Q(lease_until__isnull=True) | Q(wake_at__gt=now - SENDING)
    return Delivery.objects.filter(fresh, purpose=Purpose.PAGE, wake_at__gt=now - QUEUED, wake_at__lte=now).exists()
