"""The ends of the line: an HTTP and an SMTP server that note when each numbered message came, in one event loop.

They do as little as such servers can, since they share the machine's cores with what is measured.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

NUMBERED = re.compile(rb"bench-(\d{6})")
"""The mark that the alerts of a bench carry in their summary, and so every message about them."""
_LENGTH = re.compile(rb"(?i)\ncontent-length: *(\d+)")
_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
_EHLO = b"250-bench\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


@dataclass
class Arrivals:
    """When the first message with each number came, in seconds of `time.perf_counter`."""

    at: dict[int, float] = field(default_factory=dict)
    _waiting: list[tuple[set[int], asyncio.Event]] = field(default_factory=list)

    def note(self, message: bytes) -> None:
        """A whole message has come."""
        moment = time.perf_counter()
        for number in map(int, NUMBERED.findall(message)):
            self.at.setdefault(number, moment)
        for missing, event in self._waiting:
            missing.difference_update(self.at)
            if not missing:
                event.set()

    async def all_of(self, numbers: set[int], *, within: float) -> set[int]:
        """Wait until every number has come; answers those that did not."""
        missing, event = numbers - self.at.keys(), asyncio.Event()
        entry = (missing, event)
        self._waiting.append(entry)
        try:
            async with asyncio.timeout(within):
                if missing:
                    await event.wait()
        except TimeoutError:
            pass
        self._waiting.remove(entry)
        return missing


class _Web(asyncio.Protocol):
    """Answers 200 to each request on a kept-alive connection."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals, self._buffer = arrivals, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end + 2)
            whole = end + 4 + int(length[1] if length else 0)
            if len(self._buffer) < whole:
                return
            self._arrivals.note(self._buffer[end + 4 : whole])
            self._buffer = self._buffer[whole:]
            self._transport.write(_OK)


class _Mail(asyncio.Protocol):
    """Takes every mail."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals, self._buffer, self._in_data = arrivals, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            mark = b"\r\n.\r\n" if self._in_data else b"\r\n"
            piece, found, rest = self._buffer.partition(mark)
            if not found:
                return
            self._buffer = rest
            self._mail(piece) if self._in_data else self._command(piece[:4].upper())

    def _mail(self, message: bytes) -> None:
        self._in_data = False
        self._arrivals.note(message)
        self._transport.write(b"250 taken\r\n")

    def _command(self, verb: bytes) -> None:
        self._in_data = verb == b"DATA"
        self._transport.write(_EHLO if verb == b"EHLO" else b"354 go on\r\n" if self._in_data else b"250 ok\r\n")
        if verb == b"QUIT":
            self._transport.close()


@dataclass
class Receivers:
    """Both servers on ports of the system's choice, while the block lasts."""

    web: Arrivals = field(default_factory=Arrivals)
    mail: Arrivals = field(default_factory=Arrivals)
    web_port: int = 0
    mail_port: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        self.web_port = await self._serve(lambda: _Web(self.web))
        self.mail_port = await self._serve(lambda: _Mail(self.mail))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _serve(self, protocol: Callable[[], asyncio.Protocol]) -> int:
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        self._stack.callback(server.close)
        return int(server.sockets[0].getsockname()[1])
