"""A door on the test database, spoken to as a server would, and its own event loop."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from antiphon import ingest
from antiphon.core.declaring import Rule, RuleSet
from antiphon.core.observations import key_hash
from antiphon.db.gate import FileGate, OpenGate
from antiphon.db.models import Integration
from antiphon.intake.door import Door
from antiphon.intake.limits import Limit, Limits
from antiphon.intake.spool import Spool
from antiphon.intake.store import open_store

ALERTS = "/in/prom/api/v2/alerts"
EVENTS = "/in/duty/v2/enqueue"


class Reply:
    """A whole answer."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body: bytes = b"".join(message["body"] for message in messages[1:])

    @property
    def said(self) -> Any:
        return json.loads(self.body)


def database() -> str:
    """The test database as the intake's store takes it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(settings["NAME"])
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)


class World:
    """The door, its clock, and what a sender does."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 5, 4, 10, tzinfo=UTC)
        self.folder = folder
        self.rules = RuleSet([Rule(id=7, name="all", expression='severity != "none"')], revision=1)
        self.limit = Limit()
        self.seconds = time.monotonic
        self.wakes = 0
        self.runner = asyncio.Runner()
        self.door = self.opened()

    def opened(self) -> Door:
        """A new process on the same data folder."""
        self.store = open_store(database())
        self.spool = Spool(self.folder / "spool")
        door = Door(
            store=self.store,
            gate=FileGate(self.folder / "write.lock") if connection.vendor == "sqlite" else OpenGate(),
            spool=self.spool,
            limits=Limits(self.limit, seconds=self.seconds),
            formats=ingest.formats(),
            rules=lambda: self.rules,
            clock=lambda: self.now,
            wake=self._wake,
        )
        self.runner.run(door.open())
        return door

    def _wake(self) -> None:
        self.wakes += 1

    def close(self) -> None:
        self.runner.run(self.door.close())

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def send(self, method: str, path: str, body: bytes | object = b"", **headers: str) -> Reply:
        """One request and its answer."""
        return self.runner.run(self.ask(method, path, body, **headers))

    def alerts(self, *alerts: dict[str, object]) -> Reply:
        return self.send("POST", ALERTS, list(alerts))

    def event(self, action: str, **more: object) -> Reply:
        return self.send("POST", EVENTS, {"event_action": action, "routing_key": "x"} | more)

    async def ask(self, method: str, path: str, body: bytes | object = b"", **headers: str) -> Reply:
        """The same, for several at once."""
        sent: list[dict[str, Any]] = []
        blob = body if isinstance(body, bytes) else json.dumps(body).encode()
        parts = [blob[i : i + 65_536] for i in range(0, len(blob), 65_536)] or [b""]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        route, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": route,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        await self.door(scope, receive, send)
        return Reply(sent)

    def wait(self, condition: Any, seconds: float = 10.0) -> None:
        """Let the door work on until something holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it never came to hold"
            self.runner.run(asyncio.sleep(0.01))


def made(folder: Path) -> World:
    """A world with one integration per format, and another sender of events."""
    world = World(folder)
    for name, kind in (("prom", "alertmanager"), ("duty", "pagerduty"), ("other", "pagerduty")):
        Integration.objects.create(
            name=name, kind=kind, key_hash=key_hash(name), key_hint=name[-4:], created_at=world.now
        )
    return world
