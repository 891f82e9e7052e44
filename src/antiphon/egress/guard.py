"""Which targets an outbound connection may have: checked by address, at the moment of connecting.

A name is resolved once per connection, every address it has is checked, and the connection goes to a checked address
and to nothing else, so a name server that changes its mind in between (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import functools
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NoReturn
from urllib.parse import urlsplit

from antiphon.egress.failures import Refused, Unreachable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PORTS = {"http": 80, "https": 443}


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Never a target, not even by an admin's list: "this network", metadata services of clouds, multicast, reserved.
_NEVER = _networks(
    "0.0.0.0/8", "169.254.169.254/32", "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "fd00:ec2::254/128", "ff00::/8",
)  # fmt: skip
# Not public (IANA special-purpose address registries): only by an admin's list. `ipaddress.is_private` is not enough.
_NOT_PUBLIC = _networks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)  # fmt: skip
_PUBLIC_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class EgressPolicy:
    """What an admin allows.

    allowed_private       networks that are not public but may be targets
    own_urls              our own base URLs and listening addresses: never a target, so that nothing sent comes back in
    allowed_to_strangers  such networks where even an address may lie that a reader of a status page typed
    """

    allowed_private: tuple[Network, ...] = ()
    own_urls: tuple[str, ...] = ()
    allowed_to_strangers: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Target:
    """A URL taken apart: what the guard and the client need of it."""

    scheme: str
    host: str
    port: int


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (v4-mapped, NAT64), or the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def address_problem(address: Address, policy: EgressPolicy) -> str | None:
    """Why a connection to this address is refused, as a sentence; None when it is allowed."""
    real = embedded(address)
    if any(real in network for network in _NEVER):
        return f"{address} is a reserved or metadata address and never a target."
    if any(real in network for network in policy.allowed_private):
        return None
    if any(real in network for network in _NOT_PUBLIC) or (real.version == 6 and real not in _PUBLIC_V6):
        return f"{address} is not a public address: to allow it, start Antiphon with ANTIPHON_ALLOW_PRIVATE={address}."
    return None


def url_problem(url: str) -> str | None:
    """What is wrong with a URL as far as its form tells, or None; whether it may be reached is asked when it is."""
    try:
        parse_url(url)
    except Refused as refused:
        return str(refused)
    return None


def parse_url(url: str) -> Target:
    """Take an http(s) URL apart. Raises Refused with a sentence for every form that could mean two things."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise Refused("The URL holds a space, a backslash or a control character; remove it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("The URL cannot be read; check its host and port.") from None
    if parts.scheme not in PORTS:
        raise Refused("Only http and https URLs are allowed.")
    if parts.username is not None or parts.password is not None:
        raise Refused("The URL holds a user name or password before the host; put credentials into their own field.")
    if port == 0:
        raise Refused("Port 0 cannot be a target.")
    return Target(parts.scheme, plain_host(parts.hostname or ""), port or PORTS[parts.scheme])


_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@functools.lru_cache(maxsize=4096)  # mailings name the same few domains thousands of times
def plain_host(host: str) -> str:
    """The host in lower-case ASCII: an IP address in its one usual form, or a DNS name. Raises Refused.

    A name whose last label is a number is what old resolvers take for an address (2130706433, 0x7f.1, 0177.0.0.1).
    """
    if "%" in host:  # an IPv6 zone names one of our own interfaces
        _refuse_host(host)
    if literal := _literal(host):
        return str(literal)
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        _refuse_host(host)
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        _refuse_host(host)
    return name


def _refuse_host(host: str) -> NoReturn:
    shown = "".join(letter if letter.isprintable() else "?" for letter in host[:80])
    raise Refused(f"“{shown}” is neither a host name nor an IP address in its usual form.")


class Guard:
    """Resolves names and lets only allowed addresses through. One per event loop."""

    def __init__(self, policy: EgressPolicy) -> None:
        self.policy = policy
        self._own = [parse_url(url) for url in policy.own_urls]
        # A name server that never answers holds a thread of ours, never one of the rest of the program.
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="resolve")
        self._asking: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}

    async def resolve(self, host: str, port: int) -> list[Address]:
        """All addresses of the host, each of them checked. Raises Refused or Unreachable."""
        name = plain_host(host)
        addresses = await self._lookup(name, port)
        for address in addresses:
            if problem := address_problem(address, self.policy):
                raise Refused(problem)
        if self._is_own(name, port, addresses):
            raise Refused(f"{name} port {port} is this installation itself; its own messages must not come back in.")
        return addresses

    def check_url(self, url: str) -> Target:
        """What can be said of a URL without asking a name server: for forms. Raises Refused."""
        target = parse_url(url)
        literal = _literal(target.host)
        if literal and (problem := address_problem(literal, self.policy)):
            raise Refused(problem)
        if self._is_own(target.host, target.port, [literal] if literal else []):
            raise Refused("The URL points to this installation itself; its own messages must not come back in.")
        return target

    def close(self) -> None:
        """Give the threads back; a lookup under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _lookup(self, name: str, port: int) -> list[Address]:
        if literal := _literal(name):
            return [literal]
        key = (name, port)
        asked = self._asking.get(key)
        if asked is None:  # one thread per name, however many messages wait for it
            loop = asyncio.get_running_loop()
            asked = asyncio.ensure_future(loop.run_in_executor(self._threads, _addresses, name, port))
            self._asking[key] = asked
            asked.add_done_callback(lambda done: (self._asking.pop(key, None), done.cancelled() or done.exception()))
        return await asyncio.shield(asked)

    def _is_own(self, name: str, port: int, addresses: list[Address]) -> bool:
        loopback = name == "localhost" or any(embedded(address).is_loopback for address in addresses)
        return any(port == own.port and (name == own.host or (loopback and _is_local(own.host))) for own in self._own)


def _is_local(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and (literal.is_loopback or literal.is_unspecified))


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _addresses(name: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreachable(f"The name {name} has no address; check its spelling and the name server.") from None
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))
