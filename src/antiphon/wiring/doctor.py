"""What `antiphon doctor` looks at: each finding says how it is, and when something is wrong, the mend."""

import asyncio
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django
from django.db import DatabaseError, connection

from antiphon import __version__, clock
from antiphon.actions import held, nodes
from antiphon.channels import channel as channels
from antiphon.channels import mail
from antiphon.channels import settings as forms
from antiphon.config import Config, ConfigError
from antiphon.core.questions import QUESTIONS
from antiphon.db import addresses, channel_settings
from antiphon.db.models import Event, Node, PageTarget
from antiphon.db.secrets import WrongKey
from antiphon.egress.transport import Transport
from antiphon.engine import duties
from antiphon.ingest import formats
from antiphon.queries import auditing
from antiphon.queries.reactions import doors
from antiphon.wiring import database, sending

LOW_DISK_BYTES = 500_000_000
CLOCK_MARGIN = timedelta(minutes=2)
MAIL_SECONDS = 5.0
SEEN_SECONDS = 30.0
PUSHED_WITHIN = timedelta(minutes=10)
AUDIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, how it is, and the mend when it is wrong."""

    name: str
    says: str
    mend: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody has to do something."""
        return bool(self.mend)


def look(config: Config, *, now: datetime) -> list[Finding]:
    """Everything, in the order in which it can break. A part that breaks by itself is a finding too."""
    found: list[Finding] = []
    for part in (
        _versions, _registries, _folder, _database, _clock, _mail, _held, _returns,
        _address, _page_targets, _processes, _audit,
    ):  # fmt: skip
        found += _safely(part, config, now)
        if any(one.wrong and one.name == "database" for one in found):
            break  # what follows is asked of the database
    return found


Part = Callable[[Config, datetime], Iterator[Finding]]


def _safely(part: Part, config: Config, now: datetime) -> list[Finding]:
    name = part.__name__.strip("_")
    try:
        return list(part(config, now))
    except ConfigError as error:
        return [Finding(name, "cannot be used", str(error))]
    except (DatabaseError, OSError, RuntimeError, TypeError, channels.BrokenRegistry) as error:
        return [Finding(name, "cannot be looked at", " ".join(str(error).split()))]


def _versions(config: Config, now: datetime) -> Iterator[Finding]:
    yield Finding("antiphon", __version__)
    yield Finding("python", platform.python_version())
    yield Finding("django", django.get_version())
    if not config.is_postgresql:
        import pysqlite3  # only where it is used

        yield Finding("sqlite", str(pysqlite3.dbapi2.sqlite_version))


def _registries(config: Config, now: datetime) -> Iterator[Finding]:
    yield Finding("channels", ", ".join(channels.registry()))
    yield Finding("alert formats", ", ".join(formats()))
    yield Finding("duties", ", ".join(duty.name for duty in duties.registry()))
    yield Finding("questions", ", ".join(f"{one.number} {one.slug}" for one in QUESTIONS))


def _folder(config: Config, now: datetime) -> Iterator[Finding]:
    says = str(config.data)
    if not os.access(config.data, os.W_OK | os.X_OK):
        yield Finding("data folder", says, f"This user may not write there: chown -R $(id -un) {config.data}")
    elif (secret := config.data / "secret.key").exists() and secret.stat().st_mode & 0o077:
        yield Finding("data folder", says, f"Others may read the secret: chmod 600 {secret}")
    else:
        yield Finding("data folder", says)
    free = shutil.disk_usage(config.data).free
    low = "Free some: alerts are refused when the disk is full." if free < LOW_DISK_BYTES else ""
    yield Finding("disk", f"{free / 1e9:.1f} GB free", low)


def _database(config: Config, now: datetime) -> Iterator[Finding]:
    if not config.is_postgresql and not config.database_path.exists():
        yield Finding("database", "none yet", f"Start with `antiphon up --data {config.data}`, which makes one.")
        return
    database.require_current(config)
    where = "PostgreSQL" if config.is_postgresql else str(config.database_path)
    version = f" {connection.pg_version // 10000}" if config.is_postgresql else ""  # type: ignore[attr-defined]
    yield Finding("database", f"{where}{version}, migrations up to date")


def _clock(config: Config, now: datetime) -> Iterator[Finding]:
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if clock.rate() != 1.0:
        shown += f", running {clock.rate():g} times as fast ({config.data / clock.FILE_NAME})"
    last = Event.objects.order_by("-id").values_list("at", flat=True).first()
    behind = last is not None and last > now + CLOCK_MARGIN
    mend = f"The record goes up to {last:%Y-%m-%d %H:%M} UTC: set this machine's clock by NTP." if behind else ""
    yield Finding("clock", shown, mend)


def _mail(config: Config, now: datetime) -> Iterator[Finding]:
    try:
        values = channel_settings.load(mail.NAME)
    except WrongKey as error:
        yield Finding("mail", "its secrets do not open", str(error))
        return
    if values is None:
        mend = "Nobody gets mail: set the mail server up in the set-up, or with `antiphon apply`."
        yield Finding("mail", "not set up", mend)
        return
    made: Any = forms.read(mail.Settings, values)
    if isinstance(made, list):
        yield Finding("mail", "not usable", " ".join(problem.sentence for problem in made))
        return
    says = f"{made.host} port {made.port}, {made.security}, from {made.from_address}"
    # Made out here: it reads the base URL from the database, which no coroutine may.
    transport = Transport(sending.policy(config), deadline=MAIL_SECONDS)
    yield Finding("mail", says, asyncio.run(_mail_trouble(made, transport)) or "")


async def _mail_trouble(settings: mail.Settings, transport: Transport) -> str | None:
    try:
        return await mail.trouble(settings, transport)
    finally:
        await transport.aclose()


def _held(config: Config, now: datetime) -> Iterator[Finding]:
    count = held.held().count()
    if count:
        mend = "They are from before a standstill or a restore: `antiphon mail held --release`, or `--drop`."
        yield Finding("messages held", f"{count:,} to readers outside", mend)


def _returns(config: Config, now: datetime) -> Iterator[Finding]:
    found = doors.standing(now=now)
    if not found.set_up:
        yield Finding("mail that comes back", "not set up: bounces and replies stay in the sender's own mailbox")
        return
    ways = [f"return address {found.return_address}"] if found.return_address else []
    ways += [f"{found.keys} keys for providers"] if found.keys else []
    last = f"the last came at {found.last_at:%Y-%m-%d %H:%M} UTC" if found.last_at else "none has come yet"
    yield Finding("mail that comes back", f"{', '.join(ways) or 'no way in any more'}; {last}")


def _address(config: Config, now: datetime) -> Iterator[Finding]:
    url = addresses.base_url()
    local = url.startswith(("http://127.", "http://localhost", "http://0.0.0.0", "http://[::"))
    note = ", reached from this machine only: links in mails need the base URL of the set-up" if local else ""
    yield Finding("base URL", f"{url}{note}")


def _page_targets(config: Config, now: datetime) -> Iterator[Finding]:
    for row in PageTarget.objects.all():
        last = f"last there at {row.pushed_at:%Y-%m-%d %H:%M} UTC" if row.pushed_at else "not there yet"
        late = row.pushed_at is not None and now - row.pushed_at > PUSHED_WITHIN
        silent = "Nothing was pushed for minutes: is a web process running?" if late else ""
        yield Finding(f"pages to {row.name}", last, row.trouble or silent)


def _processes(config: Config, now: datetime) -> Iterator[Finding]:
    seen = Node.objects.filter(seen_real__gt=clock.real() - SEEN_SECONDS).exclude(kind__startswith=nodes.LEFT)
    rows = list(seen.order_by("name"))
    yield Finding("processes", ", ".join(f"{row.name} ({row.version})" for row in rows) or "none running")
    other = sorted({row.version for row in rows} - {__version__})
    if other:
        yield Finding("versions", ", ".join(other), f"Processes of another version run: restart them as {__version__}.")


def _audit(config: Config, now: datetime) -> Iterator[Finding]:
    looked, running = auditing.last(pace=clock.rate(), now=now), Node.objects.filter(kind="engine")
    alive = running.filter(seen_real__gt=clock.real() - SEEN_SECONDS, started_real__lt=clock.real() - AUDIT_SECONDS)
    late = alive.exists() and (looked.at is None or looked.silent)
    yield Finding("audit", looked.says, "An engine runs and does not audit: look at its log." if late else "")
    for one in auditing.found(limit=50, pace=clock.rate(), now=now):
        yield Finding("found", one.sentence, one.mend)
