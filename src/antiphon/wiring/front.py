"""One web process: an ASGI front with the hot doors, and Django behind it in threads.

`/in/…` goes to the intake, but for mail that comes back; `/status/…` to the rendered public pages,
`/healthz` is answered here; all else goes to Django as WSGI in 16 threads (under ASGI it would start
two threads per request). A minder thread renders public pages and fetches the rules' revision once a
second.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any, cast

import structlog
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from django.db import Error as DatabaseError
from django.db import connection
from django.urls import resolvers

from antiphon import clock
from antiphon.config import Config
from antiphon.core.declaring import RuleSet
from antiphon.db import hints
from antiphon.db.addresses import base_url
from antiphon.db.gate import FileGate, Gate, OpenGate
from antiphon.db.snapshots import groups
from antiphon.db.transactions import GATE_NAME
from antiphon.ingest import formats
from antiphon.intake.door import Door
from antiphon.intake.limits import Limit, Limits
from antiphon.intake.spool import Spool
from antiphon.intake.store import open_store
from antiphon.intake.work import Unavailable
from antiphon.pages.keep import refresh
from antiphon.pages.serve import PublicFolder
from antiphon.web import test_alerts
from antiphon.wiring.pushing import Pusher

log = structlog.get_logger("web")
THREADS = 16
KNOCK_SECONDS = 10.0
"""How long a page waits for its own test alert to be taken."""
Scope = MutableMapping[str, Any]
Call = Callable[..., Any]


class Front:
    """The ASGI application of one web process."""

    def __init__(self, config: Config) -> None:
        self._minder = Minder(config)
        self.door = _door(config, self._minder)
        self.pages = PublicFolder(config.public_folder)
        self._pusher = Pusher(config)
        # a2wsgi types its WSGI side by classes of its own.
        self._django = WSGIMiddleware(cast("Any", get_wsgi_application()), workers=THREADS)

    async def __call__(self, scope: Scope, receive: Call, send: Call) -> None:
        """Send each request through its door."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._route(scope["path"])(scope, receive, send)

    def _route(self, path: str) -> Call:
        if path.startswith("/in/"):
            return self._django if path.endswith("/mail") and path.count("/") == 3 else self.door
        if path.startswith("/status/p/") and not self.pages.holds(path):
            return self._django  # a page behind a link, or none
        if path.startswith("/status/") or path == "/status":
            return self.pages
        return _healthy if path == "/healthz" else self._django

    async def _lifespan(self, receive: Call, send: Call) -> None:
        await receive()
        await self.door.open()
        test_alerts.use(_knocking(self.door, asyncio.get_running_loop()))
        self._minder.start()
        self._pusher.start()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.to_thread(_settle)
        await receive()
        self._pusher.stop()
        self._minder.stop()
        await self.door.close()
        await send({"type": "lifespan.shutdown.complete"})


def _knocking(door: Door, loop: asyncio.AbstractEventLoop) -> test_alerts.Knock:
    """The door for alerts as Django's threads reach it."""

    def knock(hashed_key: str, rest: str, body: bytes) -> int:
        try:
            return asyncio.run_coroutine_threadsafe(door.knock(hashed_key, rest, body), loop).result(KNOCK_SECONDS)
        except (TimeoutError, Unavailable):
            return 503

    return knock


class Minder:
    """Once a second, on its own thread: new rules for the intake, fresh files for the public page."""

    def __init__(self, config: Config) -> None:
        self.rules = RuleSet(())
        self._folder, self._private = config.public_folder, config.private_folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minder", daemon=True)

    def start(self) -> None:
        """Begin; the first round happens at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        shown, base = -1, ""
        while not self._stop.is_set():
            try:
                self.rules, base = groups.rules(), base_url()
            except DatabaseError as error:
                log.warning("rules not read, the last ones hold", error=str(error))
                connection.close()
            shown = refresh(
                self._folder,
                now=clock.now(),
                last_revision=shown,
                real_time=clock.rate() == 1.0,
                private=self._private,
                base=base,
            )
            self._stop.wait(1.0)
        connection.close()


def _settle() -> None:
    """Once alerts are taken: load the views, for which the first visitor would wait, and keep all that stays from being
    looked through for garbage again and again, for which any later one would."""
    resolvers.get_resolver().url_patterns  # noqa: B018 -- asking for them loads them
    gc.collect()
    gc.freeze()


async def _healthy(_scope: Scope, _receive: Call, send: Call) -> None:
    """200 when the process answers and its database does, else 503 with the reason."""
    trouble = await asyncio.to_thread(_database_trouble)
    body = f'{{"status": "{"degraded" if trouble else "ok"}"}}\n'.encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503 if trouble else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _database_trouble() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        connection.close()
        return str(error)
    return ""


def _door(config: Config, minder: Minder) -> Door:
    config.data.mkdir(parents=True, exist_ok=True)
    gate: Gate = OpenGate() if config.is_postgresql else FileGate(config.data / GATE_NAME)
    return Door(
        store=open_store(config.database_url or str(config.database_path)),
        gate=gate,
        spool=Spool(config.data / "spool"),
        limits=Limits(Limit(), seconds=time.monotonic),
        formats=formats(),
        rules=lambda: minder.rules,
        clock=clock.now,
        wake=hints.sender.send,
    )
