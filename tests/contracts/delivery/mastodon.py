"""A server on loopback that takes posts as Mastodon's documented API does, records them and fails on demand.

It answers a repetition (the same Idempotency-Key) with the post that is there, 401 for a wrong token, 422 for a post
that is empty or too long, 404 where the post that is answered is gone.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from tests.contracts.sinks import HttpAnswer, ReceivedCall, WebhookSink

LONGEST = 500


class MastodonServer(WebhookSink):
    """`faults` are answered first, in order, and such a post was not taken; `posts` holds the others by their id."""

    def __init__(self, token: str = "t0ken") -> None:
        super().__init__()
        self.token = token
        self.faults: deque[HttpAnswer] = deque()
        self.posts: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, str] = {}

    @property
    def server(self) -> str:
        """The server's address."""
        return f"http://{self.host}:{self.port}"

    async def _answer(self, writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
        await super()._answer(writer, self.faults.popleft() if self.faults else self._said(self.calls[-1]))

    def _said(self, call: ReceivedCall) -> HttpAnswer:
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return _json(401, {"error": "The access token is invalid"})
        if (call.method, call.path) != ("POST", "/api/v1/statuses"):
            return _json(404, {"error": "Record not found"})
        wanted: dict[str, Any] = json.loads(call.body)
        before = self._keys.get(call.headers.get("idempotency-key", ""))
        if before is not None:
            return _json(200, self.posts[before])
        status, first = str(wanted.get("status", "")), wanted.get("in_reply_to_id")
        if not status.strip() or len(status) > LONGEST:
            return _json(422, {"error": "Validation failed: Text can't be blank"})
        if first is not None and first not in self.posts:
            return _json(404, {"error": "Record not found"})
        name = str(110_000 + len(self.posts))
        self.posts[name] = {**wanted, "id": name, "url": f"{self.server}/@fernhost/{name}"}
        self._keys[call.headers.get("idempotency-key", "")] = name
        return _json(200, self.posts[name])


def _json(status: int, body: dict[str, Any]) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
