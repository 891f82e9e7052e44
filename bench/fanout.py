"""One publication to a whole country: how fast it is queued and sent, beside raw pipelined SMTP to the same sink.

    python -m bench.fanout                        print the table (100,000 recipients, about five minutes)
    python -m bench.fanout --check                also exit 1 when a target is missed
    python -m bench.fanout --write                also put the table into docs/reference/performance.md
    python -m bench.fanout --recipients 10000     fewer of them
    python -m bench.fanout --database postgres    only on PostgreSQL (sqlite, postgres; default: both)

A whole installation, `antiphon up` on a durable database. One incident reaches every customer; one person drafts,
another approves, and publishing queues a mail for each contact in one transaction. The sink is postfix's smtp-sink
(Debian: apt install postfix), which keeps nothing. The peer sends as many mails of the same size over 16 connections
with nothing to remember: no database, no outcome, no second look. While the mails go out, alerts come in and are paged
by webhook, so that it shows whether pages wait behind a mailing. All of it shares the machine's cores.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from bench import report
from bench.intake import free_port
from bench.page import RULES, Sender, fired, raise_limits
from bench.receivers import Receivers

from tests import postgres
from tests.faults import mailing
from tests.faults.installation import Installation
from tests.faults.organisation import organisation

CONNECTIONS = 16
SETUPS = ((1, 1), (1, 6), (2, 6))
"""Processes that send, and mails that each may have unconfirmed: as it comes; as many of these as the mail channel may
be set to, one for each connection of a mailing; and the same for both cores."""
SHARE = 0.5
"""Of the peer's rate that the outbox is to reach (PERFORMANCE.md)."""
QUEUE_TEN_THOUSAND = 10.0
"""Seconds in which 10,000 mails are to be queued."""
PAGES = 20
PAGE_P99 = 1000.0
PATIENCE = 1800.0


@dataclass
class Line:
    """What one round of one server came to.

    senders      processes that send
    unconfirmed  mails that a worker which is killed may send twice
    cpu          µs of the sending processes for each mail, from the publication until all are sent
    """

    server: str
    senders: int = 1
    unconfirmed: int = 1
    cpu: float = 0.0
    queued_seconds: float = 0.0
    rate: float = 0.0
    sent: int = 0
    twice: int = 0
    pages: list[float] = field(default_factory=list)


# --- the sink and the peer


@contextmanager
def sink() -> Iterator[int]:
    """postfix's smtp-sink on a port of its own, taking as much as comes."""
    program = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
    if not Path(program).exists():
        raise SystemExit("smtp-sink is not on this machine: apt install postfix")
    port = free_port()
    process = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "512"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait()


async def raw(port: int, count: int, mail: bytes) -> float:
    """Mails a second over `CONNECTIONS` pipelined connections, built beforehand."""
    started = time.perf_counter()
    share = [count // CONNECTIONS] * CONNECTIONS
    await asyncio.gather(*(_connection(port, each, mail) for each in share))
    return sum(share) / (time.perf_counter() - started)


async def _connection(port: int, count: int, mail: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b"EHLO bench\r\n")
    while (await reader.readline())[3:4] == b"-":
        pass
    opening = b"MAIL FROM:<incidents@bench.example>\r\nRCPT TO:<reader@bench.example>\r\nDATA\r\n"
    writer.write(opening)
    for left in reversed(range(count)):
        for _ in range(3):
            await reader.readline()
        writer.write(mail + b"\r\n.\r\n" + (opening if left else b"QUIT\r\n"))
        if not (await reader.readline()).startswith(b"250"):
            raise SystemExit("The sink refused a mail.")
    writer.close()


# --- the product


async def product(name: str, port: int, recipients: int, senders: int, unconfirmed: int) -> tuple[Line, int]:
    """One round of the product; answers its figures and the bytes of its text."""
    line = Line(name, senders, unconfirmed)
    with ExitStack() as stack:
        async with Receivers() as receivers:
            url = stack.enter_context(postgres.cluster(durable=True)).url() if name == "PostgreSQL" else ""
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-bench-")))
            house = stack.enter_context(Installation(folder, url))
            hook = f"http://127.0.0.1:{receivers.web_port}/"
            wanted = yaml.safe_load(organisation(people=2, services=PAGES + 1, smtp=port, hook=hook)) | RULES
            wanted["mail"]["unconfirmed"] = unconfirmed
            await asyncio.to_thread(house.apply, yaml.safe_dump(wanted))
            await asyncio.to_thread(raise_limits, house)
            path = await asyncio.to_thread(house.key, "bench")
            up = await asyncio.to_thread(house.start, "up", "--senders", str(senders))
            sending = house.children(up, "sender")
            before = sum(cpu_seconds(each.pid) for each in sending)
            told = await asyncio.to_thread(mailing.told, house, recipients)
            line.queued_seconds = told["seconds"]
            sender = Sender(name, f"{path}/api/v2/alerts", house.port)
            paging = asyncio.create_task(_pages(sender, receivers, line))
            await asyncio.to_thread(_wait_until_sent, house, line)
            ended = house.one("SELECT max(done_at) FROM delivery WHERE outside") / 1e6
            line.rate = line.sent / max(ended - told["at"], 1e-6)
            line.cpu = (sum(cpu_seconds(each.pid) for each in sending) - before) / max(line.sent, 1) * 1e6
            paging.cancel()
            await asyncio.gather(paging, return_exceptions=True)
            line.twice = house.one("SELECT count(*) FROM delivery WHERE outside AND attempts > 1")
    return line, told["size"]


def cpu_seconds(pid: int) -> float:
    """What a process has taken of the CPU until now, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _pages(sender: Sender, receivers: Receivers, line: Line) -> None:
    for _ in range(PAGES):
        line.pages += (await fired(sender, {"webhook": receivers.web}, 1))["webhook"]
        await asyncio.sleep(0.3)


def _wait_until_sent(house: Installation, line: Line) -> None:
    deadline = time.monotonic() + PATIENCE
    while house.one("SELECT count(*) FROM delivery WHERE outside AND state = 'queued'"):
        if time.monotonic() > deadline:
            raise SystemExit("Mails were still waiting after half an hour.")
        time.sleep(0.5)
    line.sent = house.one("SELECT count(*) FROM delivery WHERE outside AND state = 'sent'")


# --- telling


def table(lines: list[Line], rates: list[float], recipients: int) -> str:
    """The figures as Markdown."""
    heads = [
        "server",
        "senders",
        "unconfirmed",
        "queued in one transaction, s",
        "mails/s",
        "of raw SMTP",
        "CPU, µs a mail",
        "sent",
        "tried twice",
        "page p50 / max, ms",
    ]
    best = sorted(rates)[len(rates) // 2]
    spread = f"{min(rates):,.0f} / {best:,.0f} / {max(rates):,.0f}"
    rows = [["raw pipelined SMTP", "1", str(CONNECTIONS), "–", spread, "1.00", *["–"] * 4]]
    for line in lines:
        pages = f"{report.percentile(line.pages, 0.5):,.0f} / {max(line.pages):,.0f}" if line.pages else "–"
        rows.append(
            [
                line.server, str(line.senders), str(line.unconfirmed), f"{line.queued_seconds:.1f}",
                f"{line.rate:,.0f}", f"{line.rate / best:.2f}", f"{line.cpu:.0f}", f"{line.sent:,}",
                str(line.twice), pages,
            ]
        )  # fmt: skip
    return f"{report.machine()}; {recipients:,} recipients, smtp-sink.\n\n{report.table(heads, rows)}"


def missed(lines: list[Line], rates: list[float], recipients: int) -> list[str]:
    """The targets that were not reached, a sentence each."""
    best, sentences = sorted(rates)[len(rates) // 2], []
    for line in lines:
        if line.rate < SHARE * best:
            sentences.append(f"{line.server}: {line.rate / best:.2f} × raw SMTP, target {SHARE:g} ×.")
        if line.queued_seconds * 10_000 / recipients > QUEUE_TEN_THOUSAND:
            sentences.append(f"{line.server}: queued in {line.queued_seconds:.1f} s, target 10 s for 10,000.")
        if line.sent != recipients:
            sentences.append(f"{line.server}: {line.sent:,} of {recipients:,} sent.")
        if line.pages and max(line.pages) > PAGE_P99:
            sentences.append(f"{line.server}: a page took {max(line.pages):,.0f} ms, target {PAGE_P99:,.0f} ms.")
    return sentences


async def measure(names: list[str], recipients: int) -> tuple[list[Line], list[float]]:
    """The peer before and after each product."""
    lines, rates = [], []
    with sink() as port:
        size = 3000
        for name, (senders, unconfirmed) in itertools.product(names, SETUPS):
            line, size = await product(name, port, recipients, senders, unconfirmed)
            lines.append(line)
            rates.append(
                await raw(port, recipients, b"Subject: bench\r\n\r\n" + b"x" * 76 + b"\r\n" * 2 + _filled(size))
            )
    return lines, rates


def _filled(size: int) -> bytes:
    return b"\r\n".join([b"x" * 76] * (size // 78))


def main() -> int:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args()
    names = [] if asked.database == "postgres" else ["SQLite"]
    names += [] if asked.database == "sqlite" else ["PostgreSQL"]
    lines, rates = asyncio.run(measure(names, asked.recipients))
    text = table(lines, rates, asked.recipients)
    print(text)
    if asked.write:
        report.write("bench/fanout.py", "One publication to very many", text)
    sentences = missed(lines, rates, asked.recipients)
    print(*sentences, sep="\n")
    return int(asked.check and bool(sentences))


if __name__ == "__main__":
    raise SystemExit(main())
