"""From an alert accepted to the first page handed over, by webhook and by SMTP, beside Debian's Alertmanager.

    python -m bench.page                          print the table (about five minutes)
    python -m bench.page --check                  also exit 1 when a target is missed
    python -m bench.page --write                  also put the table into docs/reference/performance.md
    python -m bench.page --quick                  one short round, to see that everything runs
    python -m bench.page --database postgres      only on PostgreSQL (sqlite, postgres; default: both)

A whole installation, `antiphon up` on a durable database, set up by `antiphon apply`: 1,000 services and one person
with a webhook and a mail address. The clock starts when the sender has read the 200 and stops when the receiver has
read the message whole. Four cases: an alert at a time; the same while other senders re-send and add alerts that open
nothing; the same while a crowd (Debian: apt install wrk) reads the status page as fast as it is served; 1,000 alerts
for 1,000 services in one request, each of which becomes an incident of its own.

The limits per person and the breaker, which fold such a flood into one summary in real life, are raised in the
database, so that every page goes out and can be timed. Load, receivers and servers share the machine's cores.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import yaml
from bench import report
from bench.intake import free_port, stop, wait_for
from bench.receivers import Arrivals, Receivers

from tests import postgres
from tests.faults.installation import Installation
from tests.faults.organisation import organisation, service

ROOT = Path(__file__).parent.parent
SERVICES = 1000
SINGLE = 60
LOADS = (("repeated", 5000.0), ("new", 500.0))
"""What else comes in under load, alerts a second in requests of 64: known ones again, and ones never seen before."""
RULES = {"rules": [{"name": "Critical at once", "when": 'severity == "critical"'}]}
LIMITS = {"limits": {"per_person": {"mail": 10**6, "webhook": 10**6}, "recipient": 10**6, "instance": 10**6}}
PATIENCE = 180.0
BREATH = 0.25
"""Seconds in which pages to one person gather into one mail; alerts that come one at a time are further apart."""
IDLE, LOAD, CROWD, BURST = "idle", "under load", "crowd at the page", f"burst of {SERVICES:,}"
CASES = (IDLE, LOAD, CROWD, BURST)
READERS = 64
P50, P99, IDLE_P50 = 100.0, 1000.0, 25.0
ALERTMANAGER = """
route: {{receiver: hook, group_by: [service], group_wait: 0s, group_interval: 1s, repeat_interval: 12h}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{port}/", send_resolved: false}}]}}]
"""


@dataclass
class Line:
    """All rounds of one server, case and means; milliseconds."""

    waits: list[list[float]] = field(default_factory=list)
    lost: int = 0

    def of_rounds(self, measure: Callable[[list[float]], float]) -> list[float]:
        """One figure for each round."""
        return [measure(waits) for waits in self.waits]


Lines = dict[tuple[str, str, str], Line]


@dataclass
class Sender:
    """Sends alerts to one server. `used` services have fired already."""

    name: str
    path: str
    port: int
    used: int = 0

    async def fire(self, count: int) -> tuple[set[int], float]:
        """Alerts for services that were quiet, in one request: their numbers and the instant of the 200."""
        numbers = range(self.used, self.used + count)
        self.used += count
        body = json.dumps([alert(number) for number in numbers]).encode()
        head = f"POST {self.path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        accepted = time.perf_counter()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{self.name} refused the alerts: {answer.decode()}")
        return set(numbers), accepted


def alert(number: int) -> dict[str, Any]:
    """One that opens an incident; its summary carries the number to the receivers."""
    labels = {"alertname": "Errors", "service": service(number), "severity": "critical"}
    summary = {"summary": f"bench-{number:06} fails"}
    return {"labels": labels, "annotations": summary, "endsAt": "2099-01-01T00:00:00Z"}


# --- the servers


@contextmanager
def antiphon(receivers: Receivers, *, alerts: int, database_url: str = "") -> Iterator[tuple[str, int]]:
    """A whole installation, set up and running: the path for alerts, and its port."""
    folder = Path(tempfile.mkdtemp(prefix="antiphon-bench-"))
    hook = f"http://127.0.0.1:{receivers.web_port}/"
    text = organisation(people=1, services=alerts, smtp=receivers.mail_port, hook=hook)
    try:
        with Installation(folder, database_url) as house:
            house.apply(f"{text}{yaml.safe_dump(RULES)}")
            raise_limits(house)
            path = house.key("bench")
            house.start("up")
            yield f"{path}/api/v2/alerts", house.port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def raise_limits(house: Installation) -> None:
    """So that every page of the burst goes out; written straight into the organisation's row."""
    statement = f"UPDATE organisation SET settings = '{json.dumps(LIMITS)}'"
    if house.database_url:
        with psycopg.connect(house.database_url) as connection:
            connection.execute(statement.encode())
    else:
        with house.sqlite() as database:
            database.execute(statement)


@contextmanager
def alertmanager(receivers: Receivers) -> Iterator[tuple[str, int]]:
    """Debian's, with the webhook alone: the path for alerts, and its port."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        raise SystemExit("Alertmanager is not on this machine: apt install prometheus-alertmanager")
    folder, port = Path(tempfile.mkdtemp(prefix="antiphon-bench-am-")), free_port()
    (folder / "am.yml").write_text(ALERTMANAGER.format(port=receivers.web_port))
    words = [f"--config.file={folder}/am.yml", f"--storage.path={folder}/data", "--cluster.listen-address="]
    words += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    process = subprocess.Popen([program, *words], stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield "/api/v2/alerts", port
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def loaded(sender: Sender, seconds: float) -> AsyncIterator[None]:
    """Other senders at work while the block lasts."""
    words = [sys.executable, "-m", "bench.load", "--port", str(sender.port), "--path", sender.path, "--size", "64"]
    words += ["--seconds", str(seconds), "--severity", "info"]
    processes = [
        subprocess.Popen([*words, "--kind", kind, "--rate", str(rate)], stdout=subprocess.DEVNULL, cwd=ROOT)
        for kind, rate in LOADS
    ]
    await asyncio.sleep(2)
    try:
        yield
        if any(process.poll() for process in processes):
            print("The load was refused: the figures under load are not under all of it.", file=sys.stderr)
    finally:
        for process in processes:
            process.kill()
            process.wait()


@asynccontextmanager
async def crowded(port: int, seconds: float) -> AsyncIterator[None]:
    """Readers of the status page, each asking again as soon as it has its answer, while the block lasts."""
    words = ["wrk", "-t", "1", "-c", str(READERS), "-d", f"{seconds:.0f}s", f"http://127.0.0.1:{port}/status/"]
    crowd = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    await asyncio.sleep(2)
    try:
        yield
        if crowd.poll() is not None:
            raise SystemExit("The crowd left early: its server did not answer.")
    finally:
        crowd.kill()
        crowd.wait()


# --- measuring


async def one_by_one(sender: Sender, means: dict[str, Arrivals], count: int) -> dict[str, list[float]]:
    """So many alerts, each sent when the one before has been paged and its person has had their breath."""
    waits: dict[str, list[float]] = {name: [] for name in means}
    for _ in range(count):
        for name, found in (await fired(sender, means, 1)).items():
            waits[name] += found
        await asyncio.sleep(0.02 + BREATH)
    return waits


async def fired(sender: Sender, means: dict[str, Arrivals], count: int) -> dict[str, list[float]]:
    """Alerts in one request; how long after the 200 each one's first page came, by means, in milliseconds."""
    numbers, accepted = await sender.fire(count)
    waits: dict[str, list[float]] = {}
    for name, arrivals in means.items():
        missing = await arrivals.all_of(numbers, within=PATIENCE)
        waits[name] = [max(0.0, arrivals.at[number] - accepted) * 1000 for number in numbers - missing]
        waits[name] += [PATIENCE * 1000] * len(missing)
    return waits


async def measure(name: str, at: tuple[str, int], means: dict[str, Arrivals], found: Lines, sizes: "Sizes") -> None:
    """One round of every case on one server; Alertmanager is not put under load, which has tables of its own."""
    path, port = at
    sender = Sender(name, path, port)
    await fired(sender, means, 1)  # the first one opens connections
    add(found, name, IDLE, await one_by_one(sender, means, sizes.single))
    if name != "Alertmanager":
        async with loaded(sender, PATIENCE):
            add(found, name, LOAD, await one_by_one(sender, means, sizes.single))
        await asyncio.sleep(2)
        async with crowded(port, PATIENCE):
            add(found, name, CROWD, await one_by_one(sender, means, sizes.single))
        await asyncio.sleep(2)
    add(found, name, BURST, await fired(sender, means, sizes.burst))


def add(found: Lines, server: str, case: str, waits: dict[str, list[float]]) -> None:
    """Keep a round's waits, and say them."""
    for means, each in waits.items():
        found.setdefault((server, case, means), Line()).waits.append(each)
        p50, p99 = report.percentile(each, 0.5), report.percentile(each, 0.99)
        said = f"first {min(each):7.1f}  p50 {p50:7.1f}  p99 {p99:7.1f}  max {max(each):7.1f}"
        print(f"{case:16} {server:12} {means:8} {said} ms", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    rounds: int
    single: int
    burst: int


async def measure_all(names: Sequence[str], sizes: Sizes) -> Lines:
    """Every server on a fresh database, round by round."""
    found: Lines = {}
    for _ in range(sizes.rounds):
        for name in names:
            async with AsyncExitStack() as stack:
                receivers = await stack.enter_async_context(Receivers())
                at, means = await asyncio.to_thread(start, stack, name, receivers, sizes)
                await measure(name, at, means, found, sizes)
    return found


def start(
    stack: AsyncExitStack, name: str, receivers: Receivers, sizes: Sizes
) -> tuple[tuple[str, int], dict[str, Arrivals]]:
    """A server by name, ready, and the receivers it pages."""
    if name == "Alertmanager":
        return stack.enter_context(alertmanager(receivers)), {"webhook": receivers.web}
    url = stack.enter_context(postgres.cluster(durable=True)).url() if name == "PostgreSQL" else ""
    house = antiphon(receivers, alerts=3 * sizes.single + sizes.burst + 1, database_url=url)
    return stack.enter_context(house), {"webhook": receivers.web, "mail": receivers.mail}


# --- telling


def table(found: Lines) -> str:
    """The figures as Markdown: each is the min / median / max over the rounds."""
    heads = ["case", "server", "means", "first, ms", "p50, ms", "p99, ms", "last, ms"]
    rows = []
    for (server, case, means), line in sorted(found.items(), key=lambda each: CASES.index(each[0][1])):
        measures: list[Callable[[list[float]], float]] = [min, middle, late, max]
        cells = [spread(line.of_rounds(each)) for each in measures]
        rows.append([case, server, means, *cells])
    return f"{report.machine()}\n\n{report.table(heads, rows)}"


def middle(waits: list[float]) -> float:
    """The median."""
    return report.percentile(waits, 0.5)


def late(waits: list[float]) -> float:
    """What one in a hundred exceeds."""
    return report.percentile(waits, 0.99)


def spread(values: Sequence[float]) -> str:
    """Min, median and max over the rounds."""
    return f"{min(values):,.0f} / {statistics.median(values):,.0f} / {max(values):,.0f}"


def missed(found: Lines) -> list[str]:
    """The targets that were not reached, a sentence each; the median over the rounds counts."""
    sentences = []
    for (server, case, means), line in found.items():
        if server == "Alertmanager":
            continue
        p50, p99 = statistics.median(line.of_rounds(middle)), statistics.median(line.of_rounds(late))
        wanted = IDLE_P50 if case == IDLE else P50
        if p50 > wanted:
            sentences.append(f"{server}, {case}, {means}: p50 {p50:,.0f} ms, target {wanted:,.0f} ms.")
        if p99 > P99:
            sentences.append(f"{server}, {case}, {means}: p99 {p99:,.0f} ms, target {P99:,.0f} ms.")
    return sentences


def main() -> int:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not on this machine: apt install wrk")
    names = ["Alertmanager"]
    names += ["SQLite"] if asked.database != "postgres" else []
    names += ["PostgreSQL"] if asked.database != "sqlite" else []
    sizes = Sizes(1, 10, 100) if asked.quick else Sizes(asked.rounds, SINGLE, SERVICES)
    found = asyncio.run(measure_all(names, sizes))
    text = table(found)
    print(text)
    if asked.write:
        report.write("bench/page.py", "From an alert to the first page", text)
    sentences = missed(found)
    print(*sentences, sep="\n")
    return int(asked.check and bool(sentences))


if __name__ == "__main__":
    raise SystemExit(main())
