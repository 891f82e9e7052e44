"""One SMTP connection: commands out, replies in, several commands in flight at once (RFC 5321, RFC 2920)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, cast

from antiphon.egress.failures import EgressFailure, Refused, Unreachable
from antiphon.egress.guard import Guard

Security = Literal["tls", "starttls", "none"]
_MAX_PENDING = 128 * 1024  # bytes of replies nobody asked for or that never end


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom. `our_name` is what we call ourselves in EHLO.

    unconfirmed  how many mails of a batch may be the server's without our knowing it; a worker that is killed sends
                 these twice
    """

    host: str
    port: int
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    our_name: str = "antiphon.invalid"
    unconfirmed: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: its code and its lines without it."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines as one."""
        return " ".join(self.lines)

    @property
    def ok(self) -> bool:
        """Whether the server said yes (2xx, or 354 to go on)."""
        return self.code < 400


class _Protocol(asyncio.Protocol):
    """Turns bytes into replies, as lines, and wakes the one who waits for so many of them."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.lost = False
        self.replies: deque[list[bytes]] = deque()
        self.pending = b""
        self._lines: list[bytes] = []
        self._wanted = 1
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by class, only by behaviour

    def data_received(self, data: bytes) -> None:
        *lines, self.pending = (self.pending + data).split(b"\n")
        for line in lines:
            self._lines.append(line)
            if line[3:4] != b"-":
                self.replies.append(self._lines)
                self._lines = []
        if len(self.pending) + len(self._lines) + len(self.replies) > _MAX_PENDING:
            self.transport.abort()
        if len(self.replies) >= self._wanted:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._wake()

    async def enough(self, count: int) -> None:
        """Wait for so many replies, or the end of the connection."""
        while len(self.replies) < count and not self.lost:
            self._wanted = count
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    async def reply(self) -> Reply:
        await self.enough(1)
        if not self.replies:
            raise Unreachable("The mail server closed the connection.")
        lines = self.replies.popleft()
        code = int(lines[-1][:3]) if lines[-1][:3].isdigit() else 599
        return Reply(code, tuple(line[4:].decode("utf-8", "replace").rstrip() for line in lines))

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Connection:
    """A connection that said hello and, where asked, encrypted and signed in."""

    def __init__(self, protocol: _Protocol) -> None:
        self._protocol = protocol
        self._features: dict[str, str] = {}

    @property
    def pipelining(self) -> bool:
        """Whether the server takes several commands at once."""
        return "PIPELINING" in self._features

    @property
    def usable(self) -> bool:
        """Whether the connection stands and nothing unexpected has been said on it."""
        return not (self._protocol.lost or self._protocol.replies or self._protocol.pending)

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._protocol.transport.write(data)

    async def reply(self) -> Reply:
        """The next reply. Raises Unreachable when the connection is gone."""
        return await self._protocol.reply()

    async def welcome(self, count: int) -> bool:
        """Whether the next so many replies are a plain yes each; these are taken then, and any others left."""
        await self._protocol.enough(count)
        first = list(islice(self._protocol.replies, count))
        if len(first) < count or not all(lines[0][:1] in (b"2", b"3") for lines in first):
            return False
        for _ in first:
            self._protocol.replies.popleft()
        return True

    async def command(self, line: str) -> Reply:
        """Send one command and wait for its reply."""
        self.write(line.encode("ascii") + b"\r\n")
        return await self.reply()

    def close(self, *, politely: bool) -> None:
        """Say goodbye without waiting for the answer, or just drop the connection."""
        if politely and self.usable:
            self.write(b"QUIT\r\n")
            self._protocol.transport.close()
        else:
            self._protocol.transport.abort()

    async def hello(self, server: MailServer, tls: ssl.SSLContext) -> None:
        """Greeting, EHLO, STARTTLS and sign-in. Raises Refused or Unreachable with what to mend."""
        _expect(await self.reply(), "greeting", server)
        await self._ehlo(server)
        if server.security == "starttls":
            await self._starttls(server, tls)
            await self._ehlo(server)
        if server.username:
            await self._sign_in(server)

    async def _ehlo(self, server: MailServer) -> None:
        self.write(b"EHLO " + server.our_name.encode("ascii") + b"\r\n")
        lines = _expect(await self.reply(), "EHLO", server).lines[1:]
        self._features = {word.upper(): rest.upper() for word, _, rest in (line.partition(" ") for line in lines)}

    async def _starttls(self, server: MailServer, tls: ssl.SSLContext) -> None:
        if "STARTTLS" not in self._features:
            raise Refused(f"The mail server {server.host} offers no STARTTLS; choose another port or security.")
        _expect(await self.command("STARTTLS"), "STARTTLS", server)
        if not self.usable:  # bytes sent ahead of the handshake would pass for encrypted ones
            raise Refused(f"The mail server {server.host} spoke before encryption began; the connection is not safe.")
        loop = asyncio.get_running_loop()
        transport = await loop.start_tls(self._protocol.transport, self._protocol, tls, server_hostname=server.host)
        self._protocol.transport = cast(asyncio.Transport, transport)

    async def _sign_in(self, server: MailServer) -> None:
        if server.security == "none":
            raise Refused("A password is never sent unencrypted; choose TLS or STARTTLS for the mail server.")
        methods = self._features.get("AUTH", "").split(" ")
        if "PLAIN" in methods:
            answer = await self.command("AUTH PLAIN " + _b64(f"\0{server.username}\0{server.password}"))
        elif "LOGIN" in methods:
            answer = await self.command("AUTH LOGIN")
            for word in (server.username, server.password):
                answer = await self.command(_b64(word)) if answer.code == 334 else answer
        else:
            raise Refused(f"The mail server {server.host} offers neither AUTH PLAIN nor AUTH LOGIN.")
        _expect(answer, "sign-in", server)


async def connect(guard: Guard, server: MailServer, tls: ssl.SSLContext) -> Connection:
    """Open a connection to a checked address and make it ready. Raises an EgressFailure."""
    protocol = await _open(guard, server, tls)
    connection = Connection(protocol)
    try:
        await connection.hello(server, tls)
    except OSError as error:
        connection.close(politely=False)
        raise _no_connection(server, error) from None
    except BaseException:
        connection.close(politely=False)
        raise
    return connection


async def _open(guard: Guard, server: MailServer, tls: ssl.SSLContext) -> _Protocol:
    loop = asyncio.get_running_loop()
    context, name = (tls, server.host) if server.security == "tls" else (None, None)
    failure: EgressFailure = Unreachable(f"The mail server {server.host} has no address.")
    for address in await guard.resolve(server.host, server.port):
        try:
            _, protocol = await loop.create_connection(
                _Protocol, str(address), server.port, ssl=context, server_hostname=name
            )
            return protocol
        except OSError as error:
            failure = _no_connection(server, error)
    raise failure


def _no_connection(server: MailServer, error: OSError) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(f"The certificate of {server.host} is not trusted: {error.verify_message}.")
    return Unreachable(f"No connection to {server.host} port {server.port} ({type(error).__name__}).")


def _expect(reply: Reply, step: str, server: MailServer) -> Reply:
    """The reply when it is a yes. A no at this stage judges the connection, not a message: worth another try."""
    if not reply.ok:
        raise Unreachable(f"The mail server {server.host} refused at {step}: {reply.code} {reply.text}")
    return reply


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
