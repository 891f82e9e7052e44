"""Receivers on loopback that record what arrives and fail on demand: a real SMTP server and an HTTP receiver.

They know nothing of Antiphon and run in a thread of their own, so any test, synchronous or not, can use them:

    with SmtpSink() as sink, WebhookSink() as hook:
        sink.refuse["gone@example.org"] = "550 No such user"
        hook.answers.append(HttpAnswer(429, {"Retry-After": "7"}))
        ...
        assert [mail.recipient for mail in sink.mails] == ["bo@example.org"]
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Sink:
    """A server on a port of the system's choice, in a thread and an event loop of its own."""

    host = "127.0.0.1"
    port: int

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__, daemon=True)
        self._thread.start()
        self._server = self._do(self._start())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _start(self) -> asyncio.Server:
        raise NotImplementedError

    async def _stop(self) -> None:
        self._server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, awaitable: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaitable, self._loop).result(10)


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail as the server saw it."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    signed_in_as: str | None = None

    @property
    def recipient(self) -> str:
        """The only recipient."""
        (one,) = self.recipients
        return one

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        parsed = email.message_from_bytes(self.data, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def body(self, kind: str = "plain") -> str:
        """The decoded text (`plain`) or HTML (`html`) body."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


class SmtpSink(Sink):
    """A real SMTP server (aiosmtpd) that keeps what it accepts.

    refuse           recipient → the reply it gets at RCPT, such as "550 No such user"
    after_data       replies to the next bodies, in order, such as "451 Try later"; then 250
    tls, accounts    a server context for STARTTLS, and user → password: sign-in is then required
    pipelining       whether the server says that it takes several commands at once
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        accounts: dict[str, str] | None = None,
        pipelining: bool = True,
    ) -> None:
        self.mails: list[ReceivedMail] = []
        self.refuse: dict[str, str] = {}
        self.after_data: deque[str] = deque()
        self.connections = 0
        self._tls = tls
        self._accounts = accounts
        self._pipelining = pipelining

    async def _start(self) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(self._session, self.host, 0)

    def _session(self) -> SMTP:
        self.connections += 1
        needs_sign_in = self._accounts is not None
        return SMTP(
            self,
            hostname="sink.test",
            tls_context=self._tls,
            auth_required=needs_sign_in,
            authenticator=self._check if needs_sign_in else None,
            loop=self._loop,
        )

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert self._accounts is not None
        known = self._accounts.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=data.login.decode() if known else None)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses[:-1] + ["250-PIPELINING"] * self._pipelining + responses[-1:]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self.after_data.popleft() if self.after_data else "250 Kept"
        if reply.startswith("2"):
            content = envelope.original_content
            assert isinstance(content, bytes)
            recipients = tuple(str(one) for one in envelope.rcpt_tos)
            self.mails.append(ReceivedMail(str(envelope.mail_from), recipients, content, session.auth_data))
        return reply


class RawSink(Sink):
    """A TCP server with a conversation of your own: `serve(reader, writer)`."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_server(self._count, self.host, 0)

    async def _count(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that never ends its first line: a byte every 50 ms, so that no read ever times out."""
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that accepts the connection and says nothing."""
    await asyncio.sleep(3600)


@dataclass(frozen=True)
class ReceivedCall:
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """What the receiver answers. `pace` seconds pass before each byte of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    pace: float = 0.0


HANG = HttpAnswer(0)  # never answer this one


class WebhookSink(RawSink):
    """An HTTP receiver that records calls. `answers` are used up in order; then comes `usually`."""

    def __init__(self) -> None:
        super().__init__(self._calls)
        self.calls: list[ReceivedCall] = []
        self.answers: deque[HttpAnswer] = deque()
        self.usually = HttpAnswer()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{self.host}:{self.port}/hook"

    async def _calls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, _ = first.split(" ")
            self.calls.append(ReceivedCall(method, path, headers, body))
            await self._answer(writer, self.answers.popleft() if self.answers else self.usually)

    async def _answer(self, writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
        if answer is HANG:
            await asyncio.sleep(3600)
        lines = [f"HTTP/1.1 {answer.status} Test", f"Content-Length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        pieces = [bytes([byte]) for byte in answer.body] if answer.pace else [answer.body]
        for piece in pieces:
            await asyncio.sleep(answer.pace)
            writer.write(piece)
            await writer.drain()
