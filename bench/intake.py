"""Alerts per second at the intake, beside Debian's Alertmanager in the same run.

    python -m bench.intake               print the table (about five minutes)
    python -m bench.intake --check       also exit 1 when a target of docs/reference/performance.md is missed
    python -m bench.intake --write       also put the table into that page
    python -m bench.intake --quick       one short round, to see that everything runs

The product's own door stands under uvicorn (uvloop, httptools) in front of a migrated database,
durable (SQLite `synchronous=FULL`, PostgreSQL with fsync), with 20 rules evaluated. Alertmanager
keeps nothing on disk. One load generator drives each in turn over kept-alive connections, the next
request only after the answer. Rounds take turns, so that a slow minute of the machine hits everyone.
"""

import argparse
import json
import os
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
from pathlib import Path
from typing import Any

from bench import report

ROOT = Path(__file__).parent.parent
KEY = "bench-key"
CASES = {
    "1 per request": (1, "repeated"),
    "64, repeated": (64, "repeated"),
    "64, all new": (64, "new"),
    "1000, repeated": (1000, "repeated"),
}
TARGETS = {
    "SQLite": {"1 per request": 1.2, "64, repeated": 3.5, "64, all new": 1.1, "1000, repeated": 3.5},
    "PostgreSQL": {"1 per request": 1.0, "64, repeated": 2.3, "64, all new": 1.2, "1000, repeated": 2.5},
}
PER_CPU_TARGET = 5.0


@dataclass
class Server:
    """Something under test: where it listens and which processes are its own."""

    name: str
    port: int
    path: str
    pids: list[int]


@dataclass
class Result:
    """All rounds of one server in one case."""

    rates: list[float] = field(default_factory=list)
    per_cpu: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    memory: int = 0


# --- the servers


FRONT: dict[str, Any] = {"proxy_headers": False, "server_header": False, "date_header": False}


def serve(data: Path, database: str, port: int) -> None:
    """The product's door alone under uvicorn; never returns."""
    import uvicorn

    from antiphon import clock, ingest
    from antiphon.core.declaring import Rule, RuleSet
    from antiphon.db.gate import FileGate, OpenGate
    from antiphon.intake.door import Door
    from antiphon.intake.lane import alert_lane
    from antiphon.intake.limits import Limit, Limits
    from antiphon.intake.spool import Spool
    from antiphon.intake.store import open_store

    rules = [
        Rule(id=n, position=n, name=f"rule {n}", expression=f'labels.team == "team-{n}" && severity == "critical"')
        for n in range(1, 20)
    ]
    rule_set = RuleSet([*rules, Rule(id=20, position=20, name="warnings", expression='severity == "warning"')])
    door = Door(
        store=open_store(database or str(data / "antiphon.sqlite3")),
        gate=OpenGate() if database else FileGate(data / "write.lock"),
        spool=Spool(data / "spool"),
        limits=Limits(Limit(rate=1e9, burst=1e9), seconds=time.monotonic),
        formats=ingest.formats(),
        rules=lambda: rule_set,
        clock=clock.now,
        wake=lambda: None,
    )

    async def application(scope, receive, send):  # type: ignore[no-untyped-def]
        if scope["type"] == "http":
            await door(scope, receive, send)
            return
        while True:
            message = await receive()
            await (door.open if message["type"] == "lifespan.startup" else door.close)()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    uvicorn.run(
        application, port=port, log_level="warning", access_log=False, loop="uvloop", http=alert_lane(door), **FRONT
    )


PREPARE = f"""
import django; django.setup()
from django.core.management import call_command; call_command('migrate', verbosity=0)
from antiphon import clock
from antiphon.core.observations import key_hash
from antiphon.db.models import Integration
Integration.objects.create(name='bench', kind='alertmanager', key_hash=key_hash('{KEY}'), key_hint='-key',
    created_at=clock.now())
"""


@contextmanager
def antiphon(name: str, database: str = "", extra_pids: list[int] | None = None) -> Iterator[Server]:
    """The product on a fresh database."""
    data = Path(tempfile.mkdtemp(prefix="antiphon-bench-"))
    environment = os.environ | {
        "ANTIPHON_DATA": str(data),
        "ANTIPHON_DATABASE_URL": database,
        "ANTIPHON_SECRET_KEY": "bench",
        "DJANGO_SETTINGS_MODULE": "antiphon.wiring.settings",
    }
    subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True, cwd=ROOT)
    port = free_port()
    words = ["serve", "--data", str(data), "--database", database, "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "bench.intake", *words], env=environment, cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}/in/{KEY}/-/ready")
        yield Server(name, port, f"/in/{KEY}/api/v2/alerts", [process.pid, *(extra_pids or [])])
    finally:
        stop(process)
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def alertmanager() -> Iterator[Server]:
    """Debian's Alertmanager with one receiver that sends nothing."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        raise SystemExit("Alertmanager is not on this machine: apt install prometheus-alertmanager")
    folder = Path(tempfile.mkdtemp(prefix="antiphon-bench-am-"))
    (folder / "am.yml").write_text("route: {receiver: x}\nreceivers: [{name: x}]\n")
    port = free_port()
    words = [f"--config.file={folder}/am.yml", f"--storage.path={folder}/data", "--cluster.listen-address="]
    words += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    process = subprocess.Popen([program, *words], stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/-/ready")
        yield Server("Alertmanager", port, "/api/v2/alerts", [process.pid])
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that this run started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str) -> None:
    """Until a server answers; gives up after 20 seconds."""
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing answers at {url}") from None
            time.sleep(0.05)


# --- measuring


def with_children(pids: list[int]) -> list[int]:
    """Processes and all that they started."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = list(pids)
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_seconds(pids: list[int]) -> float:
    """CPU used so far by processes, their children and the children they have buried."""
    total = 0
    for pid in with_children(pids):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Resident bytes of one process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def measure(server: Server, size: int, kind: str, seconds: float, result: Result) -> None:
    """One round of one case on one server."""
    words = ["--port", str(server.port), "--path", server.path]
    words += ["--size", str(size), "--kind", kind, "--seconds"]
    program = [sys.executable, "-m", "bench.load", *words]
    subprocess.run([*program, "0.5"], check=True, cwd=ROOT, stdout=subprocess.PIPE)
    before = cpu_seconds(server.pids)
    done = subprocess.run([*program, str(seconds)], check=True, cwd=ROOT, stdout=subprocess.PIPE)
    said = json.loads(done.stdout)
    spent = cpu_seconds(server.pids) - before
    result.rates.append(said["rate"])
    result.p50.append(said["p50"])
    result.p99.append(said["p99"])
    result.cpu.append(spent / seconds)
    result.per_cpu.append(said["rate"] * seconds / max(spent, 0.01))
    result.memory = memory(server.pids[0])


Results = dict[str, dict[str, Result]]


def measure_all(servers: list[Server], cases: list[str], rounds: int, seconds: float) -> Results:
    """Every case on every server, round by round."""
    found: Results = {server.name: {case: Result() for case in cases} for server in servers}
    for case in cases:
        for number in range(rounds):
            order = servers if number % 2 == 0 else servers[::-1]
            for server in order:
                measure(server, *CASES[case], seconds, found[server.name][case])
                rate = found[server.name][case].rates[-1]
                print(f"{case:16} {server.name:14} {rate:>10,.0f}/s", file=sys.stderr, flush=True)
    return found


def ratios(found: Results, name: str, case: str) -> list[float]:
    """How many times Alertmanager's rate, round by round."""
    theirs = found["Alertmanager"][case].rates
    return [ours / other for ours, other in zip(found[name][case].rates, theirs, strict=True)]


def table(found: Results) -> str:
    """The results as Markdown."""
    lines = [report.machine(), ""]
    heads = ["case", "server", "alerts/s min / median / max", "× Alertmanager", "p50 ms", "p99 ms", "CPUs"]
    heads += ["per CPU-second", "× Alertmanager", "RSS MB"]
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for case in next(iter(found.values())):
        for name, results in found.items():
            result = results[case]
            low, middle, high = min(result.rates), statistics.median(result.rates), max(result.rates)
            times = statistics.median(ratios(found, name, case))
            each = statistics.median(result.per_cpu)
            frugal = each / statistics.median(found["Alertmanager"][case].per_cpu)
            lines.append(
                f"| {case} | {name} | {low:,.0f} / {middle:,.0f} / {high:,.0f} | {times:.2f}"
                f" | {statistics.median(result.p50):.2f} | {statistics.median(result.p99):.2f}"
                f" | {statistics.median(result.cpu):.2f} | {each:,.0f} | {frugal:.2f}"
                f" | {result.memory / 1e6:.0f} |"
            )
    return "\n".join(lines)


def missed(found: Results) -> list[str]:
    """The targets that were not reached, a sentence each."""
    sentences = []
    for name, targets in TARGETS.items():
        for case, target in targets.items():
            if name in found and case in found[name]:
                times = statistics.median(ratios(found, name, case))
                if times < target:
                    sentences.append(f"{name}, {case}: {times:.2f} × Alertmanager, target {target} ×.")
    case = "64, repeated"
    if "SQLite" in found and case in found["SQLite"]:
        ours, theirs = (statistics.median(found[name][case].per_cpu) for name in ("SQLite", "Alertmanager"))
        if ours < PER_CPU_TARGET * theirs:
            sentences.append(f"SQLite, {case}: {ours / theirs:.1f} × per CPU-second, target {PER_CPU_TARGET} ×.")
    return sentences


def run(options: argparse.Namespace) -> int:
    """All servers, all cases."""
    from tests import postgres

    cases = [case for case in CASES if options.case in case]
    rounds, seconds = (1, 2.0) if options.quick else (options.rounds, options.seconds)
    with ExitStack() as stack:
        servers = [stack.enter_context(alertmanager())]
        if options.only != "PostgreSQL":
            servers.append(stack.enter_context(antiphon("SQLite")))
        if options.only != "SQLite":
            try:
                cluster = stack.enter_context(postgres.cluster(durable=True))
                pids = [cluster.process.pid]
                servers.append(stack.enter_context(antiphon("PostgreSQL", cluster.url(), pids)))
            except postgres.Absent as absent:
                print(absent, file=sys.stderr)
        found = measure_all(servers, cases, rounds, seconds)
    text = table(found)
    print(text)
    if options.write:
        report.write("bench/intake.py", "Intake", text)
    sentences = missed(found)
    print(*sentences, sep="\n")
    return int(options.check and bool(sentences))


def main() -> int:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--case", default="", help="only the cases with these words")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    inner = parser.add_subparsers(dest="inner")
    server = inner.add_parser("serve", help="(used by the bench itself)")
    server.add_argument("--data", type=Path)
    server.add_argument("--database", default="")
    server.add_argument("--port", type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    if options.inner == "serve":
        serve(options.data, options.database, options.port)
        return 0
    return run(options)


if __name__ == "__main__":
    raise SystemExit(main())
