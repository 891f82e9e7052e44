"""A short way to the door: uvicorn's protocol that hands a whole POST over without scope and cycle.

Of a request with one alert, uvicorn's own work cost as much as the door's. So a POST to an address
that the door already knows, and that came whole in one read, becomes a task of the door at once.
Everything else (an unknown key, a body in pieces, another request still under way, a reader that does
not take its answers) goes the usual way, to the ASGI callable, which answers the same.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from antiphon.intake.answers import Answer
from antiphon.intake.door import Door, Route

_FAILED = Answer(500, b"Internal Server Error", b"text/plain; charset=utf-8", ((b"connection", b"close"),))


def alert_lane(door: Door, beside: type[HttpToolsProtocol] = HttpToolsProtocol) -> type[HttpToolsProtocol]:
    """The protocol class for `uvicorn.Config(app, http=...)`; `beside` gets what this lane leaves."""
    return type("AlertLaneToDoor", (AlertLane, beside), {"door": door})


class UnderWay:
    """A request of this lane, as uvicorn looks at a request that has no answer yet."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")
    message_event = asyncio.Event()  # uvicorn sets it when the sender goes; nobody waits for it

    def __init__(self) -> None:
        self.response_complete = self.disconnected = False
        self.keep_alive = True


class AlertLane(HttpToolsProtocol):
    """Takes alerts on connections that have nothing else under way."""

    door: ClassVar[Door]
    _route: Route | None = None
    _body = b""

    def data_received(self, data: bytes) -> None:
        """Read on; a body that is not all here yet is left to a task that waits for it."""
        super().data_received(data)
        if self._route is not None:
            self._route = None
            if not self.transport.is_closing():
                super().on_headers_complete()
                super().on_body(self._body)

    def on_headers_complete(self) -> None:
        """The request's headers are there: keep it in the lane, or let uvicorn make a task of it."""
        self._route, self._body = self._known_route(), b""
        if self._route is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body, nearly always the only one."""
        if self._route is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """The request is over: to the door with it."""
        if self._route is None:
            super().on_message_complete()
            return
        # What comes meanwhile on this connection waits behind it as behind any request of uvicorn's.
        self.cycle = under_way = UnderWay()  # type: ignore[assignment]
        task = self.loop.create_task(self._take(under_way, self._route, self._body))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        self._route = None

    def _known_route(self) -> Route | None:
        busy = self.cycle is not None and not self.cycle.response_complete
        # A reader that does not take its answers must wait for them: only uvicorn's own way can.
        if busy or self.flow.write_paused or self.expect_100_continue or self.limit_concurrency is not None:
            return None
        parser = self.parser
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1":
            return None
        if parser.should_upgrade() or not parser.should_keep_alive():
            return None
        return self.door.known_route(self.url)

    async def _take(self, under_way: UnderWay, route: Route, body: bytes) -> None:
        try:
            answer = await self.door.post(route, body)
        except Exception:
            self.logger.exception("Exception in the door for alerts")
            answer, under_way.keep_alive = _FAILED, False
        if under_way.disconnected:
            return
        self.transport.write(_on_the_wire(answer, self.server_state.default_headers, under_way.keep_alive))
        under_way.response_complete = True
        if not under_way.keep_alive:
            self.transport.close()
        self.on_response_complete()


def _on_the_wire(answer: Answer, default: list[tuple[bytes, bytes]], keep_alive: bool) -> bytes:
    """An answer as HTTP/1.1 sends it, in the order of uvicorn's headers."""
    headers = [*default, *answer.head()]
    if not keep_alive and (b"connection", b"close") not in headers:
        headers.append((b"connection", b"close"))
    lines = [b"%s: %s\r\n" % header for header in headers]
    return b"".join([_STATUS_LINES[answer.status], *lines, b"\r\n", answer.body])


_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
