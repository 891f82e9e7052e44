"""The folder and its door: whole files, old but served, nothing else reachable."""

import asyncio
import gzip
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from antiphon.pages.files import STAMP, Stamp, read_stamp, write
from antiphon.pages.render import render
from antiphon.pages.serve import PublicFolder, takes_gzip
from antiphon.pages.times import whole_minute
from tests.contracts.pages.samples import NOW, state


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(door: PublicFolder, path: str, method: str = "GET", **headers: str) -> Reply:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("the page reads no body")

    asked = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(door({"type": "http", "method": method, "path": path, "headers": asked}, receive, send))
    start, *parts = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], told, b"".join(part["body"] for part in parts))


def put(folder: Path, revision: int = 7, **more: Any) -> int:
    return write(folder, render(state(**more), now=NOW), Stamp(revision, whole_minute(NOW)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "page")
    return tmp_path / "page"


@pytest.fixture
def door(folder: Path) -> PublicFolder:
    return PublicFolder(folder)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/status/", "text/html; charset=utf-8"),
        ("/status/index.html", "text/html; charset=utf-8"),
        ("/status/incidents/k3v9x2m4p7q1", "text/html; charset=utf-8"),
        ("/status/api/v2/summary.json", "application/json; charset=utf-8"),
        ("/status/history.atom", "application/atom+xml; charset=utf-8"),
        ("/status/history.rss", "application/rss+xml; charset=utf-8"),
        ("/status/style.css", "text/css; charset=utf-8"),
        ("/status/icon.svg", "image/svg+xml"),
    ],
)
def test_files_are_served_with_their_type(door, path, kind):
    reply = ask(door, path)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert int(reply.headers["content-length"]) == len(reply.body) > 0


def test_head_is_get_without_the_body(door):
    get, head = ask(door, "/status/"), ask(door, "/status/", "HEAD")
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


def test_packed_and_plain_hold_the_same_bytes_under_different_tags(door):
    plain, packed = ask(door, "/status/"), ask(door, "/status/", accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        *[("gzip", True), ("GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.000", False), ("br", False)],
        *[("*", True), ("*;q=0", False), ("gzip;q=0, *", False), ("", False), ("gzip;q=x", True)],
    ],
)
def test_accept_encoding_is_read_with_its_weights(header, allowed):
    assert takes_gzip(header.encode()) is allowed


def test_unchanged_page_is_answered_304_until_something_is_published(door, folder):
    tag = ask(door, "/status/").headers["etag"]
    reply = ask(door, "/status/", if_none_match=f'"other", W/{tag}')
    assert (reply.status, reply.body) == (304, b"")
    assert "content-security-policy" in reply.headers
    for accepted in ("gzip", "identity"):
        sent = ask(door, "/status/", accept_encoding=accepted)
        kept = ask(door, "/status/", accept_encoding=accepted, if_none_match=sent.headers["etag"])
        assert (kept.status, kept.headers["etag"]) == (304, sent.headers["etag"])
    put(folder, 8, incidents=())
    assert ask(door, "/status/", if_none_match=tag).status == 200


def test_new_rendering_is_seen_by_a_running_door(door, folder):
    assert b"Some orders cannot be paid" in ask(door, "/status/").body
    put(folder, 8, incidents=())
    assert b"Some orders cannot be paid" not in ask(door, "/status/").body
    assert ask(door, "/status/incidents/k3v9x2m4p7q1.html").status == 404


@pytest.mark.parametrize(
    "path",
    [
        *["/status/../secret.html", "/status/..%2fsecret.html", "//secret.html", "/status/./index.html"],
        *["/status/.rendered", "/status/link.html", "/status/404.html", "/status/\x00", "/secret.html"],
    ],
)
def test_nothing_outside_the_rendering_is_reachable(tmp_path, folder, path):
    secret = tmp_path / "secret.html"
    secret.write_text("SECRET")
    (folder / "link.html").symlink_to(secret)
    reply = ask(PublicFolder(folder), path)
    assert reply.status == 404
    assert b"SECRET" not in reply.body


def test_security_headers_are_on_every_answer_errors_too(tmp_path, door):
    empty = PublicFolder(tmp_path / "none")
    answers = {
        200: ask(door, "/status/"),
        304: ask(door, "/status/", if_none_match="*"),
        308: ask(door, "/status"),
        404: ask(door, "/status/nothing"),
        405: ask(door, "/status/", "POST"),
        503: ask(empty, "/status/"),
    }
    for status, reply in answers.items():
        assert reply.status == status
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert reply.headers["x-content-type-options"] == "nosniff"
    assert answers[405].headers["allow"] == "GET, HEAD"
    assert answers[308].headers["location"] == "/status/"
    assert "retry-after" in answers[503].headers


def test_i30_page_is_served_by_a_process_that_never_heard_of_a_database(folder):
    code = f"""
import asyncio, sys
from pathlib import Path
from antiphon.pages.serve import PublicFolder
sent = []
async def send(message): sent.append(message)
asyncio.run(PublicFolder(Path({str(folder)!r}))(
    {{"type": "http", "method": "GET", "path": "/status/", "headers": []}}, None, send))
assert sent[0]["status"] == 200 and b"outdated after" in sent[1]["body"]
assert not {{"django", "sqlite3", "psycopg"}} & set(sys.modules), "the door brings a database along"
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={})


def test_bytes_that_did_not_change_are_not_written_again(folder):
    before = {path: path.stat().st_ino for path in folder.rglob("*")}
    assert put(folder) == 0
    assert {path: path.stat().st_ino for path in folder.rglob("*")} == before


def test_in_a_shared_folder_only_what_is_ours_is_removed(tmp_path):
    stamp = Stamp(1, NOW)
    (tmp_path / "theirs.html").write_text("theirs")
    write(tmp_path, {"index.html": b"one", "incidents/a.html": b"a"}, stamp, shared=True)
    write(tmp_path, {"index.html": b"two"}, stamp, shared=True)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert left == {"index.html", "theirs.html"}
    assert not list(tmp_path.rglob("a.html.gz"))


def test_stamp_says_what_a_folder_shows_and_a_broken_one_says_nothing(folder):
    assert read_stamp(folder) == Stamp(7, whole_minute(NOW))
    (folder / STAMP).write_text("[7")
    assert read_stamp(folder) is None


def test_packed_file_of_a_writer_that_was_killed_half_way_is_not_served(folder):
    (folder / "index.html.gz").write_bytes(gzip.compress(b"an older page"))
    reply = ask(PublicFolder(folder), "/status/", accept_encoding="gzip")
    assert "content-encoding" not in reply.headers
    put(folder)
    assert gzip.decompress((folder / "index.html.gz").read_bytes()) == (folder / "index.html").read_bytes()


def test_i30_reader_never_sees_half_a_page(tmp_path):
    pages = {letter * 200_000 for letter in (b"a", b"b")}
    stamp = Stamp(1, whole_minute(NOW))
    write(tmp_path, {"index.html": b"a" * 200_000}, stamp)
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add((tmp_path / "index.html").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(60):
        write(tmp_path, {"index.html": (b"b", b"a")[turn % 2] * 200_000}, stamp)
    done.set()
    reader.join()
    assert seen <= pages
