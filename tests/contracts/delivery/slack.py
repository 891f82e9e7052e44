"""A server on loopback that takes messages as Slack's incoming webhooks do, records them and fails on demand.

Slack answers `200 ok`, and plain words such as `no_service` or `invalid_payload` when it does not take a message.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from tests.contracts.sinks import HttpAnswer, ReceivedCall, WebhookSink

ROOM = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"


class SlackServer(WebhookSink):
    """`faults` are answered first, in order, and such a message was not taken; `messages` holds the others."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: deque[HttpAnswer] = deque()
        self.messages: list[dict[str, Any]] = []

    @property
    def room(self) -> str:
        """The webhook's URL."""
        return f"http://{self.host}:{self.port}{ROOM}"

    async def _answer(self, writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
        await super()._answer(writer, self.faults.popleft() if self.faults else self._said(self.calls[-1]))

    def _said(self, call: ReceivedCall) -> HttpAnswer:
        if not call.path.startswith(ROOM):
            return HttpAnswer(404, body=b"no_service")
        try:
            message = json.loads(call.body)
        except ValueError:
            return HttpAnswer(400, body=b"invalid_payload")
        if not isinstance(message, dict) or not message.get("text"):
            return HttpAnswer(400, body=b"no_text")
        self.messages.append(message)
        return HttpAnswer(200, body=b"ok")
