"""The load generator of `bench/intake.py`: a process of its own, one answer awaited per connection.

python -m bench.load --port PORT --path PATH --size ALERTS --kind repeated|new --seconds S

With `--rate` (alerts a second) it sends at that pace over one connection instead of as fast as it is answered.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import uvloop

CONNECTIONS = {1: 64, 64: 16, 1000: 8}
DISTINCT = 8192
"""How many alerts a repeated case goes through."""


def alert(number: int | str, severity: str = "warning") -> str:
    """One alert as Prometheus sends it, its end an hour away."""
    labels = (
        f'{{"alertname":"HighLatency","cluster":"eu-1","instance":"host-{number:0>9}.example.com:9100",'
        f'"job":"node","service":"checkout","severity":"{severity}","team":"web"}}'
    )
    ends = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() // 3600 * 3600 + 7200))
    return (
        f'{{"labels":{labels},"annotations":{{"description":"p99 above 500 ms for 10 minutes on checkout",'
        f'"summary":"Latency is high"}},"startsAt":"2026-01-01T00:00:00.000Z","endsAt":"{ends}",'
        '"generatorURL":"http://prometheus:9090/graph?g0.expr=job%3Alatency%3Ap99"}'
    )


def request(path: str, body: bytes) -> bytes:
    """A whole POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def repeated(path: str, size: int, severity: str) -> Iterator[bytes]:
    """The same alerts again and again, in requests of `size`."""
    made = [
        request(path, f"[{','.join(alert(n + i, severity) for i in range(size))}]".encode())
        for n in range(0, max(DISTINCT, size), size)
    ]
    while True:
        yield from made


def new(path: str, size: int, severity: str) -> Iterator[bytes]:
    """Alerts that were never seen before."""
    parts = alert("#" * 9, severity).encode().split(b"#" * 9)
    number = int(time.time() * 1000) % 10**8 * 10
    length = size * (len(parts[0]) + 9 + len(parts[1]) + 1) + 1
    head = request(path, b"x" * length)[:-length]
    while True:
        alerts = [parts[0] + b"%09d" % (number + i) + parts[1] for i in range(size)]
        number += size
        yield head + b"[" + b",".join(alerts) + b"]"


class Connection(asyncio.Protocol):
    """One kept-alive connection: the next request after the answer, and `every` seconds after the one before."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float], until: float, every: float) -> None:
        self._requests, self._latencies, self._until, self._every = requests, latencies, until, every
        self._buffer = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._transport.close()
            self.done.set_result(None)
            return
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
            self.done.set_exception(ConnectionError(f"refused: {self._buffer[:500]!r}"))
            self._transport.close()
            return
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if len(rest) < int(length[1] if length else 0):
            return
        self._buffer = b""
        spent = time.perf_counter() - self._sent
        self._latencies.append(spent)
        if spent < self._every:
            asyncio.get_running_loop().call_later(self._every - spent, self._next)
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


async def generate(
    port: int, path: str, size: int, kind: str, seconds: float, *, rate: float = 0.0, severity: str = "warning"
) -> dict[str, float]:
    """Load for so many seconds; answers alerts a second and latencies in milliseconds. `rate` 0: as fast as it goes."""
    requests = (repeated if kind == "repeated" else new)(path, size, severity)
    every = size / rate if rate else 0.0
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    started = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: Connection(requests, latencies, started + seconds, every), "127.0.0.1", port
        )
        for _ in range(1 if rate else CONNECTIONS[size])
    ]
    async with asyncio.timeout(seconds + 20):
        await asyncio.gather(*(protocol.done for _, protocol in made))
    spent = time.perf_counter() - started
    ordered = sorted(latencies)
    return {
        "rate": len(ordered) * size / spent,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
    }


def main() -> None:
    """The words of the command line; prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int)
    parser.add_argument("--path")
    parser.add_argument("--size", type=int)
    parser.add_argument("--kind")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--severity", default="warning")
    print(json.dumps(uvloop.run(generate(**vars(parser.parse_args())))))


if __name__ == "__main__":
    main()
