"""A crowd at the public page: requests per second of our door against nginx, same bytes, same machine, same minute.

    .venv/bin/python bench/page_flood.py                    print the figures
    .venv/bin/python bench/page_flood.py --check            fail below 0.7 of nginx
    .venv/bin/python bench/page_flood.py --write            put them into docs/reference/performance.md

Needs Debian's packages nginx-light and wrk. Servers and load share the machine's cores, and each round tries every
server once, so that a slow moment of the machine hits them alike.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from antiphon.pages.files import Stamp, write
from antiphon.pages.lane import fast_lane
from antiphon.pages.render import render
from antiphon.pages.serve import PublicFolder
from antiphon.pages.state import Component, Incident, PublicState, Touched, Update

TARGET = 0.7
GZIP = ", gzip"
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
REPORT = Path(__file__).parent.parent / "docs/reference/performance.md"
NGINX = """
worker_processes {workers}; daemon off; pid {home}/nginx.pid; error_log {home}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; application/json json; text/css css; }}
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;
    client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    server {{
        listen 127.0.0.1:{port} reuseport;
        location /status/ {{ alias {folder}/; index index.html; gzip_static on; }}
    }}
}}
"""


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process group whose CPU time is its own."""

    url: str
    group: int

    def cpu_seconds(self) -> float:
        """User and system time that the group's processes have used so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if int(fields[2]) == self.group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What one server reached: requests per second by round, and all its requests and CPU seconds."""

    rates: list[float] = field(default_factory=list)
    requests: float = 0
    cpu: float = 0

    def median(self) -> float:
        return statistics.median(self.rates)

    def per_cpu_second(self) -> float:
        return self.requests / self.cpu


def serve(folder: Path, port: int, processes: int) -> None:
    """Our door on uvicorn, in so many processes on one socket, until a signal ends them."""
    door = PublicFolder(folder)
    config = uvicorn.Config(
        door, http=fast_lane(door), loop="uvloop", lifespan="off", access_log=False, log_level="warning", port=port
    )
    socket = config.bind_socket()
    for _ in range(processes - 1):
        if not os.fork():
            break
    uvicorn.Server(config).run(sockets=[socket])


def page() -> PublicState:
    """A page as it looks when a crowd comes: one open incident with four updates, twelve components, a past."""
    touched = (Touched("component000", "Component 0", "operational", "partial_outage"),)
    text = "Some customers see an error when they pay for an order. Browsing and signing in work as usual. " * 3
    updates = tuple(
        Update(f"update{n:06}", "identified", text, NOW - timedelta(minutes=10 * n), None, touched) for n in range(4)
    )
    told = {"started_at": NOW - timedelta(hours=1), "created_at": NOW - timedelta(hours=1), "updated_at": NOW}
    opened = Incident("incident0000", 17, "Some orders cannot be paid", "major", "identified", **told, updates=updates)
    ended = [
        Incident(f"past{n:08}", n, f"Incident {n}", "minor", "resolved", **told, resolved_at=NOW, updates=updates[:1])
        for n in range(5)
    ]
    parts = [
        Component(f"component{n:03}", f"Component {n}", "What it does", "operational", n, None, NOW, NOW)
        for n in range(12)
    ]
    where = "http://127.0.0.1/status/"
    return PublicState("pagepagepage", "Flooded", where, "UTC", 1, NOW, tuple(parts), (opened, *ended))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(words: list[str], url: str) -> Iterator[Server]:
    """A server in a process group of its own, up to the first 200 and until the end of the block."""
    server = subprocess.Popen(words, start_new_session=True)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(url, timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{words[0]} did not answer at {url} within 10 seconds.")
        yield Server(url, server.pid)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


@contextmanager
def nginx(folder: Path, home: Path, workers: int) -> Iterator[Server]:
    port = free_port()
    home.mkdir()
    config = home / "nginx.conf"
    config.write_text(NGINX.format(workers=workers, home=home, port=port, folder=folder))
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    with running(
        [binary, "-e", "stderr", "-p", str(home), "-c", str(config)], f"http://127.0.0.1:{port}/status/"
    ) as server:
        yield server


@contextmanager
def ours(folder: Path, processes: int) -> Iterator[Server]:
    port = free_port()
    words = [sys.executable, __file__, "--serve", str(folder), str(port), str(processes)]
    with running(words, f"http://127.0.0.1:{port}/status/") as server:
        yield server


def flood(url: str, seconds: int, *headers: str) -> float:
    """Requests per second that wrk got answered; every answer must be a 2xx."""
    more = [word for header in headers for word in ("-H", header)]
    words = ["wrk", "-t", "1", "-c", "64", "-d", f"{seconds}s", *more, url]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"The server answered with errors:\n{said}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])


def measure(folder: Path, home: Path, rounds: int, seconds: int) -> dict[str, Figures]:
    """Every server by name, without and with gzip, tried once a round."""
    cores = os.cpu_count() or 1
    with ExitStack() as stack:
        servers = {
            f"nginx, {cores} workers": stack.enter_context(nginx(folder, home / "nginx", cores)),
            "antiphon, 1 process": stack.enter_context(ours(folder, 1)),
            "antiphon, 2 processes": stack.enter_context(ours(folder, 2)),
        }
        same_bytes(list(servers.values()))
        kinds: dict[str, tuple[str, ...]] = {"": (), GZIP: ("Accept-Encoding: gzip",)}
        figures = {name + kind: Figures() for kind in kinds for name in servers}
        for number in range(rounds):
            for kind, headers in kinds.items():
                for name, server in servers.items():
                    add(figures[name + kind], server, seconds, headers)
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return figures


def add(figures: Figures, server: Server, seconds: int, headers: tuple[str, ...]) -> None:
    before = server.cpu_seconds()
    rate = flood(server.url, seconds, *headers)
    figures.rates.append(rate)
    figures.requests += rate * seconds
    figures.cpu += server.cpu_seconds() - before


def same_bytes(servers: list[Server]) -> None:
    bodies = {urllib.request.urlopen(server.url, timeout=5).read() for server in servers}
    if len(bodies) != 1:
        raise SystemExit("The servers do not hand out the same bytes, so their figures cannot be compared.")


def share(figures: dict[str, Figures], name: str) -> float:
    """How much of nginx's rate in the same rounds: the median over the rounds."""
    of_nginx = next(
        each for key, each in figures.items() if key.startswith("nginx") and (GZIP in key) == (GZIP in name)
    )
    return statistics.median(rate / base for rate, base in zip(figures[name].rates, of_nginx.rates, strict=True))


def report(figures: dict[str, Figures], size: int) -> str:
    """The figures as a Markdown table under the machine they were taken on."""
    rounds = len(next(iter(figures.values())).rates)
    lines = [
        f"{machine()}; page of {size:,} bytes, wrk with 64 connections on the same cores; requests/s over {rounds} "
        "rounds, the share of nginx as the median of the rounds.",
        "",
        "| server | min | median | max | of nginx | per CPU-second |",
        "|---|---|---|---|---|---|",
    ]
    for name, each in figures.items():
        rates = f"{min(each.rates):,.0f} | {each.median():,.0f} | {max(each.rates):,.0f}"
        lines.append(f"| {name} | {rates} | {share(figures, name):.2f} | {each.per_cpu_second():,.0f} |")
    return "\n".join(lines)


def machine() -> str:
    model = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model[0] if model else platform.machine()}), load {load:.1f}, "
        f"Python {platform.python_version()}"
    )


def put_into_docs(text: str) -> None:
    """Replace what stands between this bench's two marks, or add them at the end."""
    start, end = "<!-- bench/page_flood.py -->", "<!-- /bench/page_flood.py -->"
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    page = REPORT.read_text() if REPORT.exists() else "# Performance\n"
    if start not in page:
        page += f"\n## A crowd at the public page\n\n{start}\n{end}\n"
    before, after = page.split(start)[0], page.split(end)[1]
    REPORT.write_text(f"{before}{start}\n{text}\n{end}{after}")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rounds", type=int, default=10)
    words.add_argument("--seconds", type=int, default=2, help="of load per server and round")
    words.add_argument("--check", action="store_true", help=f"fail below {TARGET} of nginx")
    words.add_argument("--write", action="store_true", help=f"update {REPORT.name}")
    words.add_argument("--serve", nargs=3, metavar=("FOLDER", "PORT", "PROCESSES"), help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.serve:
        serve(Path(asked.serve[0]), int(asked.serve[1]), int(asked.serve[2]))
        return 0
    if not shutil.which("wrk") or not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        raise SystemExit("This bench needs nginx and wrk: apt-get install nginx-light wrk")
    with tempfile.TemporaryDirectory(prefix="page-flood-") as home:
        Path(home).chmod(0o755)  # nginx's workers run as another user
        folder = Path(home) / "page"
        write(folder, render(page(), now=NOW), Stamp(1, NOW))
        figures = measure(folder, Path(home), asked.rounds, asked.seconds)
        text = report(figures, (folder / "index.html").stat().st_size)
    print(text)
    if asked.write:
        put_into_docs(text)
    reached = share(figures, "antiphon, 2 processes")
    if asked.check and reached < TARGET:
        print(f"Below the target: {reached:.2f} of nginx, wanted {TARGET}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
