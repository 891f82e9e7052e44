"""The only place that asks what time it is.

Rules, actions and duties take `now` as an argument; the edges (a request, a tick, a command, a
send) read it here once. A demo or a drill runs on a fast clock: a file says when it began, how fast
it runs and until which real instant, so that two processes agree without talking.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

FILE_NAME = "clock.json"


class Run(msgspec.Struct, frozen=True):
    """A fast run: at real instant `real0` the clock showed `now0`; it goes `rate` times as fast
    until the real instant `until`, and shows real time from then on (all epoch seconds)."""

    real0: float
    now0: float
    rate: float
    until: float

    @classmethod
    def into_the_present(cls, *, real0: float, length: float, rate: float) -> "Run":
        """A run of `length` real seconds at `rate` that meets real time when it ends."""
        return cls(real0=real0, now0=real0 + length - length * rate, rate=rate, until=real0 + length)

    def at(self, real: float) -> float:
        """The clock's reading at a real instant."""
        if real >= self.until:
            return real
        return self.now0 + (real - self.real0) * self.rate


@dataclass(frozen=True, slots=True)
class Clock:
    """What this process reads the time from."""

    read: Callable[[], datetime]
    rate: Callable[[], float]


def _system() -> datetime:
    return datetime.now(UTC)


SYSTEM_CLOCK = Clock(read=_system, rate=lambda: 1.0)
_clock = SYSTEM_CLOCK


def use(clock: Clock) -> None:
    """Read the time from `clock` from now on (start-up and tests)."""
    global _clock
    _clock = clock


def use_data_folder(folder: Path) -> None:
    """Follow the folder's clock file when there is one, else the system's clock."""
    path = folder / FILE_NAME
    if not path.exists():
        use(SYSTEM_CLOCK)
        return
    run = msgspec.json.decode(path.read_bytes(), type=Run)

    def read() -> datetime:
        return datetime.fromtimestamp(run.at(time.time()), UTC)

    use(Clock(read=read, rate=lambda: run.rate if time.time() < run.until else 1.0))


def write_run(folder: Path, *, length: float, rate: float) -> Run:
    """Write the clock file of a fast run that begins now and meets real time after `length` s."""
    run = Run.into_the_present(real0=time.time(), length=length, rate=rate)
    (folder / FILE_NAME).write_bytes(msgspec.json.encode(run))
    return run


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _clock.read()


def rate() -> float:
    """How many seconds the clock shows go by in a real second."""
    return _clock.rate()


def real() -> float:
    """Real epoch seconds, for leases and sockets, which no fast clock may hurry."""
    return time.time()
