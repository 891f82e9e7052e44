"""A fast lane for a crowd: uvicorn's protocol that answers a public page before a request becomes a task.

The plain ASGI door (`serve.PublicFolder`) costs about 30 µs of CPU a request, nearly all of it uvicorn's own scope,
task and header work; a crowd at the page would take that time from the pages to engineers. So a GET for a file in
memory is answered where its headers end, with bytes that were put together once a second (a third of the CPU).
Everything else goes the usual way.
"""

from __future__ import annotations

from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from antiphon.pages.serve import Answer, PublicFolder

_WITH_A_BODY = frozenset({b"content-length", b"transfer-encoding", b"expect"})


def fast_lane(folder: PublicFolder) -> type[HttpToolsProtocol]:
    """The protocol class for `uvicorn.Config(app, http=...)`; `app` still answers what the lane leaves."""
    return type("FastLaneToFolder", (FastLane,), {"folder": folder})


class FastLane(HttpToolsProtocol):
    """Answers at once what `folder` holds in memory, on connections that have nothing else under way."""

    folder: ClassVar[PublicFolder]
    _date: ClassVar[list[tuple[bytes, bytes]] | None] = None
    _ready: ClassVar[dict[Answer, bytes]] = {}
    _answered = False

    def on_headers_complete(self) -> None:
        """The request's headers are there: answer now, or let uvicorn make a task of it."""
        self._answered = self._is_plain_get() and self._answer()
        if not self._answered:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is over; one that was answered already has no task to tell."""
        if not self._answered:
            super().on_message_complete()

    def _is_plain_get(self) -> bool:
        busy = self.cycle is not None and not self.cycle.response_complete
        # A reader that does not take its answers must wait for them: only a task can.
        if busy or self.flow.write_paused or self.limit_concurrency is not None:
            return False
        parser = self.parser
        return (
            parser.get_method() == b"GET"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and parser.get_http_version() == "1.1"
        )

    def _answer(self) -> bool:
        lane = type(self)
        if lane._date is not self.server_state.default_headers:  # uvicorn makes them anew each second
            lane._date, lane._ready = self.server_state.default_headers, {}
            self.folder.reload()
        headers = dict(self.headers)
        if len(headers) != len(self.headers) or not _WITH_A_BODY.isdisjoint(headers):
            return False
        answer = self.folder.at_once(self.url, headers)
        if answer is None:
            return False
        ready = lane._ready.get(answer)
        if ready is None:
            ready = lane._ready[answer] = answer.head_on_the_wire(*lane._date) + answer.body["body"]
        self.transport.write(ready)
        self.on_response_complete()
        return True
