"""A whole Antiphon as its users run it: real processes on a data folder, set up by commands, looked at from outside.

    with Installation(folder) as house:
        house.apply(ORGANISATION)
        path = house.key("prometheus")
        up = house.start("up")
        post(house.port, f"{path}/api/v2/alerts", [...])
        house.child(up, "web").kill()          # kill -9; the parent starts another

Nothing of the product is imported here: what it says on its sockets and what lies in its database is all that counts.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
import pysqlite3

from tests.contracts.sinks import ReceivedMail

PATIENCE = 60.0
"""Real seconds that anything may take on a busy machine before we say that it does not happen."""
READY = re.compile(r"(?:is ready at|web listens at) http://127\.0\.0\.1:(\d+)")
T = TypeVar("T")


def wait_for(ask: Callable[[], T | None], *, what: str, within: float = PATIENCE, every: float = 0.05) -> T:
    """Ask until the answer is true, and give it; after `within` seconds the test fails and says `what` did not come."""
    deadline = time.monotonic() + within
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(every)
    return answer


@dataclass(frozen=True)
class Running:
    """A process by its number, ours or one that `antiphon up` looks after."""

    kind: str
    pid: int

    @property
    def alive(self) -> bool:
        """Whether it runs (or is stopped), and is no zombie."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Any signal; one that is gone already takes no harm."""
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def owns(self, port: int) -> bool:
        """Whether a TCP connection of this process comes from the port: which of two engines is it that sends?"""
        wanted = f":{port:04X}"
        lines = Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]
        inodes = {line.split()[9] for line in lines if line.split()[1].endswith(wanted)}
        links = (_read_link(each) for each in Path(f"/proc/{self.pid}/fd").iterdir())
        return any(link.removeprefix("socket:[").removesuffix("]") in inodes for link in links)


@dataclass
class Installation:
    """A data folder and its database. `database_url` is empty for SQLite in the folder."""

    folder: Path
    database_url: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _processes: list[tuple[Running, "subprocess.Popen[bytes]", Path]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for running, process, log in self._processes:
            for child in _children(running.pid):
                child.kill()
            process.kill()
            process.wait()
            if error is not None:
                print(f"--- {running.kind} {running.pid}\n{_last_words(log)}")

    # --- commands

    def cli(self, *words: str, given: str = "") -> str:
        """What an `antiphon` command prints; its failure fails the test."""
        done = subprocess.run(
            [sys.executable, "-m", "antiphon", *words],
            input=given,
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd=self.folder,
            timeout=PATIENCE * 2,
            check=False,
        )
        assert done.returncode == 0, f"antiphon {' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def apply(self, configuration: str) -> str:
        """Set it up from YAML."""
        return self.cli("apply", "-", given=configuration)

    def key(self, name: str, kind: str = "alertmanager") -> str:
        """A new key for a sender of alerts: its base path, `/in/<key>`."""
        return self.cli("key", "add", name, "--kind", kind).split()[-1]

    # --- processes

    def start(self, kind: str, *words: str, wait: bool = True) -> Running:
        """Start `up`, `web` or `engine` with words; with `wait`, until it is ready (an engine: until it reports)."""
        log = self.folder / f"{kind}-{time.monotonic_ns()}.log"
        address = [] if kind == "engine" else ["--port", str(self.port)]
        with log.open("wb") as written:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "antiphon", kind, *address, *words],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        running = Running(kind, process.pid)
        self._processes.append((running, process, log))
        if wait and kind == "engine":
            wait_for(lambda: self.reports(running), what=f"an engine that reports itself\n{_last_words(log)}")
        elif wait:
            self.port = wait_for(lambda: _ready_at(process, log), what=f"antiphon {kind}, ready\n{_last_words(log)}")
        return running

    def reap(self) -> None:
        """Forget processes that we started and that have ended."""
        self._processes = [each for each in self._processes if each[1].poll() is None]

    def child(self, parent: Running, kind: str) -> Running:
        """The process of this kind that `antiphon up` looks after now; waits for one."""
        return wait_for(
            lambda: next(iter(self.children(parent, kind)), None), what=f"a {kind} process under {parent.kind}"
        )

    def children(self, parent: Running, kind: str) -> list[Running]:
        """The processes of this kind that `antiphon up` looks after now."""
        return [each for each in _children(parent.pid) if each.kind == kind and each.alive]

    def reports(self, running: Running) -> bool:
        """Whether the process has written itself into the list of nodes."""
        return bool(self.rows(f"SELECT 1 FROM node WHERE name LIKE '% {running.pid}'"))

    # --- what it holds

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(sql.encode()).fetchall()
        with self.sqlite() as database:
            return list(database.execute(sql))

    @contextmanager
    def sqlite(self) -> Iterator[Any]:
        """The SQLite file, as another program would open it; on the library that the product ships, which is safe."""
        database = pysqlite3.connect(self.folder / "antiphon.sqlite3", timeout=PATIENCE, isolation_level=None)
        try:
            yield database
        finally:
            database.close()

    def told(self, mails: Iterable[ReceivedMail]) -> Counter[str]:
        """How many of the mails name each page by mail, by its token: pages that are due together go as one."""
        tokens = {token for (token,) in self.rows("SELECT token FROM page WHERE channel = 'mail'")}
        bodies = [mail.body() for mail in mails]
        return Counter({token: sum(token in body for body in bodies) for token in tokens})

    def one(self, sql: str) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows(sql)
        return value

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
        ours = {
            "ANTIPHON_DATA": str(self.folder),
            "ANTIPHON_DATABASE_URL": self.database_url,
            "ANTIPHON_ALLOW_PRIVATE": "127.0.0.0/8",
            "ANTIPHON_PORT": str(self.port),
            "ANTIPHON_DEBUG": "1",
        }
        return kept | ours | self.environ


# --- talking to it -----------------------------------------------------------------------------------------------


def request(
    port: int, method: str, path: str, body: bytes = b"", *, within: float = 30.0, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """One HTTP request on a connection of its own: status, body and headers (names in lower case)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def post(port: int, path: str, alerts: list[dict[str, Any]], *, within: float = 30.0) -> int:
    """POST alerts as Prometheus does; the status."""
    body = json.dumps(alerts).encode()
    return request(port, "POST", f"{path}/api/v2/alerts", body, within=within, content_type="application/json")[0]


def get_json(port: int, path: str, *, within: float = 30.0, **headers: str) -> Any:
    """The JSON that a page answers with 200."""
    status, body, _ = request(port, "GET", path, b"", within=within, **headers)
    assert status == 200, f"{path}: {status} {body[:300]!r}"
    return json.loads(body)


# --- processes of the machine ------------------------------------------------------------------------------------


def _children(pid: int) -> list[Running]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [Running(_kind(int(child)), int(child)) for child in children]


def _kind(pid: int) -> str:
    """The word after `antiphon`."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    return words[words.index("antiphon") + 1] if "antiphon" in words else ""


def _ready_at(process: "subprocess.Popen[bytes]", log: Path) -> int:
    assert process.poll() is None, f"it ended with {process.returncode}\n{_last_words(log)}"
    found = READY.search(log.read_text())
    return int(found[1]) if found else 0


def _read_link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
