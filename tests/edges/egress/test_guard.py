"""The one guard of the way out: what it refuses, whatever it is called."""

import asyncio
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.egress.failures import Refused, Unreachable
from antiphon.egress.guard import EgressPolicy, Guard, address_problem, parse_url, plain_host

NOBODY = EgressPolicy()
LAN = EgressPolicy(allowed_private=(ip_network("10.1.0.0/16"),))
EVERYBODY = EgressPolicy(allowed_private=(ip_network("0.0.0.0/0"), ip_network("::/0")))
BAD = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.127.255.255",
    "169.254.1.1", "169.254.169.254", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::1",
    "2002:808:808::1", "2001:0:1::1", "2001:db8::1", "100::1", "::127.0.0.1", "::8.8.8.8", "fec0::1",
    "3fff::1",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_addresses_that_are_not_public_are_refused(address):
    assert address_problem(ip_address(address), NOBODY)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(address):
    assert address_problem(ip_address(address), NOBODY) is None


@given(st.ip_addresses(v=4))
def test_ipv4_that_python_calls_not_global_is_never_allowed(address: IPv4Address):
    if not address.is_global or address.is_multicast:
        assert address_problem(address, NOBODY)


@given(st.ip_addresses(v=6))
def test_ipv6_that_python_calls_not_global_is_never_allowed(address: IPv6Address):
    if not address.is_global and address not in ip_network("64:ff9b::/96"):
        assert address_problem(address, NOBODY)


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_like_the_address_itself(address: IPv4Address):
    for prefix in ("::ffff:0:0", "64:ff9b::"):
        wrapped = IPv6Address(int(IPv6Address(prefix)) | int(address))
        assert bool(address_problem(wrapped, NOBODY)) == bool(address_problem(address, NOBODY))
        assert bool(address_problem(wrapped, LAN)) == bool(address_problem(address, LAN))


def test_an_admin_allows_private_networks_and_only_those():
    assert address_problem(ip_address("10.1.2.3"), LAN) is None
    assert address_problem(ip_address("10.2.0.1"), LAN)


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "::", "ff02::1", "224.0.0.1"])
def test_not_even_an_admin_allows_metadata_multicast_or_nothing(address):
    assert address_problem(ip_address(address), EVERYBODY)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org", "//example.org", "example.org", "",
        "http://", "http:///x", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://127.1/", "http://user:pw@example.org/", "http://user@example.org/", "http://example.org:99999/",
        "http://example.org:0/", "http://exa mple.org/", "http://example.org\\@evil.org/", "http://[fe80::1%25eth0]/",
        "http://[::1", "http://example..org/", "http://-x.org/", "http://example.org/\r\nX: y", "http://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_urls_that_could_mean_two_things_are_refused(url):
    with pytest.raises(Refused):
        parse_url(url)


def test_a_plain_url_is_taken_apart():
    target = parse_url("https://Example.ORG./a?b#c")
    assert (target.scheme, target.host, target.port) == ("https", "example.org", 443)
    assert parse_url("http://[2606:4700::1]:8080/").host == "2606:4700::1"


@given(st.text(max_size=40))
def test_any_text_as_host_or_url_is_read_or_refused(text):
    for reading in (plain_host, parse_url, lambda text: parse_url(f"http://{text}/")):
        try:
            reading(text)
        except Refused as refused:
            sentence = str(refused)
        else:
            continue
        assert sentence.isprintable()


def test_I24_our_own_urls_are_refused_under_every_name():
    policy = EgressPolicy(
        allowed_private=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        own_urls=("https://status.example.org/", "http://127.0.0.1:8047"),
    )
    guard = Guard(policy)
    own = [
        "https://STATUS.example.org./x",
        "http://localhost:8047/in/k",
        "http://127.9.9.9:8047/",
        "http://[::1]:8047/",
    ]
    for url in own:
        with pytest.raises(Refused, match="this installation itself"):
            guard.check_url(url)
    assert guard.check_url("http://127.0.0.1:9000/").port == 9000
    with pytest.raises(Refused, match="this installation itself"):
        asyncio.run(guard.resolve("localhost", 8047))
    guard.close()


def test_a_name_that_resolves_inside_is_refused():
    async def ask():
        guard = Guard(NOBODY)
        try:
            await guard.resolve("localhost", 80)
        finally:
            guard.close()

    with pytest.raises(Refused, match="not a public address"):
        asyncio.run(ask())


def test_a_name_that_does_not_exist_says_so():
    async def ask():
        guard = Guard(NOBODY)
        try:
            await asyncio.gather(guard.resolve("nowhere.invalid", 80), guard.resolve("nowhere.invalid", 80))
        finally:
            guard.close()

    with pytest.raises(Unreachable, match=r"nowhere\.invalid"):
        asyncio.run(ask())
