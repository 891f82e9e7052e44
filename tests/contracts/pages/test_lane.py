"""The fast lane answers like the plain door, and never out of turn. Real sockets, uvicorn's own loop."""

import asyncio
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from antiphon.pages.files import Stamp, write
from antiphon.pages.lane import fast_lane
from antiphon.pages.render import render
from antiphon.pages.serve import PublicFolder
from antiphon.pages.times import whole_minute
from tests.contracts.pages.samples import NOW, state

pytestmark = pytest.mark.patient


class Front:
    """Status page and one slow, talkative neighbour; counts what reached it as a task."""

    def __init__(self, door: PublicFolder) -> None:
        self.door, self.tasks = door, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.tasks += 1
        if scope["path"].startswith("/status"):
            await self.door(scope, receive, send)
            return
        body = (await receive())["body"]
        await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(front: Front, protocol: type[HttpToolsProtocol], **more: Any) -> Iterator[int]:
    config = uvicorn.Config(front, http=protocol, lifespan="off", log_level="error", port=0, access_log=False, **more)
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "uvicorn did not start"
        threading.Event().wait(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Front:
    folder = tmp_path_factory.mktemp("page")
    write(folder, render(state(), now=NOW), Stamp(7, whole_minute(NOW)))
    return Front(PublicFolder(folder))


@pytest.fixture(scope="module")
def lane(front: Front) -> Iterator[int]:
    with serving(front, fast_lane(front.door)) as port:
        yield port


@pytest.fixture(scope="module")
def plain(front: Front) -> Iterator[int]:
    with serving(front, HttpToolsProtocol) as port:
        yield port


def ask(port: int, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Any:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    client.request(method, path, body, headers)
    reply = client.getresponse()
    told = {name.lower(): value for name, value in reply.getheaders() if name.lower() != "date"}
    read = reply.read()
    client.close()
    return reply.status, told, read, "date" in {name.lower() for name, _ in reply.getheaders()}


def talk(port: int, words: bytes, until: bytes) -> bytes:
    """Send raw bytes and read until the server closes or has said the last words awaited."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(words)
        while not said.endswith(until) and (more := line.recv(65536)):
            said += more
    return said


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/status/", {}),
        ("GET", "/status/", {"Accept-Encoding": "gzip"}),
        ("GET", "/status/", {"If-None-Match": "*"}),
        ("GET", "/status/api/v2/summary.json", {"Connection": "close"}),
        ("GET", "/status/?utm=1", {}),
        ("GET", "/status/%69ndex.html", {}),
        ("GET", "/status", {}),
        ("GET", "/status/nothing", {}),
        ("HEAD", "/status/", {}),
        ("POST", "/status/", {}),
        ("GET", "/status/", {"Content-Length": "0"}),
    ],
)
def test_lane_answers_exactly_as_the_plain_door(lane, plain, method, path, headers):
    assert ask(lane, method, path, headers) == ask(plain, method, path, headers)


def test_page_in_memory_takes_no_task(front, lane):
    before = front.tasks
    ask(lane, "GET", "/status/", {})
    assert front.tasks == before
    ask(lane, "GET", "/elsewhere", {})
    assert front.tasks == before + 1


def test_page_does_not_overtake_a_slow_answer_on_the_same_connection(lane):
    slow = b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nslow"
    page = b"GET /status/api/v2/status.json HTTP/1.1\r\nHost: x\r\n\r\n"
    said = talk(lane, page + slow + page[:-2] + b"Connection: close\r\n\r\n", b"\0")
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200"] * 3
    assert said.index(b"slow") > said.index(b"indicator")
    assert said.rindex(b"indicator") > said.index(b"slow")


def test_many_pages_asked_for_in_one_breath_all_come(lane):
    page = b"GET /status/api/v2/status.json HTTP/1.1\r\nHost: x\r\n\r\n"
    said = talk(lane, page * 200 + page[:-2] + b"Connection: close\r\n\r\n", b"\0")
    assert len(re.findall(rb"HTTP/1.1 200", said)) == 201


def test_reader_that_does_not_read_waits_for_its_answers_and_then_gets_them_all(front, lane):
    page, last = b"GET /status/ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /last HTTP/1.1\r\nConnection: close\r\n\r\n"
    before, said = front.tasks, bytearray()
    with socket.create_connection(("127.0.0.1", lane), timeout=10) as line:
        asking = threading.Thread(target=line.sendall, args=(page * 3000 + last,))
        asking.start()
        while front.tasks == before:  # the lane is full: the rest are tasks, which wait for the reader
            threading.Event().wait(0.01)
        while more := line.recv(1 << 20):
            said += more
        asking.join()
    assert len(re.findall(rb"HTTP/1.1 200 OK", said)) == 3001


def test_body_after_a_get_is_never_taken_for_the_next_request(lane):
    smuggled = b"GET /status/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    words = b"GET /status/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
    said = talk(lane, words % (len(smuggled), smuggled), b"\0")
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200"]


def test_idle_reader_is_let_go(front):
    with serving(front, fast_lane(front.door), timeout_keep_alive=1) as port:
        said = talk(port, b"GET /status/api/v2/status.json HTTP/1.1\r\nHost: x\r\n\r\n", b"\0")
    assert b"HTTP/1.1 200" in said


def test_new_rendering_reaches_the_lane_within_two_seconds(tmp_path: Path):
    write(tmp_path, {"index.html": b"old"}, Stamp(1, NOW))
    front = Front(PublicFolder(tmp_path))
    with serving(front, fast_lane(front.door)) as port:
        assert ask(port, "GET", "/status/", {})[2] == b"old"
        write(tmp_path, {"index.html": b"new"}, Stamp(2, NOW))
        for _ in range(20):
            if ask(port, "GET", "/status/", {})[2] == b"new":
                return
            threading.Event().wait(0.1)
    pytest.fail("the lane still shows the old page")
