"""`antiphon up`: a web, an engine and a sender process on a data folder, looked after until told to stop.

Three processes, so that neither a stuck request nor long work of the engine keeps a page from going out. The parent
opens the port and brings the database up to date while the first loads, then only watches: it starts a process again
that ended, and passes SIGTERM on. The lock on the folder goes with the last of them.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

from antiphon import clock
from antiphon.config import Config, ConfigError
from antiphon.wiring import lifeline, listening

LOCK_NAME = "lock"
DRAIN_SECONDS = lifeline.DRAIN_SECONDS
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
HEALTHY_SECONDS = 60.0
"""A process that lived so long failed for another reason than the last time: start it at once."""
REFUSED = 2
"""The exit code of a process that said itself what is wrong with the set-up."""


def run(config: Config, *, senders: int = 1) -> int:
    """Keep them up until SIGTERM or SIGINT, with so many senders; answers the exit code. Raises ConfigError."""
    with ExitStack() as stack:
        lock = stack.enter_context(only_one(config))
        listener = stack.enter_context(listening.listen(config))
        url = config.base_url or listening.address(config, listener)
        config = replace(config, port=listener.getsockname()[1])
        children = children_with(listener, senders=senders)
        house = House(config, children, lock)
        with house.loading(children[0]):  # not the others: on two cores they would keep it from going on
            first_steps = _prepare(config, url)
        return house.keep(ready=partial(_announce, f"{first_steps}Antiphon is ready at {url}"))


def children_with(listener: socket.socket, *, senders: int = 1) -> "list[Child]":
    """The processes of one installation; the first of them answers at the listener."""
    others = [Child("engine", words=("--no-sending",)), *(Child("sender") for _ in range(senders))]
    return [Child("web", listener), *others]


def _prepare(config: Config, url: str) -> str:
    """Bring the database up to date; answers what the first person here must know, if anything."""
    from antiphon.wiring import database, processes  # Django: only once port and lock are ours

    processes.prepare(config)
    database.bring_up_to_date(config)
    from antiphon.wiring import first  # tables: only once Django is set up

    link = first.setup_link(url, now=clock.now())
    return f"Nobody is set up here yet. Open this link once, within a day, to begin:\n  {link}\n" if link else ""


@contextmanager
def only_one(config: Config) -> Iterator[int]:
    """The data folder's lock, held as long as any of the processes lives."""
    config.data.mkdir(parents=True, exist_ok=True)
    path = config.data / LOCK_NAME
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigError(
            f"Antiphon runs on {config.data} already (process {_holder(path)}): "
            "stop that one first, or choose another folder with --data."
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    try:
        yield lock
    finally:
        os.close(lock)


def _holder(path: Path) -> str:
    return path.read_text().strip() or "unknown"


@dataclass
class Child:
    """One of the processes, and how it has fared: `antiphon` with its kind and the words, and the listener if it gets
    one."""

    kind: str
    listener: socket.socket | None = None
    words: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    line: socket.socket | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = 0.0
    ready: bool = False
    ever_ready: bool = False

    def start(self, config: Config, lock: int, log: IO[bytes] | None = None) -> None:
        """Start it, with its end of the line and the lock, which it holds by having it open."""
        ours, theirs = socket.socketpair()
        names = {lifeline.LIFELINE: str(theirs.fileno())}
        if self.listener is not None:
            names[lifeline.LISTENER] = str(self.listener.fileno())
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "antiphon", self.kind, *self.words],
                env={**os.environ, **config.environment(), **names},
                pass_fds=(lock, *map(int, names.values())),
                stdin=subprocess.DEVNULL,
                stderr=log,
                process_group=0,  # Ctrl-C reaches the parent alone, which passes it on
            )
        self.line, self.started, self.ready = ours, time.monotonic(), False

    def go(self) -> None:
        """Tell it that the database is as it should be; one that has ended is noticed by its line."""
        assert self.line is not None
        with suppress(ConnectionError):
            self.line.sendall(lifeline.CLEAR)

    def heard(self) -> bool:
        """Read the line: True when the process said that it is ready, False when it has ended."""
        assert self.line is not None
        try:
            said = bool(self.line.recv(64))
        except ConnectionError:
            return False
        if said:
            self.ready = self.ever_ready = True
        return said

    def buried(self) -> int:
        """Collect the ended process, set when it starts again, and answer its exit code."""
        assert self.process is not None
        assert self.line is not None
        code = self.process.wait()
        self.line.close()
        self.process = self.line = None
        lived = time.monotonic() - self.started
        # Killed at its work it did nothing wrong, and while it is away nobody is paged: no growing pause for that.
        healthy = lived > HEALTHY_SECONDS or (self.ready and code < 0)
        self.failures = 0 if healthy else self.failures + 1
        pause = min(FIRST_PAUSE * 2 ** max(self.failures - 1, 0), LONGEST_PAUSE)
        self.again_at = time.monotonic() + pause
        return code


@dataclass
class House:
    """The parent's loop. It sleeps until a line moves, a signal comes or a start is due.

    `log` takes what the children have to say; without one they say it on our stderr.
    """

    config: Config
    children: Sequence[Child]
    lock: int
    log: IO[bytes] | None = None
    asked: list[int] = field(default_factory=list)

    @contextmanager
    def loading(self, child: Child) -> Iterator[None]:
        """Start it, so that it loads while the block sees to the database; it ends if that fails."""
        child.start(self.config, self.lock, self.log)
        try:
            yield
        except BaseException:
            if child.process is not None:
                child.process.kill()
                child.buried()
            raise
        child.go()

    def keep(self, *, ready: Callable[[], None]) -> int:
        """Keep every child running until asked to stop; answers the exit code. `ready` is called once, when all
        children work, and must not take long."""
        with _woken_by_signals(self.asked) as wake:
            announced, refused = False, 0
            while not self.asked and not refused:
                self._start_due()
                for child in self._moved(wake, self._until_next_start()):
                    refused = self._listen(child) or refused
                if not announced and all(child.ever_ready for child in self.children):
                    ready()
                    announced = True
            self._stop(wake)
        return refused

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and child.again_at <= time.monotonic():
                child.start(self.config, self.lock, self.log)
                child.go()

    def _until_next_start(self) -> float | None:
        waiting = [child.again_at for child in self.children if child.process is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _moved(self, wake: socket.socket, seconds: float | None) -> list[Child]:
        """Children whose line moved, after at most so many seconds."""
        lines = {child.line: child for child in self.children if child.line is not None}
        readable, _, _ = select.select([wake, *lines], [], [], seconds)
        if wake in readable:
            wake.recv(64)
        return [lines[line] for line in readable if line is not wake]

    def _listen(self, child: Child) -> int:
        """Take note of what a child said, or of its end; answers the code of one that cannot start."""
        if child.heard():
            return 0
        code = child.buried()
        if code == REFUSED and not child.ever_ready:
            return code
        pause = max(0.0, child.again_at - time.monotonic())
        if not self.asked:
            _say(f"The {child.kind} process {_ended(code)}; it is started again in {pause:.1f} s.")
        return 0

    def _stop(self, wake: socket.socket) -> None:
        """Ask every child to finish what it does; end what has not after the time to drain."""
        for child in self.children:
            if child.process is not None:
                child.process.terminate()
        deadline, asked = time.monotonic() + DRAIN_SECONDS, len(self.asked)
        while any(child.process for child in self.children):
            left = deadline - time.monotonic()
            if left <= 0 or len(self.asked) > max(asked, 1):
                self._kill()
                left = 5.0
            for child in self._moved(wake, left):
                if not child.heard():
                    child.buried()

    def _kill(self) -> None:
        for child in self.children:
            if child.process is not None:
                _say(f"The {child.kind} process did not finish in time and is ended.")
                child.process.kill()


def _ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _announce(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _say(sentence: str) -> None:
    sys.stderr.write(f"antiphon: {sentence}\n")
    sys.stderr.flush()


@contextmanager
def _woken_by_signals(asked: list[int]) -> Iterator[socket.socket]:
    """SIGTERM and SIGINT are noted in `asked`, and make the socket that this yields readable."""
    wake, signalled = socket.socketpair()
    signalled.setblocking(False)
    before = signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)
    handlers = {
        number: signal.signal(number, lambda number, _: asked.append(number))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        with wake, signalled:
            yield wake
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
