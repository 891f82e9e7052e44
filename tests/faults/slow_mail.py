"""A mail server with moods, before a sink that keeps what is accepted: at once, held back, or a byte a second."""

import asyncio
from collections.abc import Callable

from tests.contracts.sinks import RawSink, SmtpSink

DRIP_SECONDS = 1.0


class MoodyMail(RawSink):
    """Passes conversations on to a sink.

    hold     while true, the server's answer to a whole mail waits: the mail is accepted and its sender does not know
    drip     while true, every answer comes a byte a second
    peers    ports of the senders whose mail is being held back
    """

    def __init__(self, behind: SmtpSink) -> None:
        super().__init__(self._pass_on)
        self._behind = behind
        self.hold = False
        self.drip = False
        self.peers: list[int] = []

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(writer.get_extra_info("peername")[1])
        theirs, ours = await asyncio.open_connection(self._behind.host, self._behind.port)
        try:
            await asyncio.gather(self._words(reader, ours), self._answers(theirs, writer, port))
        finally:
            ours.close()

    async def _words(self, reader: asyncio.StreamReader, ours: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            ours.write(data)
            await ours.drain()
        ours.close()

    async def _answers(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        while line := await theirs.readline():
            if self.drip:
                await self._drop_by_drop(line, writer)
                continue
            if self.hold and line.startswith(b"250 Kept"):
                self.peers.append(port)
                await _until(lambda: not self.hold)
            writer.write(line)
            await writer.drain()
        writer.close()

    async def _drop_by_drop(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        for byte in line:
            await asyncio.sleep(DRIP_SECONDS)
            writer.write(bytes([byte]))
            await writer.drain()


async def _until(ask: Callable[[], bool]) -> None:
    while not ask():
        await asyncio.sleep(0.02)
