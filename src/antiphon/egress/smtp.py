"""Mail to the outside: a bounded pool of pipelined SMTP connections per server, under one total deadline.

Each message's outcome is known by itself, and told at once. A body is on its way unanswered for at most one message per
connection, so a connection that breaks leaves at most that one in doubt; and the end of a body, which makes a mail the
server's, for at most `MailServer.unconfirmed` of all batches, so that a worker that is killed leaves no more of them.
Why our own: docs/decisions/0002-own-pipelined-smtp.md.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from antiphon.egress.failures import LAST_START, EgressFailure, NotTried, Refused, TimedOut, Unreachable
from antiphon.egress.guard import Guard
from antiphon.egress.smtp_wire import Connection, MailServer, Reply, connect

MAX_CONNECTIONS = 8  # per server
MAX_BULK = 6  # of them for batches, so that a page never waits behind a mailing
IDLE = 15.0  # seconds an unused connection is kept
_PATH = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+")  # printable ASCII without space and angle brackets


@dataclass(frozen=True, slots=True)
class Message:
    """One mail for one recipient; `data` is the whole message with CRLF line ends, 7-bit."""

    sender: str
    recipient: str
    data: bytes


Answer = Reply | EgressFailure
Answered = Callable[[int, Answer], None]
"""Hears the answer to one of the messages, by its place among them, as soon as it is known."""
_Doubt = AbstractAsyncContextManager[object]
_ENDING = b".\r\n"


class _Batch:
    """Who still waits for an answer, shared by the connections that work on it."""

    def __init__(self, messages: Sequence[Message], answered: Answered, doubt: _Doubt, deadline: float) -> None:
        self.messages = messages
        self._time = asyncio.get_running_loop().time
        self._last_start = self._time() + LAST_START * deadline
        self.answers: list[Answer | None] = [None] * len(messages)
        self.waiting: deque[int] = deque()
        self.done = 0
        self.failure: EgressFailure | None = None
        self.doubt = doubt
        self._answered = answered
        for at, message in enumerate(messages):
            if (unsafe := _unsafe(message)) is not None:
                self.answer(at, unsafe)
            else:
                self.waiting.append(at)

    @property
    def over(self) -> bool:
        """Nothing more is to be begun."""
        return not self.waiting or self._time() > self._last_start

    def take(self) -> int | None:
        return None if self.over else self.waiting.popleft()

    def answer(self, at: int, answer: Answer) -> None:
        self.answers[at] = answer
        self._answered(at, answer)
        if isinstance(answer, Reply) and answer.code != 421:  # only a server that works is worth a new connection
            self.done += 1

    def finish(self) -> list[Answer]:
        """All answers; who has none by now is told why."""
        late = NotTried if self.done else TimedOut
        failure = self.failure or late("The mail server did not answer in time; this mail was not tried.")
        for at, answer in enumerate(self.answers):
            if answer is None:
                self.answer(at, failure)
        return [failure if answer is None else answer for answer in self.answers]


class _Pool:
    """The connections to one server as one account."""

    def __init__(self, unconfirmed: int) -> None:
        self.turns = asyncio.Semaphore(MAX_CONNECTIONS)
        self.bulk = asyncio.Semaphore(MAX_BULK)
        self.doubt = asyncio.Semaphore(unconfirmed)
        self._idle: dict[Connection, asyncio.TimerHandle] = {}

    def take_idle(self) -> Connection | None:
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if connection.usable:
                return connection
            connection.close(politely=False)
        return None

    def give_back(self, connection: Connection) -> None:
        self._idle[connection] = asyncio.get_running_loop().call_later(IDLE, self._drop, connection)

    def close(self) -> None:
        for connection in list(self._idle):
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._idle.pop(connection).cancel()
        connection.close(politely=True)


class Smtp:
    """The one mail client. Use it on one event loop only."""

    def __init__(self, guard: Guard, *, deadline: float, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._deadline = deadline
        self._tls = tls
        self._pools: dict[MailServer, _Pool] = {}

    async def send(
        self,
        server: MailServer,
        messages: Sequence[Message],
        *,
        deadline: float | None = None,
        answered: Answered = lambda at, answer: None,
    ) -> list[Answer]:
        """Hand the messages over, all within `deadline` seconds (the client's own when None).

        Returns one answer per message, in order: the server's reply, or why there is none; each of them is told to
        `answered` as soon as it is known. Raises nothing of its own.
        """
        pool = self._pools.setdefault(server, _Pool(server.unconfirmed))
        deadline = self._deadline if deadline is None else deadline
        batch = _Batch(messages, answered, pool.doubt if len(messages) > 1 else nullcontext(), deadline)
        lanes = min(MAX_BULK, 1 + len(batch.waiting) // 16)
        try:
            async with asyncio.timeout(deadline):
                if lanes == 1:
                    await self._lane(server, pool, batch)
                else:
                    async with asyncio.TaskGroup() as group:
                        for _ in range(lanes):
                            group.create_task(self._bulk_lane(server, pool, batch))
        except TimeoutError:
            pass  # whoever is not answered by now is told so below
        return batch.finish()

    async def greet(self, server: MailServer) -> EgressFailure | None:
        """Connect, encrypt and sign in as for a mail, and send none; what failed, or None."""
        try:
            async with asyncio.timeout(self._deadline):
                connection = await connect(self._guard, server, self._tls)
        except TimeoutError:
            return TimedOut(f"The mail server did not greet us within {self._deadline:g} s.")
        except EgressFailure as failure:
            return failure
        connection.close(politely=True)
        return None

    def close(self) -> None:
        """Close all idle connections."""
        for pool in self._pools.values():
            pool.close()

    async def _bulk_lane(self, server: MailServer, pool: _Pool, batch: _Batch) -> None:
        async with pool.bulk:
            await self._lane(server, pool, batch)

    async def _lane(self, server: MailServer, pool: _Pool, batch: _Batch) -> None:
        """Work on the batch over one connection, opening another as long as each gets something done."""
        async with pool.turns:
            while not batch.over:
                before = batch.done
                connection = pool.take_idle()
                fresh = connection is None
                try:
                    connection = connection or await connect(self._guard, server, self._tls)
                    await _work(connection, batch)
                    pool.give_back(connection)
                except EgressFailure as failure:
                    _drop(connection)
                    batch.failure = failure
                    if fresh and batch.done == before:
                        return
                except BaseException:
                    _drop(connection)
                    raise


def _drop(connection: Connection | None) -> None:
    if connection is not None:
        connection.close(politely=False)


async def _work(connection: Connection, batch: _Batch) -> None:
    """Send waiting messages until none is left; a message whose body was not sent goes back when this fails."""
    at = batch.take()
    opening: bytes = b""
    while at is not None:
        message = batch.messages[at]
        try:
            refused = await _opened(connection, message, begun=bool(opening))
        except BaseException:
            batch.waiting.appendleft(at)
            raise
        following = batch.take() if connection.pipelining and refused is None else None
        opening = _opening(batch.messages[following]) if following is not None else b""
        try:
            await _transfer(connection, batch, at, opening) if refused is None else batch.answer(at, refused)
        except EgressFailure:
            batch.answer(at, Unreachable("The connection broke before the server confirmed this mail."))
            if following is not None:
                batch.waiting.appendleft(following)
            raise
        except BaseException:
            batch.answer(at, TimedOut("The server did not confirm this mail in time."))
            raise
        if refused is not None:
            await _reset(connection, refused)
        at = following if following is not None else batch.take()


async def _opened(connection: Connection, message: Message, *, begun: bool) -> Reply | None:
    """Sender, recipient and DATA: None when the server waits for the body, otherwise its refusal."""
    refusal: Reply | None = None
    if connection.pipelining:
        if not begun:
            connection.write(_opening(message))
        if await connection.welcome(3):
            return None
        replies = [await connection.reply() for _ in range(3)]
        refusal = next((reply for reply in replies if not reply.ok), None)
        if refusal is not None and replies[2].code == 354:  # RFC 2920 §3.1: nobody accepted, so end it empty
            await connection.command(".")
        return refusal
    for line in _opening(message).decode("ascii").splitlines():
        reply = await connection.command(line)
        if not reply.ok:
            return reply
    return None


async def _transfer(connection: Connection, batch: _Batch, at: int, opening: bytes) -> None:
    """The body when its turn has come, and with it the opening of the next message: one packet, one system call."""
    body = _stuffed(batch.messages[at].data)
    async with batch.doubt:
        connection.write(b"".join((body, _ENDING, opening)))
        batch.answer(at, await connection.reply())


async def _reset(connection: Connection, refused: Reply) -> None:
    if refused.code == 421:
        raise Unreachable(f"The mail server is closing the connection: {refused.text}")
    if not (reply := await connection.command("RSET")).ok:
        raise Unreachable(f"The mail server refused to start over: {reply.code} {reply.text}")


def _opening(message: Message) -> bytes:
    return b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (
        message.sender.encode("ascii"),
        message.recipient.encode("ascii"),
    )


def _stuffed(data: bytes) -> bytes:
    """The body as it stands between DATA and the dot that ends it (RFC 5321 §4.5.2)."""
    data = data.replace(b"\r\n.", b"\r\n..") if b"\r\n." in data else data
    data = b"." + data if data.startswith(b".") else data
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _unsafe(message: Message) -> Refused | None:
    """Why this message could change the conversation itself (smuggling), or None."""
    if not (_PATH.fullmatch(message.sender) and _PATH.fullmatch(message.recipient)):
        return Refused("The mail address holds a space, an angle bracket or a character outside ASCII; correct it.")
    lines = message.data.replace(b"\r\n", b"")
    if b"\n" in lines or b"\r" in lines or not lines.isascii():
        return Refused("The mail is not 7-bit with CRLF line ends; it was not sent.")
    return None
