"""A server on loopback that speaks Twilio's documented Messages API, records what it takes and fails on demand.

`POST /2010-04-01/Accounts/<sid>/Messages.json` with basic authentication; the magic numbers of Twilio's own test
credentials are refused as Twilio refuses them, and whoever is in `stopped` has answered STOP.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from urllib.parse import parse_qs

from tests.contracts.sinks import HttpAnswer, ReceivedCall, WebhookSink

SID = "AC" + "0" * 32
TOKEN = "t0ken-of-the-account"
PATH = f"/2010-04-01/Accounts/{SID}/Messages.json"
CUT = HttpAnswer(-1)
"""The connection ends in the middle of the answer."""
LANDLINE, NOT_A_NUMBER = "+15005550009", "+15005550001"


class TwilioServer(WebhookSink):
    """`faults` are answered first, in order, and such a message was not taken; `taken` is (to, words) of the others."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.faults: deque[HttpAnswer] = deque()
        self.stopped: set[str] = set()
        self.taken: list[tuple[str, str]] = []
        self._token = token

    @property
    def base(self) -> str:
        """What stands in the settings."""
        return f"http://{self.host}:{self.port}"

    async def _answer(self, writer: asyncio.StreamWriter, answer: HttpAnswer) -> None:
        answer = self.faults.popleft() if self.faults else self._said(self.calls[-1])
        if answer is CUT:
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{")
            await writer.drain()
            writer.close()
            return
        await super()._answer(writer, answer)

    def _said(self, call: ReceivedCall) -> HttpAnswer:
        allowed = base64.b64encode(f"{SID}:{self._token}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {allowed}":
            return _error(401, 20003, "Authenticate")
        if call.method != "POST" or call.path != PATH:
            return _error(404, 20404, "The requested resource was not found")
        fields = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        to, words = fields.get("To", ""), fields.get("Body", "")
        if "From" not in fields and "MessagingServiceSid" not in fields:
            return _error(400, 21603, "A 'From' phone number is required.")
        if to == NOT_A_NUMBER:
            return _error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        if to == LANDLINE:
            return _error(400, 21614, f"'To' number: {to}, is not a valid mobile number")
        if to in self.stopped:
            return _error(400, 21610, "Attempt to send to unsubscribed recipient")
        if not words or len(words) > 1600:
            return _error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        self.taken.append((to, words))
        taken = {"sid": f"SM{len(self.taken):032d}", "status": "queued", "to": to, "body": words, "error_code": None}
        return HttpAnswer(201, {"Content-Type": "application/json"}, json.dumps(taken).encode())


def _error(status: int, code: int, message: str) -> HttpAnswer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    said = {"code": code, "message": message, "more_info": more, "status": status}
    return HttpAnswer(status, {"Content-Type": "application/json"}, json.dumps(said).encode())
