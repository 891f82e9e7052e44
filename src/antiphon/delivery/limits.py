"""How much one person may get, and the breaker that stops a flood whatever its cause.

The limit per person counts in the database and only delays: what waited too long is folded into one summary, so a
storm rings somebody a few times and loses nothing (RELIABILITY I13). The breaker counts in memory, on a path of its
own, what this process handed over (I23).
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

PER_PERSON_WINDOW: Final = timedelta(minutes=15)
BREAKER_WINDOW: Final = timedelta(minutes=5)
BREAKER_WAIT: Final = timedelta(minutes=1)
BREATH: Final = 0.25
"""Real seconds between two messages of pages to one person on one channel: a storm's thousand come as a few."""
MANY: Final = 1000


class Breath:
    """After a page to a person, what else calls them on that channel gathers for so many real seconds; 0: it does not.

    Kept by process: of two engines each takes its own breath.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self._until: dict[tuple[str, str], float] = {}

    def take(self, channel: str, person: str, *, real: float) -> None:
        """A page goes to this person now."""
        if self._seconds:
            self._until[channel, person] = real + self._seconds

    def resting(self, *, real: float) -> dict[str, set[str]]:
        """By channel, the people whose breath lasts."""
        self._until = {who: until for who, until in self._until.items() if until > real}
        found: dict[str, set[str]] = {}
        for channel, person in self._until:
            found.setdefault(channel, set()).add(person)
        return found

    def ends(self, *, real: float) -> float | None:
        """Real seconds until the first of them may be paged again; None: nobody rests."""
        return min((until - real for until in self._until.values()), default=None)


class Breaker:
    """Counts what was handed over by key in a sliding window; a key at its limit is open until the window moved on."""

    def __init__(self) -> None:
        self._passed: dict[str, deque[datetime]] = {}
        self._open: set[str] = set()
        self._many = MANY

    def admits(self, key: str, limit: int, *, now: datetime) -> bool:
        """Whether one more may pass; counts nothing."""
        passed = self._passed.get(key) or deque()
        while passed and passed[0] <= now - BREAKER_WINDOW:
            passed.popleft()
        if len(passed) < limit:
            self._open.discard(key)
            return True
        return False

    def count(self, key: str, *, now: datetime) -> None:
        """One more passed."""
        if key in self._passed:
            self._passed[key].append(now)
        else:
            self._passed[key] = deque((now,))

    def opens(self, key: str) -> bool:
        """True the first time since it was last closed: the moment to tell somebody."""
        if key in self._open:
            return False
        self._open.add(key)
        return True

    def forget(self, *, now: datetime) -> None:
        """Drop keys with nothing in the window once there are many, so that no recipient is kept for ever."""
        if len(self._passed) > self._many:
            since = now - BREAKER_WINDOW
            self._passed = {key: passed for key, passed in self._passed.items() if passed and passed[-1] > since}
            self._open &= self._passed.keys()
            self._many = max(MANY, 2 * len(self._passed))
