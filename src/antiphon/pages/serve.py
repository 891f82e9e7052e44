"""The public page's door: a plain ASGI callable that hands out a folder of rendered files from memory.

It knows no database and no engine, so it goes on serving when both are gone, also after a restart (RELIABILITY I30).
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from antiphon.pages.files import STAMP

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]

SECURITY: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]
TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".json": b"application/json; charset=utf-8",
    ".atom": b"application/atom+xml; charset=utf-8",
    ".rss": b"application/rss+xml; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".ics": b"text/calendar; charset=utf-8",
    ".xml": b"application/cap+xml; charset=utf-8",
}
_FOR_ALL_ORIGINS = (".json", ".atom", ".rss", ".svg", ".xml", ".ics")
# Short, because an incident may open at any second; a cache may show an old copy while we cannot be reached.
CACHE = b"public, max-age=10, stale-if-error=86400"
_NOT_YET = b"The status page has not been rendered yet. Try again in a few seconds.\n"
_NOT_FOUND = b"Nothing is published at this address.\n"
_METHODS = b"This address can only be read: use GET or HEAD.\n"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One way to answer, ready to send: the first message, the body, and what comes without one."""

    start: Message
    body: Message
    without_body: Message

    def head_on_the_wire(self, *more: tuple[bytes, bytes]) -> bytes:
        """Status line and headers as HTTP/1.1 sends them, up to where the body begins."""
        status = HTTPStatus(self.start["status"])
        lines = [b"%s: %s" % header for header in (*self.start["headers"], *more)]
        return b"\r\n".join([f"HTTP/1.1 {status.value} {status.phrase}".encode(), *lines, b"", b""])


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in memory with its answers; `mark` tells whether the file on disk is still the same."""

    mark: tuple[int, int, int]
    tag: bytes
    plain: Answer
    packed: Answer | None
    unchanged: Answer
    packed_unchanged: Answer
    missing: Answer


class PublicFolder:
    """ASGI callable for everything below `prefix`; one `stat` per request notices a new rendering."""

    def __init__(self, folder: Path, *, prefix: str = "/status") -> None:
        self._folder, self._prefix = folder, prefix.rstrip("/")
        self._stamp: tuple[int, int, int] | None = None
        self._entries: dict[str, Entry] = {}
        self._answers: dict[str, Entry] = {}
        self.reload()

    def reload(self) -> None:
        """Read what changed on disk. Safe from another thread: requests see the old set or the new one."""
        stamp = _mark(self._folder / STAMP)
        if stamp is None or stamp == self._stamp:
            return
        entries = {name: _entry(path, self._entries.get(name)) for name, path in _files(self._folder)}
        answers: dict[str, Entry] = {}
        for name, entry in entries.items():
            answers[f"{self._prefix}/{name}"] = entry
            if name.endswith(".html"):
                answers[f"{self._prefix}/{name.removesuffix('index.html').removesuffix('.html')}"] = entry
        # What is shown where nothing is has no address itself.
        answers.pop(f"{self._prefix}/404.html", None)
        answers.pop(f"{self._prefix}/404", None)
        self._entries, self._answers, self._stamp = entries, answers, stamp

    def holds(self, path: str) -> bool:
        """Whether there is a file for this path."""
        self.reload()
        return path in self._answers

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        answer = self._answer(scope)
        await send(answer.start)
        await send(answer.without_body if scope["method"] == "HEAD" else answer.body)

    def _answer(self, scope: MutableMapping[str, Any]) -> Answer:
        if scope["method"] not in ("GET", "HEAD"):
            return _plain(405, _METHODS, (b"allow", b"GET, HEAD"))
        if _mark(self._folder / STAMP) != self._stamp:
            self.reload()
        entry = self._answers.get(scope["path"])
        if entry is None:
            return self._nothing_there(scope["path"])
        accepted = known = b""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                accepted += b"," + value
            elif name == b"if-none-match":
                known += b"," + value
        return _choose(entry, accepted, known)

    def at_once(self, url: bytes, headers: Mapping[bytes, bytes]) -> Answer | None:
        """The answer to GET for exactly this address, None for anything that needs a closer look."""
        entry = self._answers.get(url.decode("latin-1"))
        if entry is None:
            return None
        return _choose(entry, headers.get(b"accept-encoding", b""), headers.get(b"if-none-match", b""))

    def _nothing_there(self, path: str) -> Answer:
        if not self._entries:
            return _plain(503, _NOT_YET, (b"retry-after", b"5"))
        if path == self._prefix:
            return _plain(308, b"", (b"location", f"{self._prefix}/".encode()))
        page = self._entries.get("404.html")
        return page.missing if page else _plain(404, _NOT_FOUND)


def _choose(entry: Entry, accepted: bytes, known: bytes) -> Answer:
    packed = entry.packed if entry.packed and takes_gzip(accepted) else None
    if known and (entry.tag in known or known.strip(b", ") == b"*"):
        # With the tag of what would be sent: a cache renews its copy by it (RFC 9111 §4.3.4).
        return entry.packed_unchanged if packed else entry.unchanged
    return packed or entry.plain


@lru_cache(maxsize=512)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110 §12.5.3; a weight of zero forbids it)."""
    weights = {}
    for part in accept_encoding.lower().replace(b" ", b"").split(b","):
        coding, _, weight = part.partition(b";q=")
        weights[coding] = weight.strip(b"0.") != b"" or not weight
    return weights.get(b"gzip", weights.get(b"*", False))


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Regular files of known kinds below the folder; no links, nothing hidden."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in TYPES and not path.name.startswith(".") and path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def _entry(path: Path, before: Entry | None) -> Entry:
    mark = _mark(path) or (0, 0, 0)
    if before and before.mark == mark:
        return before
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()[:32].encode()
    headers: Headers = [(b"content-type", TYPES[path.suffix]), (b"cache-control", CACHE), *SECURITY]
    if path.suffix in _FOR_ALL_ORIGINS:
        headers.append((b"access-control-allow-origin", b"*"))
    headers.append((b"vary", b"accept-encoding"))
    plain_tag, packed_tag = (b"etag", b'"%s"' % digest), (b"etag", b'"%s-gz"' % digest)
    packed = _packed(path, raw)
    return Entry(
        mark=mark,
        tag=digest,
        plain=_ready(200, [*headers, plain_tag], raw),
        packed=_ready(200, [*headers, packed_tag, (b"content-encoding", b"gzip")], packed) if packed else None,
        unchanged=_bodyless(304, [*headers, plain_tag]),
        packed_unchanged=_bodyless(304, [*headers, packed_tag]),
        missing=_plain(404, raw, (b"content-type", TYPES[path.suffix])),
    )


def _packed(path: Path, raw: bytes) -> bytes | None:
    """The .gz beside the file, if it is worth it and holds the same bytes (its last eight say so)."""
    try:
        body = path.with_name(path.name + ".gz").read_bytes()
    except OSError:
        return None
    fits = body[-8:-4] == zlib.crc32(raw).to_bytes(4, "little") and len(body) < len(raw)
    return body if fits else None


def _ready(status: int, headers: Headers, body: bytes) -> Answer:
    sized = [*headers, (b"content-length", b"%d" % len(body))]
    return Answer(
        start={"type": "http.response.start", "status": status, "headers": sized},
        body={"type": "http.response.body", "body": body},
        without_body={"type": "http.response.body", "body": b""},
    )


def _bodyless(status: int, headers: Headers) -> Answer:
    empty: Message = {"type": "http.response.body", "body": b""}
    return Answer({"type": "http.response.start", "status": status, "headers": headers}, empty, empty)


def _plain(status: int, body: bytes, *more: tuple[bytes, bytes]) -> Answer:
    typed = dict([(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *more])
    return _ready(status, [*typed.items(), *SECURITY], body)
