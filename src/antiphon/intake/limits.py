"""A bucket of alerts per integration, with a reserve that only critical ones may use."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """How many alerts one integration may send: `rate` a second, `burst` at once.

    The last `reserve` (a share of the burst) is kept for requests with a critical alert.
    """

    rate: float = 20_000.0
    burst: float = 200_000.0
    reserve: float = 0.2


@dataclass(slots=True)
class _Bucket:
    level: float
    filled_at: float
    told_at: float


class Limits:
    """The buckets by integration. `seconds` is a clock that only moves forward."""

    def __init__(self, limit: Limit, *, seconds: Callable[[], float]) -> None:
        self._limit = limit
        self._seconds = seconds
        self._buckets: dict[int, _Bucket] = {}

    def wait(self, integration: int, alerts: int, critical: Callable[[], bool]) -> float:
        """Take so many alerts: 0.0 when allowed, else the seconds to wait (nothing is taken).

        `critical` is asked only when the ordinary part is used up. A request larger than the
        whole burst is allowed once the bucket is full.
        """
        bucket = self._filled(integration)
        floor = self._limit.burst * self._limit.reserve
        ordinary = min(self._limit.burst - floor, alerts)
        if bucket.level - ordinary >= floor:
            bucket.level -= ordinary
            return 0.0
        needed = min(float(alerts), self._limit.burst)
        if bucket.level >= needed and critical():
            bucket.level -= needed
            return 0.0
        return max((floor + ordinary - bucket.level) / self._limit.rate, 0.001)

    def empty(self, integration: int) -> bool:
        """Whether not even the reserve is left: a request may then be refused unread."""
        bucket = self._buckets.get(integration)
        return bucket is not None and bucket.level < 1.0 and self._filled(integration).level < 1.0

    def first_notice(self, integration: int, *, every: float = 10.0) -> bool:
        """Whether it is time to write down that this integration is being limited."""
        bucket = self._filled(integration)
        now = self._seconds()
        if now - bucket.told_at < every:
            return False
        bucket.told_at = now
        return True

    def _filled(self, integration: int) -> _Bucket:
        now = self._seconds()
        bucket = self._buckets.get(integration)
        if bucket is None:
            bucket = self._buckets[integration] = _Bucket(self._limit.burst, now, float("-inf"))
        level = bucket.level + (now - bucket.filled_at) * self._limit.rate
        bucket.level = min(self._limit.burst, level)
        bucket.filled_at = now
        return bucket
