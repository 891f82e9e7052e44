"""HTTP to the outside: guarded, pinned, without redirects, under one total deadline and a size cap.

Built on httpcore2, the engine of httpx2, for its network seam: our backend resolves, checks and connects, while the
Host header and the TLS server name stay those of the URL. Cookies, proxies from the environment, redirects and
decompression do not exist on this path.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import httpcore2

from antiphon.egress.failures import Refused, TimedOut, Unreachable
from antiphon.egress.guard import Guard, Target

MAX_BODY = 64 * 1024  # bytes of an answer we keep; nobody needs more of a receipt
PER_HOST = 8  # connections to one host and port, so that one that hangs starves no other


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: header names in lower case, the body cut at the cap. `cookies`: each Set-Cookie line as it came;
    the client itself keeps none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections only to addresses that the guard has just checked."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 – the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._guard.resolve(host, port)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout=timeout)
            except httpcore2.ConnectError:
                continue
        return await self._network.connect_tcp(str(addresses[-1]), port, timeout=timeout)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Http:
    """The one HTTP client. Use it on one event loop only."""

    def __init__(self, guard: Guard, *, deadline: float, tls: ssl.SSLContext, most: int = MAX_BODY) -> None:
        self._guard = guard
        self._most = most
        self._deadline = deadline
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,  # bounded per host below: a common bound would let one host starve the others
            max_keepalive_connections=64,
            keepalive_expiry=20,
            network_backend=_GuardedNetwork(guard),
        )
        self._turns: WeakValueDictionary[tuple[str, int], asyncio.Semaphore] = WeakValueDictionary()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", deadline: float | None = None
    ) -> Reply:
        """Send one request and read the answer, all within `deadline` seconds (the client's own when None).

        Raises Refused, TimedOut or Unreachable. A redirect is an answer like any other, never followed.
        """
        target = self._guard.check_url(url)
        seconds = self._deadline if deadline is None else deadline
        try:
            async with asyncio.timeout(seconds), self._turn(target):
                return await self._exchange(method, url, headers, body)
        except TimeoutError:
            raise TimedOut(f"{target.host} did not answer within {seconds:g} seconds.") from None
        except httpcore2.TimeoutException:
            raise TimedOut(f"{target.host} did not answer in time.") from None
        except (httpcore2.LocalProtocolError, UnicodeEncodeError):
            raise Refused("The request holds a character that HTTP does not allow; check URL and headers.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError, OSError) as error:
            raise Unreachable(f"The connection to {target.host} failed ({type(error).__name__}).") from None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def _turn(self, target: Target) -> asyncio.Semaphore:
        return self._turns.setdefault((target.host, target.port), asyncio.Semaphore(PER_HOST))

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        sent = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        async with self._pool.stream(method, url, headers=sent, content=body) as response:
            kept = bytearray()
            async for chunk in response.aiter_stream():
                kept += chunk[: self._most - len(kept)]
                if len(kept) >= self._most:
                    break
            pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers]
            cookies = tuple(value for name, value in pairs if name == "set-cookie")
            return Reply(response.status, dict(pairs), bytes(kept), cookies)
