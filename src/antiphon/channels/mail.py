"""E-mail by SMTP: one mail per recipient, threaded per incident and audience, never answered by machines.

Headers follow RFC 3834 (Auto-Submitted), RFC 8058 (one-click unsubscribe) and RFC 5322 (threading). The Message-ID
comes from the delivery id, so a mail that had to be sent twice is recognised as one.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from itertools import groupby
from typing import Final, Literal

from antiphon.channels.settings import Problem, option
from antiphon.core.branding import Brand, letter, small_print
from antiphon.core.sending import (
    RECIPIENT_SLOTS,
    SLOT,
    Dead,
    Envelope,
    InsideText,
    Outcome,
    OutsideText,
    Retry,
    Sent,
    Told,
    UnknownSlot,
    ignored,
    opaque,
    slot_value,
)
from antiphon.egress.failures import NotTried, Refused
from antiphon.egress.guard import plain_host
from antiphon.egress.smtp import MAX_BULK, Answer, Message
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
    unconfirmed: int = option(
        "Unconfirmed mails",
        "How many mails to customers the server may hold without having confirmed them, 1 to 6. Each of these is sent "
        "twice when Antiphon is killed. More of them help with a server that is far away.",
        default=1,
    )

    def problems(self) -> list[Problem]:
        """What is wrong between fields."""
        found = []
        if not 1 <= self.port <= 65535:
            found.append(Problem("port", "Port must lie between 1 and 65535."))
        if self.username and self.security == "none":
            found.append(Problem("security", "A password is never sent unencrypted; choose STARTTLS or TLS."))
        if not 1 <= self.unconfirmed <= MAX_BULK:
            found.append(Problem("unconfirmed", f"Unconfirmed mails must lie between 1 and {MAX_BULK}."))
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
    envelopes: Sequence[Envelope], settings: Settings, transport: Transport, *, now: datetime, told: Told = ignored
) -> list[Outcome]:
    """Hand many mails to the server over pipelined connections; what the texts share is encoded once."""
    sender = _Sender(settings, now)
    written = [sender.write(envelope) for envelope in envelopes]
    found: list[Outcome] = [entry if isinstance(entry, Dead) else _NO_ANSWER for entry in written]
    mails = [(place, *entry) for place, entry in enumerate(written) if not isinstance(entry, Dead)]

    def answered(at: int, answer: Answer) -> None:
        place, message_id, _ = mails[at]
        found[place] = _outcome(answer, message_id)
        told(place, found[place])

    await transport.smtp.send(_server(settings), [message for *_, message in mails], answered=answered)
    return found


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
        unconfirmed=settings.unconfirmed,
    )


_NO_ANSWER = Retry("The mail server said nothing of this mail.")


def _outcome(answer: Answer, message_id: str) -> Outcome:
    if not isinstance(answer, Reply):
        return (
            Dead(str(answer)) if isinstance(answer, Refused) else Retry(str(answer), tried=type(answer) is not NotTried)
        )
    words = _line(f"{answer.code} {answer.text}")[:300]
    if answer.ok:
        return Sent(message_id, words)
    return Retry(f"The mail server said: {words}") if answer.code < 500 else Dead(f"The mail server said: {words}")


class _Sender:
    """Writes mails under one set of settings; what those of one text share is encoded once."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._settings, self._now = settings, now
        self._domain = _domain(settings.from_address)
        self._from = _ascii(settings.from_address)
        self._skeletons: dict[tuple[int, str | None, Brand], _Skeleton] = {}
        self._replies: dict[str, str | Dead] = {"": ""}

    def write(self, envelope: Envelope) -> tuple[str, Message] | Dead:
        """The Message-ID and the mail, or why there is none."""
        known = _ID.fullmatch(envelope.delivery_id)
        name = envelope.delivery_id if known else opaque(envelope.delivery_id)
        message_id = f"<{name}@{self._domain}>"
        local, _, domain = envelope.to.rpartition("@")
        recipient = f"{local}@{plain_host(domain)}"
        link = envelope.recipient_slots.get("unsubscribe_url")
        if link is not None and not _LINK.fullmatch(link):
            return Dead("The unsubscribe link is not a URL; check the base URL in the settings.")
        returns_to = _returns_to(self._settings, envelope.delivery_id if known else "")
        answers = self._answers(envelope.extra.get("reply_to", self._settings.reply_to) or returns_to)
        if isinstance(answers, Dead):
            return answers
        own = f"To: <{recipient}>\r\nMessage-ID: {message_id}\r\n{answers}"
        if link is not None:
            own += f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        try:
            data = self._skeleton(envelope).message(own, envelope.recipient_slots)
        except UnknownSlot as error:
            return Dead(str(error))
        return message_id, Message(_ascii(returns_to) if returns_to else self._from, recipient, data)

    def _answers(self, reply_to: str) -> str | Dead:
        """The header that says where answers go, or nothing."""
        if reply_to in self._replies:
            return self._replies[reply_to]
        wrong = check_address(reply_to)
        made = f"Reply-To: <{_ascii(reply_to)}>\r\n" if wrong is None else None
        if reply_to == self._settings.reply_to and made is not None:
            self._replies[reply_to] = made
        return made or Dead("The reply address does not have the form name@example.org; correct it.")

    def _skeleton(self, envelope: Envelope) -> _Skeleton:
        key = (id(envelope.text), envelope.thread, envelope.brand)
        if key not in self._skeletons:
            settings = replace(self._settings, from_name=envelope.brand.from_name or self._settings.from_name)
            self._skeletons[key] = _Skeleton(envelope.text, envelope.thread, settings, self._now, envelope.brand)
        return self._skeletons[key]


def _returns_to(settings: Settings, delivery_id: str) -> str:
    """Where bounces of this one mail go, and its answers; "" for the sender."""
    local, _, domain = settings.return_address.rpartition("@")
    if not local.endswith("+"):
        return settings.return_address
    return f"{local}{delivery_id}@{domain}" if delivery_id else f"{local[:-1]}@{domain}"


class _Skeleton:
    """All that the mails of one text share, encoded once: building each by the library is a hundred times slower."""

    def __init__(
        self, text: OutsideText | InsideText, thread: str | None, settings: Settings, now: datetime, brand: Brand
    ) -> None:
        self._text = text  # kept, so that no other text takes its place in memory
        head = _shared_headers(text, thread, settings, now)
        pieces: list[_Piece] = [head, *_part("plain", _signed(text.body_text, brand))]
        if text.body_html:
            opening = (
                b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n\r\n--' + _BOUNDARY + b"\r\n"
            )
            between = b"\r\n--" + _BOUNDARY + b"\r\n"
            closing = b"\r\n--" + _BOUNDARY + b"--\r\n"
            pieces = [head, opening, *pieces[1:], between, *_part("html", letter(text.body_html, brand)), closing]
        self._pieces = list(_joined(pieces))
        self._places = {piece for piece in self._pieces if not isinstance(piece, bytes)}

    def message(self, own_headers: str, slots: Mapping[str, str]) -> bytes:
        """The whole mail for one recipient, 7-bit with CRLF line ends. Raises UnknownSlot."""
        if not slots.keys() <= RECIPIENT_SLOTS:
            raise UnknownSlot("The recipient has a slot that is not listed.")
        known = {piece: _filled(*piece, slots) for piece in self._places}
        shared = [piece if isinstance(piece, bytes) else known[piece] for piece in self._pieces]
        return b"".join([own_headers.encode("ascii"), *shared])


def _signed(body: str, brand: Brand) -> str:
    small = small_print(brand)
    return f"{body.rstrip()}\n\n{small}" if small else body


_BOUNDARY = b"=_antiphon_part"  # quoted-printable never yields “=_”, so no body can hold it
_Piece = bytes | tuple[str, bool]
"""What is the same for everyone, or a recipient slot by its name and whether it stands in HTML."""
_BREAK = b"=\r\n"  # quoted-printable: the line goes on; so a value never makes the lines around it too long


def _part(subtype: str, body: str) -> Iterator[_Piece]:
    """One body in quoted-printable, with places for the recipient's values."""
    yield (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
    )
    for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        between = SLOT.split(line)  # text, name, text, name, …, text
        for text, name in zip(between[::2], between[1::2], strict=False):
            if name in RECIPIENT_SLOTS:
                yield from (_quoted(text) + _BREAK, (name, subtype == "html"), _BREAK)
            else:
                yield _quoted(f"{text}[[{name}]]") + _BREAK
        yield _quoted(between[-1]) + b"\r\n"


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Neighbours that are the same for everyone as one piece."""
    for same, group in groupby(pieces, key=lambda piece: isinstance(piece, bytes)):
        if same:
            yield b"".join(piece for piece in group if isinstance(piece, bytes))
        else:
            yield from group


def _filled(name: str, markup: bool, slots: Mapping[str, str]) -> bytes:
    return _quoted(slot_value(name, slots, markup=markup))


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


def _quoted(text: str) -> bytes:
    """Part of one line in quoted-printable, broken where it gets long."""
    return binascii.b2a_qp(text.encode() + b"\r\n", istext=True)[:-2]  # its breaks take after the end of the line


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _domain(address: str) -> str:
    return plain_host(address.rpartition("@")[2])


def _ascii(address: str) -> str:
    return f"{address.rpartition('@')[0]}@{_domain(address)}"
