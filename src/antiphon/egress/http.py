"""HTTP to the outside: guarded, pinned, without redirects, under one total deadline and a size cap.

Built on aiohttp's client, whose resolver is our guard: it resolves, checks and connects, while the Host header and the
TLS server name stay those of the URL. Cookies, proxies from the environment, redirects and decompression are off.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from antiphon.egress.failures import LAST_START, NotTried, Refused, TimedOut, Unreachable
from antiphon.egress.guard import Address, Guard, Target

MAX_BODY = 64 * 1024  # bytes of an answer we keep; nobody needs more of a receipt
PER_HOST = 8  # connections to one host and port, so that one that hangs starves no other
_IDLE: Final = 20.0  # seconds an unused connection is kept
_NOTHING_OF_ITS_OWN: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: header names in lower case, the body cut at the cap. `cookies`: each Set-Cookie line as it came;
    the client itself keeps none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class _Guarded(AbstractResolver):
    """Names lead only to addresses that the guard has just checked. (An address in the URL was checked with it.)"""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [_found(host, port, address) for address in await self._guard.resolve(host, port)]

    async def close(self) -> None:
        """The guard is closed by who made it."""


def _found(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return {
        "hostname": host,
        "host": str(address),
        "port": port,
        "family": family,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST,
    }


class Http:
    """The one HTTP client. Use it on one event loop only."""

    def __init__(self, guard: Guard, *, deadline: float, tls: ssl.SSLContext, most: int = MAX_BODY) -> None:
        self._guard = guard
        self._most = most
        self._deadline = deadline
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None
        self._turns: WeakValueDictionary[tuple[str, int], asyncio.Semaphore] = WeakValueDictionary()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", deadline: float | None = None
    ) -> Reply:
        """Send one request and read the answer, all within `deadline` seconds (the client's own when None).

        Raises Refused, TimedOut or Unreachable; NotTried when the host was busy with our other requests all that time.
        A redirect is an answer like any other, never followed.
        """
        target = self._guard.check_url(url)
        seconds = self._deadline if deadline is None else deadline
        if not (_plain(url) and all(_plain(name) and _plain(value) for name, value in headers.items())):
            raise Refused("The request holds a character that HTTP does not allow; check URL and headers.")
        last_start = asyncio.get_running_loop().time() + LAST_START * seconds
        begun = False
        try:
            async with asyncio.timeout(seconds), self._turn(target):
                if asyncio.get_running_loop().time() > last_start:
                    raise TimeoutError
                begun = True
                return await self._exchange(method, url, headers, body)
        except TimeoutError:
            if not begun:
                raise NotTried(f"{target.host} kept other messages waiting for {seconds:g} seconds.") from None
            raise TimedOut(f"{target.host} did not answer within {seconds:g} seconds.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"The connection to {target.host} failed ({type(error).__name__}).") from None

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session, which belongs to the loop that asks first."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_Guarded(self._guard),
                use_dns_cache=False,  # each connection asks anew (see guard)
                ssl=self._tls,
                limit=0,  # bounded per host: a common bound would let one host starve the others
                keepalive_timeout=_IDLE,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),  # ours is total, and counts the wait for a turn
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_NOTHING_OF_ITS_OWN,
                auto_decompress=False,
            )
        return self._session

    def _turn(self, target: Target) -> asyncio.Semaphore:
        return self._turns.setdefault((target.host, target.port), asyncio.Semaphore(PER_HOST))

    async def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        # As it is written: what was signed or typed is not put into another form.
        asked = URL(url, encoded=True)
        async with self._open().request(
            method, asked, headers=headers, data=body or None, allow_redirects=False
        ) as response:
            kept = bytearray()
            while len(kept) < self._most and (chunk := await response.content.read(self._most - len(kept))):
                kept += chunk
            cookies = tuple(response.headers.getall("Set-Cookie", ()))
            pairs = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, pairs, bytes(kept), cookies)


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
