"""How often a sign-in may be tried: a few times from one place, counted in this process's memory."""

import threading
from collections import deque
from typing import Final

WINDOW_SECONDS: Final = 300.0
FROM_ONE_PLACE: Final = 10
FOR_ONE_PERSON: Final = 30
"""Wrong tries for one address of mail from anywhere: high, so that nobody can easily lock another out."""
REMEMBERED: Final = 10_000


class Attempts:
    """Failed tries by key within the window. Instants are real seconds."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str, limit: int, *, real: float) -> float:
        """Seconds until the next try is taken; 0 when one may be made now."""
        with self._lock:
            failed = self._recent(key, real)
            return max(0.0, failed[-limit] + WINDOW_SECONDS - real) if len(failed) >= limit else 0.0

    def failed(self, *keys: str, real: float) -> None:
        """Count a wrong try."""
        with self._lock:
            if len(self._failed) >= REMEMBERED:
                self._failed = {key: old for key in list(self._failed) if (old := self._recent(key, real))}
            for key in keys:
                self._failed.setdefault(key, deque(maxlen=FOR_ONE_PERSON)).append(real)

    def forget(self, *keys: str) -> None:
        """A right one ends the counting."""
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)

    def _recent(self, key: str, real: float) -> deque[float]:
        failed = self._failed.get(key, deque())
        while failed and failed[0] <= real - WINDOW_SECONDS:
            failed.popleft()
        return failed
