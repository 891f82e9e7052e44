"""The door for alerts as a web process has it, for stories: on an event loop of its own, on the test's database."""

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from antiphon import clock
from antiphon.db.gate import FileGate, Gate, OpenGate
from antiphon.db.snapshots import groups
from antiphon.ingest import formats
from antiphon.intake.door import Door
from antiphon.intake.limits import Limit, Limits
from antiphon.intake.spool import Spool
from antiphon.intake.store import open_store


class DoorThread:
    """The door for alerts on an event loop of its own, as in a web process."""

    def __init__(self, folder: Path) -> None:
        self.rules = groups.rules()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        gate: Gate = FileGate(folder / "write.lock") if connection.vendor == "sqlite" else OpenGate()
        self._door = Door(
            store=open_store(_database()),
            gate=gate,
            spool=Spool(folder / "spool"),
            limits=Limits(Limit(), seconds=time.monotonic),
            formats=formats(),
            rules=lambda: self.rules,
            clock=clock.now,
            wake=lambda: None,
        )
        self._do(self._door.open())

    def post(self, path: str, body: object) -> tuple[int, bytes]:
        """Send a request and wait for the answer."""
        answer: tuple[int, bytes] = self._do(self._request(path, json.dumps(body).encode()))
        return answer

    def close(self) -> None:
        """Finish what was taken, and let go."""
        self._do(self._door.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _request(self, path: str, body: bytes) -> tuple[int, bytes]:
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
        sent: list[dict[str, Any]] = []
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            return next(parts)

        async def send(message: Any) -> None:
            sent.append(message)

        await self._door(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def _do(self, awaitable: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaitable, self._loop).result(20)


def _database() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(known["NAME"])
    user, host, port = quote(known["USER"]), known["HOST"], known["PORT"]
    if known["PASSWORD"]:
        user += f":{quote(known['PASSWORD'], safe='')}"
    where = f"?host={quote(host, safe='')}" if host.startswith("/") else ""
    place = "" if where else f"{host}:{port}" if port else host
    if where and port:
        where += f"&port={port}"
    return f"postgresql://{user}@{place}/{known['NAME']}{where}"
