"""The short way answers like the plain door, and never out of turn. Real sockets, uvicorn's own protocol."""

import asyncio
import json
import re

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from antiphon.db.models import Alert, Integration, UnreadableAlert
from antiphon.intake import door
from antiphon.intake.lane import alert_lane
from tests.contracts.intake.doors import ALERTS, EVENTS
from tests.contracts.intake.test_alerts import FIRE, PAYLOAD, kinds, only
from tests.contracts.intake.test_clients import served

pytestmark = pytest.mark.patient

FIRING = json.dumps([FIRE]).encode()
TRIGGER = json.dumps({"routing_key": "x", "event_action": "trigger", "dedup_key": "k", "payload": PAYLOAD}).encode()


def post(path, body, *headers, method="POST"):
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def last(path=ALERTS, body=FIRING):
    return post(path, body, "Connection: close")


async def talk(url, *pieces):
    """Send pieces of bytes with a pause after each; everything that was answered until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return re.sub(rb"date: [^\r]*\r\n", b"", said)


def told(world, *pieces, http=None):
    """The same, to a server of its own."""

    async def story():
        async with served(world.door, http=http or alert_lane(world.door)) as url:
            await talk(url, last())  # the door knows the key from now on
            return await talk(url, *pieces)

    return world.runner.run(story())


def statuses(said):
    return [int(status) for status in re.findall(rb"HTTP/1.1 (\d+)", said)]


def test_a_sender_that_writes_it_all_before_it_reads_sees_that_it_was_too_much(world):
    """As `requests` and `urllib` do: of a connection that is closed while they write they learn nothing else."""
    over = post(ALERTS, b"[" + b" " * 30_000_000 + b"]", "Connection: close")
    assert statuses(told(world, over)) == [413]
    assert len(UnreadableAlert.objects.get().raw) == 16 * 1024


@pytest.mark.parametrize(
    "request_",
    [
        post(ALERTS, FIRING),
        post(ALERTS, b"[{"),
        post(ALERTS, b""),
        post(ALERTS, FIRING, "Content-Type: application/json", "X-Twice: 1", "X-Twice: 2"),
        post(ALERTS, b'[{"labels":{}}]'),
        post(ALERTS, FIRING, method="PUT"),
        post(f"{ALERTS}/", FIRING),
        post(f"{ALERTS}?x=1", FIRING),
        post("/in/wrong/api/v2/alerts", FIRING),
        post(EVENTS, TRIGGER) * 2,
        post(EVENTS, b"[]") * 2,
        post(ALERTS, b"").replace(b"Content-Length: 0\r\n", b""),
        b"POST /in/prom/api/v2/alerts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
    ],
)
def test_the_lane_answers_exactly_as_the_plain_door(world, request_):
    in_lane = told(world, request_, last())
    assert in_lane == told(world, request_, last(), http=HttpToolsProtocol)
    assert len(statuses(in_lane)) == (3 if b"enqueue" in request_ else 2)


def test_a_known_address_needs_no_task_of_uvicorns(world, monkeypatch):
    def refuse(*_):
        raise AssertionError("this request went the usual way")

    async def story():
        async with served(world.door, http=alert_lane(world.door)) as url:
            await talk(url, last())
            monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", refuse)
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(post(ALERTS, FIRING))
            head = await reader.readuntil(b"\r\n\r\n")
            writer.close()
            return head

    assert world.runner.run(story()).startswith(b"HTTP/1.1 200 OK\r\n")
    assert only().count == 2


def test_requests_in_one_breath_are_taken_and_answered_in_order(world):
    gone = json.dumps([FIRE | {"endsAt": world.now.isoformat()}]).encode()
    said = told(world, post(ALERTS, gone) + post(ALERTS, b"[{") + post(ALERTS, FIRING) + last(ALERTS, gone))
    assert statuses(said) == [200, 400, 200, 200]
    assert kinds() == ["fired", "resolved", "fired", "resolved"]


def test_a_body_in_pieces_is_taken_once(world):
    whole = last()
    cuts = (len(whole) - len(FIRING), len(whole) - 40, len(whole) - 1)
    pieces = [whole[start:end] for start, end in zip((0, *cuts), (*cuts, None), strict=True)]
    assert statuses(told(world, *pieces)) == [200]
    assert only().count == 2


def test_a_sender_that_waits_to_be_told_to_go_on_is_told(world):
    head, body = last().split(b"\r\n\r\n")
    said = told(world, head + b"\r\nExpect: 100-continue\r\n\r\n", body)
    assert statuses(said) == [100, 200]


def test_a_sender_that_leaves_early_harms_nobody(world):
    async def story():
        async with served(world.door, http=alert_lane(world.door)) as url:
            await talk(url, last())
            for words in (post(ALERTS, FIRING), post(ALERTS, FIRING)[:-5]):
                _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
                writer.write(words)
                writer.close()
                await writer.wait_closed()
            return await talk(url, last())

    assert statuses(world.runner.run(story())) == [200]
    world.wait(lambda: Alert.objects.get().count == 3)


@pytest.mark.parametrize("http", ["lane", "plain"])
def test_i5_a_body_that_drips_is_given_up(world, monkeypatch, http):
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)
    whole = post(ALERTS, FIRING)

    async def story():
        protocol = alert_lane(world.door) if http == "lane" else HttpToolsProtocol
        async with served(world.door, http=protocol) as url:
            await talk(url, last())
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            for byte in (whole[:-30], *(bytes([byte]) for byte in whole[-30:-10])):
                writer.write(byte)
                await asyncio.sleep(0.02)
            said = await asyncio.wait_for(reader.readuntil(b"}"), 10)
            writer.close()
            return said

    said = world.runner.run(story())
    assert statuses(said) == [408]
    assert b"did not arrive in time" in said
    assert only().count == 1
    assert not UnreadableAlert.objects.exists()


def test_a_switched_off_key_is_refused_in_the_lane_too(world, monkeypatch):
    monkeypatch.setattr(door, "KEY_SECONDS", 0.0)
    Integration.objects.filter(name="prom").update(enabled=False)
    assert statuses(told(world, last())) == [404]
