"""How long each signed-in page takes on a database of a large house: 1,000,000 alerts, 10,000 incidents.

    python -m bench.screens                          fill SQLite and PostgreSQL, then print the table
    python -m bench.screens --check                  also exit 1 when a page takes longer than its target
    python -m bench.screens --write                  also put the table into docs/reference/performance.md
    python -m bench.screens --database sqlite        only one of them (sqlite, postgres; default: both)
    python -m bench.screens --quick                  a hundredth of everything, to see that it runs
    python -m bench.screens --keep DIR               fill this folder, or use it as it was left (SQLite)
    python -m bench.screens --postgres URL           fill this database, or use it as it was left (PostgreSQL)

Each page is asked for over HTTP, one request after the other, of `antiphon up` on that database; the time is that of
the whole answer. The CPU is that of the web process and the PostgreSQL server for one request. `/healthz` is timed
from the start of the process, several times.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import report
from bench.intake import cpu_seconds, free_port, stop, with_children

from tests import postgres

ROOT = Path(__file__).parent.parent
TARGET = 200.0
"""Milliseconds, for the median and for the slowest."""
UP_SECONDS = 3.0
STARTS = 5
PAGES = {
    "Now": "/",
    "Incidents": "/incidents",
    "Incidents, closed, far back": "/incidents?view=closed&before=2000",
    "Room of an open incident": "/incidents/{open}",
    "Room, what is new": "/incidents/{open}/live?after=0",
    "Room of a closed incident": "/incidents/{closed}",
    "Tell": "/incidents/{open}/tell",
    "Resolve": "/incidents/{open}/resolve",
    "Review": "/incidents/{closed}/review",
    "Alerts": "/alerts",
    "Alerts that ended": "/alerts?state=ended",
    "Alerts of a service": "/alerts?state=all&entity={service}",
    "An alert": "/alerts/{alert}",
    "Catalog": "/catalog",
    "A service": "/catalog/{service}",
    "On call": "/on-call",
    "Find a word": "/find?q=checkout",
    "Find a number": "/find?q={closed}",
    "Settings, rules": "/settings/rules",
    "API incidents": "/api/v1/incidents",
    "API an incident": "/api/v1/incidents/{open}",
    "API timeline": "/api/v1/incidents/{open}/timeline",
    "API alerts": "/api/v1/alerts",
    "API entities": "/api/v1/entities",
    "API on call": "/api/v1/on-call",
}


@dataclass
class Found:
    """One database: each page's times and CPU a request in milliseconds; the seconds until `/healthz` answered."""

    times: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    healthy: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class House:
    """Where a filled installation lies, and the process of its PostgreSQL server if it has one of its own."""

    folder: Path
    database_url: str = ""
    server: int | None = None

    def environment(self) -> dict[str, str]:
        """For the processes on it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
        ours = {"ANTIPHON_DATA": str(self.folder), "ANTIPHON_DATABASE_URL": self.database_url}
        return kept | ours | {"DJANGO_SETTINGS_MODULE": "antiphon.wiring.settings"}

    def fill(self, share: float) -> dict[str, str]:
        """Bring it to its size (nothing happens when it has it); answers what the addresses name, and a way in."""
        words = [sys.executable, "-m", "bench.large_house", "--share", str(share)]
        done = subprocess.run(words, env=self.environment(), check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        return dict(line.split("=", 1) for line in done.stdout.splitlines())


@contextmanager
def running(house: House) -> Iterator[tuple[int, list[int], float]]:
    """`antiphon up` on it: the port, whose CPU answers it, and the seconds until `/healthz` said 200."""
    port, started = free_port(), time.perf_counter()
    words = [sys.executable, "-m", "antiphon", "up", "--port", str(port)]
    with (house.folder / "up.log").open("wb") as log:
        process = subprocess.Popen(words, env=house.environment(), cwd=ROOT, stdout=log, stderr=log)
    try:
        while not healthy(port):
            if process.poll() is not None or time.perf_counter() > started + 60:
                raise SystemExit((house.folder / "up.log").read_text())
            time.sleep(0.02)
        seconds = time.perf_counter() - started
        answering = [
            pid for pid in with_children([process.pid]) if b"\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        yield port, answering + ([house.server] if house.server else []), seconds
    finally:
        stop(process)


def healthy(port: int) -> bool:
    """Whether the process says so."""
    try:
        return get(port, "/healthz", {})[0] == 200
    except OSError:
        return False


def get(port: int, path: str, headers: Mapping[str, str]) -> tuple[int, float]:
    """One page: its status and how many milliseconds its whole answer took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    started = time.perf_counter()
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - started) * 1000
    finally:
        connection.close()


def measure(house: House, share: float, times: int) -> Found:
    """Every page so many times, after one visit that is not counted."""
    names, found = house.fill(share), Found()
    for _ in range(STARTS - 1):
        with running(house) as (_, _, seconds):
            found.healthy.append(seconds)
    with running(house) as (port, pids, seconds):
        found.healthy.append(seconds)
        for page, pattern in PAGES.items():
            visit(page, pattern.format(**names), names, port, pids, times, found)
    return found


def visit(page: str, path: str, names: Mapping[str, str], port: int, pids: list[int], times: int, found: Found) -> None:
    """One page so many times."""
    way_in = {"cookie": f"antiphon_session={names['session']}", "authorization": f"Bearer {names['token']}"}
    status, first = get(port, path, way_in)
    if status != 200:
        found.wrong.append(f"{page} ({path}) answers {status}.")
    before = cpu_seconds(pids)
    found.times[page] = [get(port, path, way_in)[1] for _ in range(times)]
    found.cpu[page] = (cpu_seconds(pids) - before) / times * 1000
    middle, slowest = statistics.median(found.times[page]), max(found.times[page])
    said = f"{status}  first {first:7.1f}  median {middle:7.1f}  max {slowest:7.1f}  CPU {found.cpu[page]:6.1f} ms"
    print(f"{page:28} {said}", file=sys.stderr, flush=True)


def table(found: Mapping[str, Found], share: float) -> str:
    """The figures as Markdown."""
    heads, rows = ["page"], [[page] for page in PAGES]
    for name, each in found.items():
        heads += [f"{name}, median / max, ms", "CPU, ms"]
        for row in rows:
            row += [cell(each.times[row[0]]), f"{each.cpu[row[0]]:.0f}"]
    starts = [(f"{statistics.median(each.healthy):.1f} / {max(each.healthy):.1f}", "") for each in found.values()]
    rows.append(["/healthz after the start, s", *(word for pair in starts for word in pair)])
    size = f"{1_000_000 * share:,.0f} alerts, {10_000 * share:,.0f} incidents with {500_000 * share:,.0f} events"
    return f"{report.machine()}; {size}.\n\n{report.table(heads, rows)}"


def cell(times: list[float]) -> str:
    """Median and slowest."""
    return f"{statistics.median(times):,.0f} / {max(times):,.0f}"


def missed(found: Mapping[str, Found]) -> list[str]:
    """What was not reached, a sentence each."""
    sentences = []
    for name, each in found.items():
        sentences += [f"{name}: {sentence}" for sentence in each.wrong]
        for page, times in each.times.items():
            if max(times) > TARGET:
                sentences.append(f"{name}, {page}: {cell(times)} ms, target {TARGET:.0f} ms.")
        if max(each.healthy) > UP_SECONDS:
            sentences.append(f"{name}: /healthz after {max(each.healthy):.1f} s, target {UP_SECONDS:.0f} s.")
    return sentences


def run(asked: argparse.Namespace) -> int:
    """Fill, measure and tell."""
    share, found = 0.01 if asked.quick else 1.0, {}
    with ExitStack() as stack:
        if asked.database != "postgres":
            folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-bench-")))
            found["SQLite"] = measure(House(folder), share, asked.times)
        if asked.database != "sqlite":
            url, server = asked.postgres, None
            if not url:
                cluster = stack.enter_context(postgres.cluster(durable=True))
                url, server = cluster.url(), cluster.process.pid if cluster.process else None
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-bench-")))
            found["PostgreSQL"] = measure(House(folder, url, server), share, asked.times)
    text = table(found, share)
    print(text)
    if asked.write:
        report.write("bench/screens.py", "Screens of a large house", text)
    sentences = missed(found)
    print(*sentences, sep="\n")
    return int(asked.check and bool(sentences))


def main() -> int:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder to fill and keep (SQLite)")
    parser.add_argument("--postgres", default="", help="the address of a database to fill and keep")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    return run(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())
