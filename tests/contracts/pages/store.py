"""A store that speaks enough S3 for tests: it keeps what it is given, once the signature over it is right."""

import asyncio
import hashlib
import hmac
from collections import deque

from antiphon.core.page_targets import Bucket
from tests.contracts.sinks import RawSink

KEY, SECRET = "AKIATEST", "not a secret: tests only"
FORBIDDEN, BROKEN, CUT, SLOW = 403, 500, -1, -2
"""Ways to answer wrongly: refused, out of order, the connection cut in the middle, silence."""


class Store(RawSink):
    """One bucket, “status”. `trouble` is used up, one request each."""

    def __init__(self) -> None:
        super().__init__(self._serve_requests)
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.order: list[str] = []
        self.trouble: deque[int] = deque()
        self.always = 0
        self.seen = 0

    def bucket(self, **told: str) -> Bucket:
        """How to reach it."""
        known = {"bucket": "status", "access_key": KEY, "secret_key": SECRET, "region": "eu-test-1", **told}
        return Bucket(endpoint=f"http://{self.host}:{self.port}", **known)

    async def _serve_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
            }
            trouble = self.trouble.popleft() if self.trouble else self.always
            if trouble == CUT:
                return
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.seen += 1
            if trouble == SLOW:
                await asyncio.sleep(3600)
            method, path, _ = first.split(" ")
            status, said = (trouble, "InternalError") if trouble else self._take(method, path, headers, body)
            answer = f"<Error><Code>{said}</Code></Error>".encode() if said else b""
            writer.write(f"HTTP/1.1 {status} Test\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer)
            await writer.drain()

    def _take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        if not _signed(method, path, headers, body):
            return 403, "SignatureDoesNotMatch"
        bucket, _, name = path.removeprefix("/").partition("/")
        if bucket != "status":
            return 404, "NoSuchBucket"
        if method == "DELETE":
            self.files.pop(name, None)
            return 204, ""
        self.files[name], self.headers[name] = body, headers
        self.order.append(name)
        return 200, ""


def _signed(method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
    """The same sum as the store makes it, of what it received: written apart from our own signer."""
    words = dict(part.split("=", 1) for part in headers["authorization"].split(" ", 1)[1].split(","))
    key_id, day, region, service, last = words["Credential"].split("/")
    names = words["SignedHeaders"].split(";")
    dated = headers["x-amz-date"].startswith(f"{day}T")
    if key_id != KEY or names != sorted(names) or not dated or not {"host", "x-amz-date"} <= set(names):
        return False
    if hashlib.sha256(body).hexdigest() != headers["x-amz-content-sha256"]:
        return False
    canonical = [method, path, "", *(f"{name}:{headers[name]}" for name in names), "", ";".join(names)]
    request = "\n".join([*canonical, headers["x-amz-content-sha256"]])
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + SECRET.encode()
    for part in (day, region, service, last):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{day}/{region}/{service}/{last}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex() == words["Signature"]
