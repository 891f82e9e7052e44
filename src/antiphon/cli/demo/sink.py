"""The demo's own mail server: takes every mail by SMTP on loopback and keeps it for the page of mailboxes.

What a line of the file holds stands in `web/mailboxes.py`, which reads it.
"""

import asyncio
import email
import email.policy
import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

from antiphon import clock

FOLDER: Final = "mailboxes"
FILE: Final = "mails.jsonl"
"""As in `web/mailboxes.py`, which must not be read before Django is set up."""
HOST: Final = "127.0.0.1"
LARGEST: Final = 2_000_000
SAME_TEXT: Final = "X-Antiphon-Text"
"""Tells the mails of one text, which differ in greeting and links only."""
KEPT: Final = ("Message-ID", "In-Reply-To", "Date", "List-Unsubscribe")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived; `at` is the clock's instant."""

    to: str
    subject: str
    text: str
    at: datetime


class Sink:
    """Takes mail while the block lasts, in a thread of its own. `mails` are those of this run, in order of arrival."""

    def __init__(self, data: Path) -> None:
        self.mails: list[Mail] = []
        self.port = 0
        self._path = data / FOLDER / FILE
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail sink", daemon=True)

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab")
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._file.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._session, HOST, 0)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _session(self) -> SMTP:
        return SMTP(self, data_size_limit=LARGEST, hostname="mail.demo", ident="Antiphon demo", loop=self._loop)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 – its name
        """Keep the mail, a line of the file for each who gets it."""
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        at = clock.now()
        for to in envelope.rcpt_tos:
            self._keep(to, envelope.mail_from or "", parsed, at)
        return "250 kept"

    def _keep(self, to: str, sender: str, parsed: EmailMessage, at: datetime) -> None:
        subject, text = str(parsed["subject"] or ""), _body(parsed, "plain")
        headers = {name: str(parsed[name]) for name in KEPT if parsed[name]}
        line: dict[str, Any] = {
            "to": to,
            "from": sender,
            "subject": subject,
            "text": text,
            "html": _body(parsed, "html"),
            "at": at,
            "headers": headers | {SAME_TEXT: same_text(subject, text)},
        }
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()
        self.mails.append(Mail(to, subject, text, at))


def same_text(subject: str, text: str) -> str:
    """What all mails of one text have in common: a digest without the greeting and each reader's own links."""
    lines = [line for line in text.splitlines() if not line.startswith("Hello") and "://" not in line]
    return hashlib.sha256("\n".join([subject, *lines]).encode()).hexdigest()[:16]


def _body(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
