"""HTTP to the outside against real servers on loopback."""

import asyncio
import time
from ipaddress import ip_network

import pytest

from antiphon.egress.failures import NotTried, Refused, TimedOut, Unreachable
from antiphon.egress.guard import EgressPolicy
from antiphon.egress.http import MAX_BODY, PER_HOST
from antiphon.egress.transport import Transport
from tests.contracts.sinks import HANG, HttpAnswer, RawSink, WebhookSink, drip, silence
from tests.edges.egress.loopback import certificate, outbound

pytestmark = pytest.mark.patient


def post(url, body=b"{}", **headers):
    async def use(transport: Transport):
        return await transport.http.request("POST", url, headers=headers, body=body)

    return use


def test_a_call_arrives_and_its_answer_comes_back():
    with WebhookSink() as sink:
        sink.answers.append(HttpAnswer(202, {"X-Seen": "yes"}, b"thanks"))
        reply = outbound(post(sink.url, b'{"a":1}', token="x"))
    assert (reply.status, reply.headers["x-seen"], reply.body) == (202, "yes", b"thanks")
    (call,) = sink.calls
    assert (call.method, call.path, call.body) == ("POST", "/hook", b'{"a":1}')
    assert call.headers["host"] == f"127.0.0.1:{sink.port}"
    assert call.headers["token"] == "x"


def test_the_host_header_keeps_the_name_while_the_connection_goes_to_the_address():
    with WebhookSink() as sink:
        outbound(post(f"http://localhost:{sink.port}/x"), policy=_both_loopbacks())
    assert sink.calls[0].headers["host"] == f"localhost:{sink.port}"


def test_tls_is_checked_against_the_name_of_the_url(tmp_path):
    context, ca_file = certificate(tmp_path, "localhost")

    class Tls(WebhookSink):
        async def _start(self):
            return await asyncio.start_server(self._count, self.host, 0, ssl=context)

    with Tls() as sink:
        url = f"https://localhost:{sink.port}/"
        assert outbound(post(url), policy=_both_loopbacks(), ca_file=ca_file).status == 200
        with pytest.raises(Unreachable):
            outbound(post(f"https://127.0.0.1:{sink.port}/"), ca_file=ca_file)
        with pytest.raises(Unreachable):
            outbound(post(url), policy=_both_loopbacks())


def test_loopback_is_refused_unless_an_admin_allows_it():
    with WebhookSink() as sink:
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(Refused, match="not a public address"):
                outbound(post(f"http://{host}:{sink.port}/"), policy=EgressPolicy())
    assert sink.connections == 0


def test_a_redirect_is_an_answer_and_not_followed():
    with WebhookSink() as other, WebhookSink() as sink:
        sink.answers.append(HttpAnswer(302, {"Location": other.url}))
        assert outbound(post(sink.url)).status == 302
    assert other.connections == 0


def test_a_huge_body_is_cut_at_the_cap():
    with WebhookSink() as sink:
        sink.answers.append(HttpAnswer(200, body=b"x" * (MAX_BODY * 8)))
        reply = outbound(post(sink.url))
    assert (reply.status, len(reply.body)) == (200, MAX_BODY)


async def _drips(reader, writer):
    """A status line that never ends: a byte every 50 ms, so that no read ever times out."""
    writer.write(b"HTTP/1.1 200 ")
    await drip(reader, writer)


@pytest.mark.parametrize("serve", [_drips, silence])
def test_I14_the_deadline_is_total_whatever_the_server_does(serve):
    with RawSink(serve) as sink:
        started = time.monotonic()
        with pytest.raises(TimedOut, match=r"127\.0\.0\.1"):
            outbound(post(f"http://127.0.0.1:{sink.port}/"), deadline=0.4)
    assert time.monotonic() - started < 1.5


def test_I14_a_body_that_drips_meets_the_same_deadline():
    with WebhookSink() as sink:
        sink.answers.append(HttpAnswer(200, body=b"x" * 1000, pace=0.05))
        with pytest.raises(TimedOut):
            outbound(post(sink.url), deadline=0.4)


def test_I14_a_host_that_hangs_delays_no_other_host():
    async def use(transport: Transport):
        hanging = [asyncio.create_task(post(dead.url)(transport)) for _ in range(PER_HOST * 3)]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await post(alive.url)(transport)
        took, at_once = time.monotonic() - started, dead.connections
        return took, at_once, await asyncio.gather(*hanging, return_exceptions=True)

    with WebhookSink() as dead, WebhookSink() as alive:
        dead.usually = HANG
        took, at_once, failures = outbound(use, deadline=0.8)
    assert took < 0.5
    assert all(isinstance(failure, TimedOut) for failure in failures)
    assert at_once == PER_HOST
    assert sum(isinstance(failure, NotTried) for failure in failures) == PER_HOST * 2, "these never had their turn"


def test_nobody_listening_is_said():
    with WebhookSink() as sink:
        url = sink.url
    with pytest.raises(Unreachable):
        outbound(post(url))


async def _nonsense(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"this is no HTTP\r\n\r\n")


def test_nonsense_instead_of_an_answer_is_said():
    with RawSink(_nonsense) as sink, pytest.raises(Unreachable):
        outbound(post(f"http://127.0.0.1:{sink.port}/"))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "ü"])
def test_header_values_cannot_add_headers(value):
    with WebhookSink() as sink, pytest.raises(Refused):
        outbound(post(sink.url, token=value))
    assert not sink.calls


def test_a_url_outside_ascii_is_refused_and_not_sent_in_some_encoding():
    with WebhookSink() as sink, pytest.raises(Refused, match="HTTP does not allow"):
        outbound(post(f"{sink.url}/ü"))
    assert not sink.calls


def test_connections_are_used_again():
    async def use(transport: Transport):
        return [await post(sink.url)(transport) for _ in range(5)]

    with WebhookSink() as sink:
        outbound(use)
    assert (len(sink.calls), sink.connections) == (5, 1)


def _both_loopbacks():
    return EgressPolicy(allowed_private=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
