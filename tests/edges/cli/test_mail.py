"""Mail that comes back, by a mail server's pipe and by the door of the running program."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.edges.cli.house import House

pytestmark = pytest.mark.patient

MAIL = b"From: bo@customer.example\nSubject: hello\nMessage-ID: <1@customer.example>\n\nIs anybody there?\n"


def pipe(house: House, mail: bytes, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "antiphon", "mail", "receive", *words]
    return subprocess.run(command, input=mail, env={**house.env(), **env}, capture_output=True, timeout=60, check=False)


def strays(house: House) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in house.sql("SELECT sender, words FROM stray_mail ORDER BY id")]


def test_a_mail_by_the_pipe_and_one_at_the_door_are_kept_while_it_runs(house: House):
    with house.up() as up:
        up.ready()
        path = house.run("key", "add", "postfix", "--kind", "mail").last
        request = Request(f"{up.url}{path}/mail?to=back%2Bx@a.example", data=MAIL, headers={"Content-Type": "x/y"})
        with urlopen(request, timeout=20) as answer:
            assert (answer.status, b'"stray"' in answer.read()) == (200, True)
        assert up.post(f"{path}/api/v2/alerts", [])[0] == 404, "a key for mail takes no alerts"
        silent = pipe(house, MAIL.replace(b"<1@", b"<2@"), "--to", "back@a.example")
        assert (silent.returncode, silent.stdout, silent.stderr) == (0, b"", b"")
        said = pipe(house, b"\xff\xfe" * 500_000, "--say")
        assert (said.returncode, said.stdout.startswith(b"stray: ")) == (0, True)
    assert strays(house)[:2] == [("bo@customer.example", "Is anybody there?")] * 2


def test_what_cannot_be_kept_is_tried_again_by_the_mail_server_and_not_sent_back(house: House, tmp_path: Path):
    there_is_none = pipe(house, MAIL, ANTIPHON_DATA=str(tmp_path / "nowhere"), ANTIPHON_DATABASE_URL="")
    assert there_is_none.returncode == 75
    assert there_is_none.stderr.count(b"\n") == 1
    away = pipe(house, MAIL, ANTIPHON_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert away.returncode == 75


def test_what_is_held_is_shown_and_let_go(house: House):
    with house.up() as up:
        up.ready()
        shown = house.run("mail", "held")
        assert json.loads(shown.last) == {"held": 0, "of": []}
        assert json.loads(house.run("mail", "held", "--release").last) == {"released": 0, "of": []}
        assert json.loads(house.run("mail", "held", "--drop").last) == {"dropped": 0, "of": []}
