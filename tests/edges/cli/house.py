"""The program as a person at a terminal has it: real commands, real processes, a database of its own."""

import json
import os
import queue
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psycopg
import pysqlite3

TEST_DATABASE = "ANTIPHON_TEST_DATABASE"


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def sentence(self) -> str:
        """The one line of a refusal; fails when there is more or less than that."""
        assert self.code == 2, (self.out, self.err)
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.strip()


# Runs commands as `antiphon` does, one after the other, so that Python and Django start once.
COUNTER = """
import contextlib, io, json, sys
from antiphon.cli import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(json.loads(line))
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@dataclass
class House:
    """An installation: its data folder, and its database's URL (empty on SQLite)."""

    data: Path
    url: str = ""
    _counter: "subprocess.Popen[str] | None" = None

    def env(self) -> dict[str, str]:
        """This process's environment without the installation of the tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
        return {**kept, "ANTIPHON_DATA": str(self.data), "ANTIPHON_DATABASE_URL": self.url}

    def run(self, *words: str) -> Said:
        """A command, to its end; all of a house's commands in one process."""
        if self._counter is None:
            self._counter = subprocess.Popen(
                [sys.executable, "-c", COUNTER],
                env=self.env(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._counter.stdin is not None
        assert self._counter.stdout is not None
        self._counter.stdin.write(json.dumps(words) + "\n")
        self._counter.stdin.flush()
        return Said(*json.loads(self._counter.stdout.readline()))

    def close(self) -> None:
        """Let the process that runs commands go."""
        if self._counter is not None:
            self._counter.communicate()

    def run_alone(self, *words: str, **env: str) -> Said:
        """A command in a process of its own, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "antiphon", *words],
            env={**self.env(), **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def sql(self, statement: str) -> list[Any]:
        """Do something to the database behind the program's back."""
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        connection = pysqlite3.connect(self.data / "antiphon.sqlite3")
        try:
            rows = connection.execute(statement).fetchall()
            connection.commit()
        finally:
            connection.close()
        return list(rows)

    @contextmanager
    def up(self, *words: str, **env: str) -> Iterator["Up"]:
        """`antiphon up` on a free port until the block ends; it must be gone by then or stop when asked."""
        process = subprocess.Popen(
            [sys.executable, "-m", "antiphon", "up", "--port", "0", *words],
            env={**self.env(), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        running = Up(process)
        try:
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


class Up:
    """A running `antiphon up`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.url = ""
        self._lines: queue.Queue[str] = queue.Queue()
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def expect(self, pattern: str, *, within: float = 60.0) -> str:
        """Wait for a line, of either stream, in which the pattern is found; answers the match."""
        deadline, seen = time.monotonic() + within, []
        while (left := deadline - time.monotonic()) > 0:
            try:
                seen.append(self._lines.get(timeout=left))
            except queue.Empty:
                break
            if found := re.search(pattern, seen[-1]):
                return found[0]
        raise AssertionError(f"nothing said {pattern!r} within {within} s: {seen}")

    def ready(self) -> str:
        """Wait for the ready line; answers and keeps the URL."""
        self.url = self.expect(r"(?<=Antiphon is ready at )http\S+")
        return self.url

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def child(self, kind: str, *, other_than: int = 0) -> int:
        """The process id of the web, engine or sender process; waits for one that is being started again."""
        words = ["pgrep", "-P", str(self.process.pid), "-f", f"antiphon {kind}( |$)"]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
            if found and int(found[0]) != other_than:
                return int(found[0])
            time.sleep(0.05)
        raise AssertionError(f"there is no {kind} process")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        return self._ask(Request(self.url + path, headers=headers))

    def post(self, path: str, body: object) -> tuple[int, bytes]:
        data = json.dumps(body).encode()
        return self._ask(Request(self.url + path, data=data, headers={"Content-Type": "application/json"}))

    def _ask(self, request: Request) -> tuple[int, bytes]:
        try:
            with urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of a database that nobody else uses, on the run's PostgreSQL; empty on SQLite."""
    server = os.environ.get(TEST_DATABASE, "")
    if not server:
        yield ""
        return
    name = f"cli_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def busy_port() -> Iterator[int]:
    """A port of the loopback address on which something else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def gone(pid: int, *, within: float = 10.0) -> bool:
    """Whether a process has ended, or does so in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
