"""What hangs on what in a catalog of 100,000 entities and 500,000 links: blast radius, roll-up, what a change costs.

    python -m bench.catalog                          fill SQLite and PostgreSQL, then print the table
    python -m bench.catalog --check                  also exit 1 when a target is missed
    python -m bench.catalog --write                  also put the table into docs/reference/performance.md
    python -m bench.catalog --database sqlite        only one of them (sqlite, postgres; default: both)
    python -m bench.catalog --quick                  a hundredth of everything, to see that it runs
    python -m bench.catalog --keep DIR               fill this folder, or use it as it was left (SQLite)

Beside them, in the same run and on the same rows: the plain search by recursive SQL, and by Python over dictionaries
of names. Both answer names alone; they know neither redundancy nor the ways, and read nothing that the catalog says.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench import report
from bench.screens import ROOT, House

from tests import postgres

Found = Mapping[str, list[float]]
LINES = {
    "radius": "blast radius, with all that the catalog says of what is reached",
    "radius, CPU": "… CPU of the process",
    "radius again": "… once more",
    "by SQL": "… names alone, recursive SQL",
    "by Python": "… names alone, dictionaries in Python",
    "wide": "a platform fails: what is reached, and by what",
    "wide by SQL": "… recursive SQL",
    "wide by Python": "… dictionaries in Python",
    "wide, all said": "… with all that the catalog says of it",
    "idle look": "status: a look that finds nothing new",
    "alert": "status: from a grouped alert to the last span written",
    "ended": "status: the same when it ends",
    "build, links as before": "the catalog changed, no link went: build",
    "build, a link less": "the catalog changed, a link went: build",
    "pause": "longest pause of a thread that works meanwhile",
}
TARGETS = {"radius": (10.0, 30.0, None), "alert": (None, None, 1000.0), "ended": (None, None, 1000.0)}
"""Milliseconds, for the median, the 95th percentile and the slowest."""


def measure(house: House, share: float) -> Found:
    """One database, in a process of its own."""
    words = [sys.executable, "-m", "bench.large_catalog", "--share", str(share)]
    done = subprocess.run(words, env=house.environment(), check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    found: Found = json.loads(done.stdout)
    return found


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile, slowest."""
    return statistics.median(values), report.percentile(values, 0.95), max(values)


def table(found: Mapping[str, Found]) -> str:
    """The figures as Markdown."""
    heads, rows = ["ms, median / p95 / max", *found], []
    for key, label in LINES.items():
        rows.append([label, *(" / ".join(f"{ms:,.1f}" for ms in spread(each[key])) for each in found.values())])
    rows.append(["first build of a process, ms", *(f"{each['build'][0]:,.0f}" for each in found.values())])
    rows.append(["memory that it takes, MB", *(f"{each['memory, MB'][0]:,.0f}" for each in found.values())])
    first = next(iter(found.values()))
    size = (
        f"{first['entities'][0]:,.0f} entities, {first['links'][0]:,.0f} links; a failure reaches"
        f" {statistics.median(first['reached']):,.0f} entities (median, at most {max(first['reached']):,.0f}),"
        f" a platform's {statistics.median(first['wide reached']):,.0f}; an alert writes"
        f" {statistics.median(first['written']):,.0f} spans while {first['troubled'][0]:,.0f} are open."
    )
    return f"{report.machine()}; {size}\n\n{report.table(heads, rows)}"


def missed(found: Mapping[str, Found]) -> list[str]:
    """What was not reached, a sentence each."""
    names = ("median", "95th percentile", "slowest")
    return [
        f"{database}, {LINES[key]}: {name} {ms:.1f} ms, target {target:.0f} ms."
        for database, each in found.items()
        for key, targets in TARGETS.items()
        for name, ms, target in zip(names, spread(each[key]), targets, strict=True)
        if target is not None and ms > target
    ]


def run(asked: argparse.Namespace) -> int:
    """Fill, measure and tell."""
    share, found = 0.01 if asked.quick else 1.0, {}
    with ExitStack() as stack:
        folder = lambda: Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-bench-")))  # noqa: E731
        if asked.database != "postgres":
            found["SQLite"] = measure(House(asked.keep or folder()), share)
        if asked.database != "sqlite":
            cluster = stack.enter_context(postgres.cluster(durable=True))
            found["PostgreSQL"] = measure(House(folder(), cluster.url()), share)
    text = table(found)
    print(text)
    if asked.write:
        report.write("bench/catalog.py", "A large catalog", text)
    sentences = missed(found)
    print(*sentences, sep="\n")
    return int(asked.check and bool(sentences))


def main() -> int:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder to fill and keep (SQLite)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    return run(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())
