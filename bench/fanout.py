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
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from bench import report
from bench.intake import free_port
from bench.page import RULES, Sender, fired, raise_limits
from bench.receivers import Receivers

from tests import postgres
from tests.faults.installation import Installation
from tests.faults.organisation import organisation

ROOT = Path(__file__).parent.parent
CONNECTIONS = 16
SHARE = 0.5
"""Of the peer's rate that the outbox is to reach (PERFORMANCE.md)."""
QUEUE_TEN_THOUSAND = 10.0
"""Seconds in which 10,000 mails are to be queued."""
PAGES = 20
PAGE_P99 = 1000.0
PATIENCE = 1800.0
FACTS = {
    "what_happens": "Payments by card fail",
    "symptoms": "The checkout shows an error after you press Pay",
    "scope": "About one in five payments",
    "detected": "Seen by our own monitoring at 09:00 UTC",
    "workaround": "Pay by bank transfer",
    "actions": "We moved payments to the second data centre",
    "customer_action": "Nothing; failed payments are not charged",
}


@dataclass
class Line:
    """What one round of one server came to. `size`: bytes of one mail as it left."""

    server: str
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


def tell(recipients: int) -> None:
    """In a process of its own: seed contacts, declare, draft, approve, and publish; prints what it took as JSON."""
    import django

    django.setup()
    from antiphon import clock
    from antiphon.actions import facts, incidents, updates
    from antiphon.core.decision import Actor, Refusal
    from antiphon.db.models import Delivery, Organisation, Person, Update

    Organisation.objects.update(support="support@bench.example or +49 30 555 0100")
    entity = _seed(recipients, now=clock.now())
    drafts, approves = (Actor(kind="person", uid=each.uid, role="admin") for each in Person.objects.order_by("id")[:2])
    made = incidents.declare(
        title="Payments fail", severity=2, incident_type="disruption", reason="bench", entities=(entity,),
        actor=drafts, now=clock.now(),
    )  # fmt: skip
    assert not isinstance(made, Refusal), made
    for name, text in FACTS.items():
        facts.record(incident=made.uid, name=name, text=text, audiences=None, actor=drafts, now=clock.now())
    uid = updates.draft(incident=made.uid, moment="first_word", audiences=["business"], actor=drafts, now=clock.now())
    assert not isinstance(uid, Refusal), uid
    for version in Update.objects.get(uid=uid).versions.all():
        refused = updates.approve(
            update=uid, audience=version.audience, digest=version.digest, actor=approves, now=clock.now()
        )
        assert refused is None, refused
    started = time.perf_counter()
    refused = updates.publish(update=uid, actor=drafts, now=clock.now())
    took = time.perf_counter() - started
    assert refused is None, refused
    one = Delivery.objects.filter(outside=True).select_related("text").first()
    assert one is not None
    print(json.dumps({"seconds": took, "at": time.time(), "size": len(one.text.body_text + one.text.body_html)}))


def _seed(recipients: int, *, now: Any) -> str:
    from antiphon.db import revisions
    from antiphon.db.models import Contact, Entity, Link

    shop = Entity.objects.create(
        kind="application", name="checkout", title="Checkout", customer_facing=True, updated_at=now
    )
    customers = Entity.objects.bulk_create(
        [
            Entity(kind="customer", name=f"customer-{n}", title=f"Customer {n}", updated_at=now)
            for n in range(max(recipients // 10, 1))
        ],
        batch_size=1000,
    )
    Link.objects.bulk_create(
        [Link(source=each, target=shop, kind="contracted_for") for each in customers], batch_size=1000
    )
    Contact.objects.bulk_create(
        [
            Contact(customer=customers[n % len(customers)], name=f"Reader {n}", email=f"reader-{n}@bench.example")
            for n in range(recipients)
        ],
        batch_size=1000,
    )
    revisions.bump(revisions.CATALOG)
    return shop.name


async def product(name: str, port: int, recipients: int) -> tuple[Line, int]:
    """One round of the product; answers its figures and the bytes of its text."""
    line = Line(name)
    with ExitStack() as stack:
        async with Receivers() as receivers:
            url = stack.enter_context(postgres.cluster(durable=True)).url() if name == "PostgreSQL" else ""
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-bench-")))
            house = stack.enter_context(Installation(folder, url))
            hook = f"http://127.0.0.1:{receivers.web_port}/"
            text = organisation(people=2, services=PAGES + 1, smtp=port, hook=hook)
            await asyncio.to_thread(house.apply, f"{text}{yaml.safe_dump(RULES)}")
            await asyncio.to_thread(raise_limits, house)
            path = await asyncio.to_thread(house.key, "bench")
            await asyncio.to_thread(house.start, "up")
            told = json.loads(await asyncio.to_thread(_told, house, recipients))
            line.queued_seconds = told["seconds"]
            sender = Sender(name, f"{path}/api/v2/alerts", house.port)
            paging = asyncio.create_task(_pages(sender, receivers, line))
            await asyncio.to_thread(_wait_until_sent, house, line)
            ended = house.one("SELECT max(done_at) FROM delivery WHERE outside") / 1e6
            line.rate = line.sent / max(ended - told["at"], 1e-6)
            paging.cancel()
            await asyncio.gather(paging, return_exceptions=True)
            tries = "SELECT count(*) FROM attempt a JOIN delivery d ON d.id = a.delivery_id WHERE d.outside"
            line.twice = max(house.one(tries) - line.sent, 0)
    return line, told["size"]


def _told(house: Installation, recipients: int) -> str:
    settings = {"DJANGO_SETTINGS_MODULE": "antiphon.wiring.settings"}
    words = [sys.executable, "-m", "bench.fanout", "tell", "--recipients", str(recipients)]
    environ = {**house._environment(), **settings}
    done = subprocess.run(words, capture_output=True, text=True, env=environ, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"Telling failed: {done.stderr[-3000:]}")
    return done.stdout.splitlines()[-1]


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
        "queued in one transaction, s",
        "mails/s",
        "of raw SMTP",
        "sent",
        "tried twice",
        "page p50 / max, ms",
    ]
    best = sorted(rates)[len(rates) // 2]
    rows = [["raw pipelined SMTP", "–", f"{min(rates):,.0f} / {best:,.0f} / {max(rates):,.0f}", "1.00", "–", "–", "–"]]
    for line in lines:
        pages = f"{report.percentile(line.pages, 0.5):,.0f} / {max(line.pages):,.0f}" if line.pages else "–"
        rows.append(
            [
                line.server, f"{line.queued_seconds:.1f}", f"{line.rate:,.0f}", f"{line.rate / best:.2f}",
                f"{line.sent:,}", str(line.twice), pages,
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
        for name in names:
            line, size = await product(name, port, recipients)
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
    parser.add_argument("what", nargs="?", choices=["tell"], help="(used by the bench itself)")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args()
    if asked.what:
        tell(asked.recipients)
        return 0
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
