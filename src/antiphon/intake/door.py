"""The door for alerts: a plain ASGI application for everything under `/in/<key>/`.

Key, size, decode, sort, group commit, and only then 2xx. It stands in front of Django and knows
nothing of it. The key is in the path, or in the header `Authorization: Bearer` under `/in/`.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, NamedTuple

import structlog

import antiphon
from antiphon.core.observations import Observation, Unreadable, key_hash
from antiphon.db.fields import to_micros
from antiphon.db.gate import Gate
from antiphon.ingest import Format, pagerduty
from antiphon.intake import answers
from antiphon.intake.answers import Answer
from antiphon.intake.commits import Commits, NotStored
from antiphon.intake.known import Fault, Known
from antiphon.intake.limits import Limits
from antiphon.intake.matching import Rules
from antiphon.intake.spool import Spool
from antiphon.intake.work import Integration, Record, Refused, Store, Unavailable, Work

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_SECONDS = 20.0
MOST_READ = 64 * 1024 * 1024
"""Bytes of a body over its limit that are read and thrown away: a sender that is still writing sees no answer."""
KEY_SECONDS = 5.0
"""How long a key once found is believed; a switched-off one is refused after that."""
MAX_ROUTES = 10_000
SWITCH_SECONDS = 0.0005
"""How long the loop may keep a thread waiting: one that comes back from the disk, or answers a page."""
KEPT_RAW = 16 * 1024
"""Bytes kept of a body that nobody could read."""
RETRY_SECONDS = 5.0
HEADER_KEY = ("api", "v2", "-")
SERVER_TROUBLE = "The alert could not be stored just now; send it again."


class Route(NamedTuple):
    """A path once understood: whose key it holds and what is asked there."""

    integration: Integration
    rest: str
    until: float


class TooLarge(Exception):
    """The body is over its format's limit; `head` is what was read of it."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"the body is larger than this door takes ({len(head)} bytes were read)")
        self.head = head


class Door:
    """Takes alerts. `await open()` before the first request, `await close()` after the last."""

    def __init__(
        self,
        *,
        store: Store,
        gate: Gate,
        spool: Spool,
        limits: Limits,
        formats: Mapping[str, Format],
        rules: Callable[[], Rules],
        clock: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._store, self._limits, self._formats, self._clock = store, limits, formats, clock
        self._known = Known(rules)
        self._commits = Commits(store, gate, spool, self._known, read=self._read_again, wake=wake)
        self._routes: dict[str, Route] = {}
        self._started_at = to_micros(clock())
        self._asked: dict[tuple[str, str], Callable[[Integration, Any, Receive], Awaitable[Answer]]]
        self._asked = {
            ("alertmanager", "api/v2/alerts"): self._alertmanager_alerts,
            ("pagerduty", "v2/enqueue"): self._pagerduty_event,
            ("pagerduty", "v2/change/enqueue"): self._pagerduty_change,
        }

    async def open(self) -> None:
        """Reach for the database (it may be away) and replay what waits in the spool."""
        await self._commits.start()
        gc.collect()
        gc.freeze()  # what start-up made stays; a collection over it cost 15 % of a storm of new alerts
        gc.set_threshold(20_000, 20, 50)
        sys.setswitchinterval(SWITCH_SECONDS)

    async def close(self) -> None:
        """Finish the requests taken and let go of everything."""
        await self._commits.stop()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One request."""
        route = self._routes.get(scope["path"])
        if route is None or route.until < time.monotonic():
            found = await self._find(scope)
            if isinstance(found, Answer):
                await _send(send, found, scope["method"])
                return
            route = found
        answer = await self._answer(route, scope, receive)
        await _send(send, answer, scope["method"])

    async def knock(self, hashed_key: str, rest: str, body: bytes) -> int:
        """One POST of our own (a test alert), by the hash of a key, which is all that is kept of it.

        Answers the status that its sender would see.
        """
        found = await self._store.integration(hashed_key)
        if found is None:
            return answers.NOT_FOUND.status
        return (await self.post(Route(found, rest, time.monotonic() + KEY_SECONDS), body)).status

    def known_route(self, url: bytes) -> Route | None:
        """The route of a request's address while its key is believed; None asks for a closer look."""
        route = self._routes.get(url.decode("latin-1"))
        return None if route is None or route.until < time.monotonic() else route

    async def post(self, route: Route, body: bytes) -> Answer:
        """The answer to a whole POST, without ASGI around it."""

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        return await self._answer(route, _POST, receive)

    async def _answer(self, route: Route, scope: Any, receive: Receive) -> Answer:
        sender = route.integration
        handler = self._asked.get((sender.kind, route.rest))
        if handler is None:
            return self._plain(sender, route.rest, scope["method"])
        try:
            return await handler(sender, scope, receive)
        except TooLarge as error:
            kept = Record(sender, "unreadable", self._now(), error.head[:KEPT_RAW], str(error))
            await self._keep(kept)
            return answers.error(sender.kind, 413, "The body is too large; send fewer at once.")
        except TimeoutError:
            return answers.error(sender.kind, 408, "The body did not arrive in time.")
        except (NotStored, Unavailable) as error:
            log.warning("intake.not_stored", integration=sender.name, error=str(error))
            return answers.retry(sender.kind, 503, SERVER_TROUBLE, RETRY_SECONDS)

    # --- whose key is it

    async def _find(self, scope: Any) -> Route | Answer:
        """The route of a request's path, asking the database about its key."""
        path: str = scope["path"]
        first, _, rest = path.removeprefix("/in/").partition("/")
        in_header = first in HEADER_KEY
        key = _bearer(scope["headers"]) if in_header else first
        if in_header:
            rest = f"{first}/{rest}"
        try:
            found = await self._store.integration(key_hash(key)) if key else None
        except Unavailable:
            if path in self._routes:  # known before the database went away
                return self._routes[path]
            return answers.retry("alertmanager", 503, SERVER_TROUBLE, RETRY_SECONDS)
        if found is None:
            self._routes.pop(path, None)
            return answers.UNAUTHORIZED if in_header else answers.NOT_FOUND
        route = Route(found, rest.rstrip("/"), time.monotonic() + KEY_SECONDS)
        if not in_header:
            if len(self._routes) >= MAX_ROUTES:
                self._routes.clear()
            self._routes[path] = route
        return route

    # --- Alertmanager

    async def _alertmanager_alerts(self, sender: Integration, scope: Any, receive: Receive) -> Answer:
        method = scope["method"]
        if method == "GET":
            rows = await self._store.open_alerts(sender.id)
            return await asyncio.to_thread(answers.open_alerts, rows, scope["query_string"])
        if method != "POST":
            return answers.method_not_allowed(sender.kind, method, ("POST", "GET"))
        if self._limits.empty(sender.id):
            return await self._limited(sender, 1.0)
        at = self._now()
        body = await self._body(sender, scope, receive)
        try:
            said = self._formats[sender.kind].parse(body, now=at)
        except Unreadable as error:
            await self._keep(Record(sender, "unreadable", at, body[:KEPT_RAW], str(error)))
            sentence = f'parsing alerts body from "" failed, because {error}'
            return answers.alertmanager_error(400, sentence)
        taken = await self._take(Record(sender, "alerts", at, body), said)
        if isinstance(taken, Answer):
            return taken
        if taken:
            return answers.alertmanager_refusal("; ".join(str(fault.error) for fault in taken[:5]))
        return answers.ALERTS_TAKEN

    # --- PagerDuty

    async def _pagerduty_event(self, sender: Integration, scope: Any, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            return answers.method_not_allowed(sender.kind, scope["method"], ("POST",))
        if self._limits.empty(sender.id):
            return await self._limited(sender, 1.0)
        at = self._now()
        body = await self._body(sender, scope, receive)
        try:
            said = self._formats[sender.kind].parse(body, now=at)
        except Unreadable as error:
            await self._keep(Record(sender, "unreadable", at, body[:KEPT_RAW], str(error)))
            return answers.pagerduty_error(400, str(error))
        taken = await self._take(Record(sender, "alerts", at, body), said)
        if isinstance(taken, Answer):
            return taken
        if taken:
            return answers.pagerduty_error(400, str(taken[0].error))
        return answers.pagerduty_taken(pagerduty.dedup_key(said[0]))

    async def _pagerduty_change(self, sender: Integration, scope: Any, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            return answers.method_not_allowed(sender.kind, scope["method"], ("POST",))
        if wait := self._limits.wait(sender.id, 1, lambda: False):
            return await self._limited(sender, wait)
        at = self._now()
        body = await self._body(sender, scope, receive)
        record = Record(sender, "change", at, body)
        work = Work(record)
        try:
            work.changes.append((sender.id, pagerduty.parse_change(body, now=at)))
        except Unreadable as error:
            await self._keep(Record(sender, "unreadable", at, body[:KEPT_RAW], str(error)))
            return answers.pagerduty_error(400, str(error))
        await self._commits.put(work)
        return answers.PAGERDUTY_CHANGE_TAKEN

    # --- what all formats share

    async def _take(self, record: Record, said: list[Observation]) -> Answer | list[Fault]:
        """Store observations, or say why not; answers the alerts that could not be read."""
        sender = record.integration
        wait = self._limits.wait(sender.id, len(said), lambda: self._known.any_critical(sender, said))
        if wait:
            return await self._limited(sender, wait)
        work = Work(record)
        faults = self._sort(work, said)
        try:
            await self._commits.put(work)
        except Refused as error:
            await self._keep(record._replace(action="unreadable", error=str(error)))
            return answers.error(sender.kind, 400, "The alert could not be stored as it is.")
        return faults

    def _sort(self, work: Work, said: list[Observation]) -> list[Fault]:
        sender = work.record.integration
        faults = self._known.sort(sender, said, work)
        for fault in faults:
            kept = (sender.id, work.at, str(fault.error), fault.raw[:KEPT_RAW])
            work.unreadable.append(kept)
        return faults

    async def _limited(self, sender: Integration, wait: float) -> Answer:
        """429 with the time to wait, and every few seconds a notice for people."""
        if self._limits.first_notice(sender.id):
            await self._keep(Record(sender, "limited", self._now(), b""))
        sentence = "This integration sends more than its limit; send again later."
        return answers.retry(sender.kind, 429, sentence, wait + 0.5)

    async def _keep(self, record: Record) -> None:
        """Keep what is not an alert (an unreadable body, a notice)."""
        await self._commits.put(self._read_again(record))

    def _read_again(self, record: Record) -> Work:
        """A record, from the spool or of an unreadable body, as work."""
        work, sender = Work(record), record.integration
        try:
            if record.action == "alerts":
                self._sort(work, self._formats[sender.kind].parse(record.body, now=record.at))
            elif record.action == "change":
                change = pagerduty.parse_change(record.body, now=record.at)
                work.changes.append((sender.id, change))
            elif record.action == "limited":
                work.notices.append((sender.id, "limited", record.at))
            else:
                kept = (sender.id, record.at, record.error, record.body[:KEPT_RAW])
                work.unreadable.append(kept)
        except Unreadable as error:
            kept = (sender.id, record.at, str(error), record.body[:KEPT_RAW])
            work.unreadable.append(kept)
        return work

    async def _body(self, sender: Integration, scope: Any, receive: Receive) -> bytes:
        """The whole body; raises TooLarge or TimeoutError."""
        limit = self._formats[sender.kind].max_bytes
        message = await receive()
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if len(body) > limit:
                raise TooLarge(body)
            return body
        parts, size = [body], len(body)
        async with asyncio.timeout(BODY_SECONDS):
            while message.get("more_body") and size <= MOST_READ:
                message = await receive()
                body = message.get("body", b"")
                if size <= limit:
                    parts.append(body)
                size += len(body)
        if size > limit:
            raise TooLarge(b"".join(parts))
        if message["type"] == "http.disconnect":
            raise TimeoutError
        return b"".join(parts)

    def _plain(self, sender: Integration, rest: str, method: str) -> Answer:
        """What needs no body: health, status, the lists that amtool asks for."""
        found = {
            "-/ready": answers.OK_TEXT,
            "-/healthy": answers.OK_TEXT,
        }.get(rest)
        if sender.kind == "alertmanager" and found is None:
            found = {
                "api/v2/status": answers.status(antiphon.__version__, self._started_at),
                "api/v2/receivers": answers.RECEIVERS,
                "api/v2/silences": answers.NO_SILENCES,
            }.get(rest)
        if found is None:
            return answers.error(sender.kind, 404, f"path /{rest} was not found")
        if method not in ("GET", "HEAD"):
            return answers.method_not_allowed(sender.kind, method, ("GET", "HEAD"))
        return found

    def _now(self) -> int:
        return to_micros(self._clock())


def _bearer(headers: list[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == b"authorization":
            word, _, key = value.decode("latin-1").partition(" ")
            return key.strip() if word.lower() in ("bearer", "token") else ""
    return ""


async def _send(send: Send, answer: Answer, method: str) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.head()})
    body = b"" if method == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})


_POST: Message = {"method": "POST", "query_string": b"", "headers": []}
