"""E-mail by SMTP: one mail per recipient, threaded per incident and audience, never answered by machines.

Headers follow RFC 3834 (Auto-Submitted), RFC 8058 (one-click unsubscribe) and RFC 5322 (threading). The Message-ID
comes from the delivery id, so a mail that had to be sent twice is recognised as one.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Final, Literal

from antiphon.channels.settings import Problem, option
from antiphon.core.sending import (
    SLOT,
    Dead,
    Envelope,
    InsideText,
    Outcome,
    OutsideText,
    Retry,
    Sent,
    UnknownSlot,
    fill,
    opaque,
)
from antiphon.egress.failures import Refused
from antiphon.egress.guard import plain_host
from antiphon.egress.smtp import Answer, Message
from antiphon.egress.smtp_wire import MailServer, Reply
from antiphon.egress.transport import Transport

NAME: Final = "mail"
LABEL: Final = "E-mail"
MAX_BYTES: Final = 512 * 1024
TOGETHER: Final = True

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,253}"
_LINK = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]{1,900}")
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How mail leaves the house."""

    host: str = option("Mail server", "Name of the server that takes our mail.", pattern=r"[^\s/@]+")
    port: int = option("Port", "587 for STARTTLS, 465 for TLS, 25 for a relay.", default=587)
    security: Literal["starttls", "tls", "none"] = option(
        "Encryption", "A password is only sent encrypted.", default="starttls"
    )
    username: str = option("User name", "Leave empty if the server asks for none.", default="")
    password: str = option("Password", "Belongs to the user name.", secret=True, default="")
    from_address: str = option("Sender address", "For example incidents@example.org.", pattern=_ADDRESS)
    from_name: str = option("Sender name", "Shown beside the address.", default="Antiphon")
    reply_to: str = option("Reply address", "Where answers go; empty: the sender.", pattern=_ADDRESS, default="")
    return_address: str = option(
        "Return address",
        "Its mail is handed to Antiphon: bounces, and answers where no reply address is set. With a + before the @ "
        "(back+@example.org) every mail has an address of its own. Empty: bounces go to the sender.",
        pattern=_ADDRESS,
        default="",
    )

    def problems(self) -> list[Problem]:
        """What is wrong between fields."""
        found = []
        if not 1 <= self.port <= 65535:
            found.append(Problem("port", "Port must lie between 1 and 65535."))
        if self.username and self.security == "none":
            found.append(Problem("security", "A password is never sent unencrypted; choose STARTTLS or TLS."))
        addresses = {
            "from_address": self.from_address, "reply_to": self.reply_to, "return_address": self.return_address
        }  # fmt: skip
        wrong = {field: check_address(address) for field, address in addresses.items() if address}
        return found + [Problem(field, sentence) for field, sentence in wrong.items() if sentence]


def check_address(address: str) -> str | None:
    """What is wrong with a mail address, or None. Letters outside ASCII are possible after the @ only."""
    if not re.fullmatch(_ADDRESS, address):
        return "The mail address does not have the form name@example.org; correct it."
    try:
        plain_host(address.rpartition("@")[2])
    except Refused:
        return "The part of the mail address after the @ is not a domain; correct it."
    return None


async def send(envelope: Envelope, settings: Settings, transport: Transport, *, now: datetime) -> Outcome:
    """Hand one mail to the server. Sent.reference is its Message-ID."""
    return (await send_many([envelope], settings, transport, now=now))[0]


async def send_many(
    envelopes: Sequence[Envelope], settings: Settings, transport: Transport, *, now: datetime
) -> list[Outcome]:
    """Hand many mails to the server over pipelined connections; what the texts share is encoded once."""
    skeletons: dict[tuple[OutsideText | InsideText, str | None], _Skeleton] = {}
    written: list[tuple[str, Message] | Dead] = []
    for envelope in envelopes:
        key = (envelope.text, envelope.thread)
        if key not in skeletons:
            skeletons[key] = _Skeleton(*key, settings, now)
        written.append(_write(envelope, skeletons[key], settings))
    messages = [entry[1] for entry in written if not isinstance(entry, Dead)]
    answers = iter(await transport.smtp.send(_server(settings), messages))
    return [entry if isinstance(entry, Dead) else _outcome(next(answers), entry[0]) for entry in written]


async def trouble(settings: Settings, transport: Transport) -> str | None:
    """What keeps the mail server from taking our mail, found by signing in and sending none; None when nothing does."""
    failure = await transport.smtp.greet(_server(settings))
    return None if failure is None else str(failure)


def _server(settings: Settings) -> MailServer:
    return MailServer(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        username=settings.username,
        password=settings.password,
        our_name=_domain(settings.from_address),
    )


def _outcome(answer: Answer, message_id: str) -> Outcome:
    if not isinstance(answer, Reply):
        return Dead(str(answer)) if isinstance(answer, Refused) else Retry(str(answer))
    words = _line(f"{answer.code} {answer.text}")[:300]
    if answer.ok:
        return Sent(message_id, words)
    return Retry(f"The mail server said: {words}") if answer.code < 500 else Dead(f"The mail server said: {words}")


def _write(envelope: Envelope, skeleton: _Skeleton, settings: Settings) -> tuple[str, Message] | Dead:
    known = _ID.fullmatch(envelope.delivery_id)
    message_id = f"<{envelope.delivery_id if known else opaque(envelope.delivery_id)}@{_domain(settings.from_address)}>"
    local, _, domain = envelope.to.rpartition("@")
    recipient = f"{local}@{plain_host(domain)}"
    link = envelope.recipient_slots.get("unsubscribe_url")
    if link is not None and not _LINK.fullmatch(link):
        return Dead("The unsubscribe link is not a URL; check the base URL in the settings.")
    returns_to = _returns_to(settings, envelope.delivery_id if known else "")
    reply_to = envelope.extra.get("reply_to", settings.reply_to) or returns_to
    if reply_to and check_address(reply_to):
        return Dead("The reply address does not have the form name@example.org; correct it.")
    own = [f"To: <{recipient}>", f"Message-ID: {message_id}"]
    if reply_to:
        own.append(f"Reply-To: <{_ascii(reply_to)}>")
    if link is not None:
        own += [f"List-Unsubscribe: <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    try:
        data = skeleton.message(own, envelope.recipient_slots)
    except UnknownSlot as error:
        return Dead(str(error))
    sender = _ascii(returns_to or settings.from_address)
    return message_id, Message(sender=sender, recipient=recipient, data=data)


def _returns_to(settings: Settings, delivery_id: str) -> str:
    """Where bounces of this one mail go, and its answers; "" for the sender."""
    local, _, domain = settings.return_address.rpartition("@")
    if not local.endswith("+"):
        return settings.return_address
    return f"{local}{delivery_id}@{domain}" if delivery_id else f"{local[:-1]}@{domain}"


class _Skeleton:
    """All that the mails of one text share, encoded once: building each by the library is a hundred times slower."""

    def __init__(self, text: OutsideText | InsideText, thread: str | None, settings: Settings, now: datetime) -> None:
        self._shared = _shared_headers(text, thread, settings, now)
        self._plain = _Part("plain", text.body_text)
        self._html = _Part("html", text.body_html) if text.body_html else None

    def message(self, own_headers: Sequence[str], slots: Mapping[str, str]) -> bytes:
        """The whole mail for one recipient, 7-bit with CRLF line ends."""
        head = "\r\n".join(own_headers).encode("ascii") + b"\r\n" + self._shared
        if self._html is None:
            return head + self._plain.render(slots)
        return b"".join(
            (
                head,
                b'Content-Type: multipart/alternative; boundary="', _BOUNDARY, b'"\r\n\r\n',
                b"--", _BOUNDARY, b"\r\n", self._plain.render(slots),
                b"\r\n--", _BOUNDARY, b"\r\n", self._html.render(slots),
                b"\r\n--", _BOUNDARY, b"--\r\n",
            )
        )  # fmt: skip


_BOUNDARY = b"=_antiphon_part"  # quoted-printable never yields “=_”, so no body can hold it


class _Part:
    """One body in quoted-printable. Only lines with a recipient slot are encoded again for each recipient."""

    def __init__(self, subtype: str, body: str) -> None:
        self._markup = subtype == "html"
        head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        self._pieces: list[bytes | str] = [head.encode("ascii")]
        for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            self._pieces.append(line if SLOT.search(line) else _quoted(line))
        self._join()

    def render(self, slots: Mapping[str, str]) -> bytes:
        return b"".join(
            piece if isinstance(piece, bytes) else _quoted(fill(piece, slots, markup=self._markup))
            for piece in self._pieces
        )

    def _join(self) -> None:
        """Put neighbours that are the same for everyone into one piece."""
        joined: list[bytes | str] = []
        for piece in self._pieces:
            if joined and isinstance(piece, bytes) and isinstance(last := joined[-1], bytes):
                joined[-1] = last + piece
            else:
                joined.append(piece)
        self._pieces = joined


def _shared_headers(text: OutsideText | InsideText, thread: str | None, settings: Settings, now: datetime) -> bytes:
    domain = _domain(settings.from_address)
    lines = [
        f"From: {formataddr((_line(settings.from_name), _ascii(settings.from_address)))}",
        f"Subject: {_encoded(text.subject)}",
        f"Date: {format_datetime(now.astimezone(UTC))}",
    ]
    if thread is not None:
        root = f"<thread.{opaque(thread)}@{domain}>"
        lines += [f"In-Reply-To: {root}", f"References: {root}"]
    lines += ["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "MIME-Version: 1.0"]
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded(subject: str) -> str:
    line = _line(subject)
    charset = None if line.isascii() else "utf-8"
    return Header(line, charset, header_name="Subject", maxlinelen=76).encode(linesep="\r\n")


def _quoted(line: str) -> bytes:
    return binascii.b2a_qp(line.encode() + b"\r\n", istext=True)


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _domain(address: str) -> str:
    return plain_host(address.rpartition("@")[2])


def _ascii(address: str) -> str:
    return f"{address.rpartition('@')[0]}@{_domain(address)}"
