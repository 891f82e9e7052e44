"""A throw-away PostgreSQL cluster from whatever initdb and postgres this machine has.

    with cluster() as postgres:
        connect(postgres.url("postgres"))

`python -m tests.postgres` keeps one up until Ctrl-C and prints its URL. Works as an ordinary user
and as root (the server then runs as `postgres` or `nobody`, because it refuses to run as root).
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ABSENT = (
    "PostgreSQL is not on this machine (no initdb on PATH or in /usr/lib/postgresql): "
    "install it with `apt install postgresql` to run these tests."
)
USER = "antiphon"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS = 60.0


class Absent(Exception):
    """No PostgreSQL server on this machine; the message says how to get one."""


@dataclass
class Cluster:
    """A running server: where it listens, and as whom to sign in (a superuser)."""

    folder: Path
    port: int
    password: str
    options: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """The address of a database, over TCP on the loopback address."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, also after `stop`, at the same address; RuntimeError when it does not come up."""
        self.process = _start(self)

    def stop(self) -> None:
        """Stop it as it is, without a last checkpoint; what was committed is there at the next start."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None


def programs() -> Path:
    """The folder with initdb and postgres, newest version first; raises Absent."""
    on_path = shutil.which("initdb")
    if on_path and Path(on_path).resolve().with_name("postgres").exists():
        return Path(on_path).resolve().parent
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise Absent(ABSENT)
    return max(found, key=lambda folder: float(folder.parent.name))


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Start a cluster in a folder of its own and take both away at the end.

    `durable` keeps fsync on, for tests that kill the server. Raises Absent without PostgreSQL,
    RuntimeError with the server's own last words when it does not start.
    """
    binaries = programs()
    folder = Path(tempfile.mkdtemp(prefix="antiphon-pg-"))
    password = secrets.token_urlsafe(16)
    if os.geteuid() == 0:
        shutil.chown(folder, *_unprivileged())
    try:
        _create(binaries, folder, password)
        running = Cluster(folder, _free_port(), password, {} if durable else FAST)
        try:
            running.start()
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> tuple[int, int]:
    """The user and group that a server started by root runs as."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise Absent("PostgreSQL refuses to run as root, and neither `postgres` nor `nobody` exists.")


def _dropped() -> list[str]:
    """Words before a command: it dies with us, and as root it gives up its rights first."""
    words = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() == 0:
        user, group = _unprivileged()
        words += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return words


def _create(binaries: Path, folder: Path, password: str) -> None:
    secret = folder / "password"  # in a folder that only the server's user may enter
    secret.write_text(password)
    words = [binaries / "initdb", "--pgdata", folder / "data", "--username", USER]
    words += ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale"]
    done = subprocess.run(
        [*_dropped(), *map(str, words), "--no-sync"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr or done.stdout}")


def _start(server: Cluster) -> "subprocess.Popen[bytes]":
    options = {
        "port": str(server.port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(server.folder),
        "max_connections": "200",
        "timezone": "UTC",
        **server.options,
    }
    status = server.folder / "data" / "postmaster.pid"
    status.unlink(missing_ok=True)  # left by one that was stopped in haste
    with (server.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*_dropped(), str(programs() / "postgres"), "-D", str(server.folder / "data")]
            + [word for name, value in options.items() for word in ("-c", f"{name}={value}")],
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    _wait_until_ready(process, status, server.folder / "log")
    return process


def _wait_until_ready(process: "subprocess.Popen[bytes]", status: Path, log: Path) -> None:
    """Wait for the word `ready` in the server's own status file."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if status.exists() and status.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with cluster(durable="--durable" in sys.argv) as shown:
        print(shown.url(), flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Stopped.")
