"""Commands that end: what they print, what they refuse, and that a refusal is one sentence."""

import hashlib
import re
import subprocess
import sys

import pytest

from tests.contracts.sinks import SmtpSink
from tests.edges.cli.house import House


def test_version_does_not_wait_for_django():
    told = "import sys; from antiphon.cli import main; main(['version']); sys.exit('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"antiphon \d+\.\d+\.\d+\n", done.stdout)


def test_a_key_is_shown_once_as_the_last_line_and_kept_as_a_hash(house: House):
    said = house.run("key", "add", "prometheus", "--kind", "alertmanager", "--data", str(house.data))
    assert said.code == 0, said.err
    found = re.fullmatch(r"/in/([a-z0-9]{32})", said.last)
    assert found
    key = found[1]
    assert house.sql("SELECT key_hash, key_hint FROM integration") == [
        (hashlib.sha256(key.encode()).hexdigest(), key[-4:])
    ]
    listed = house.run("key", "list")
    assert "in use" in listed.out
    assert key not in listed.out
    assert "already" in house.run("key", "add", "prometheus", "--kind", "alertmanager").sentence

    assert house.run("key", "revoke", "prometheus").code == 0
    assert "revoked" in house.run("key", "list").out
    assert "no key in use" in house.run("key", "revoke", "prometheus").sentence
    again = house.run("key", "add", "prometheus", "--kind", "alertmanager")
    assert again.last not in ("", said.last)
    assert house.run("verify").out.startswith("The record is whole: 3 events")


def test_a_token_is_shown_once_as_the_last_line_and_kept_as_a_hash(house: House):
    said = house.run("token", "add", "dashboard", "--role", "viewer", "--expires", "30")
    assert re.fullmatch(r"antiphon_[\w-]{43}", said.last)
    assert house.sql("SELECT hash, role FROM api_token") == [(hashlib.sha256(said.last.encode()).hexdigest(), "viewer")]
    assert "in use until" in house.run("token", "list").out
    assert house.run("token", "revoke", "dashboard").code == 0
    assert "revoked" in house.run("token", "list").out


def test_a_person_is_given_a_link_and_a_new_one_voids_the_first(lived_in: House):
    first = house_link(lived_in)
    second = house_link(lived_in)
    hashes = [row[0] for row in lived_in.sql("SELECT hash FROM sign_in_link")]
    assert hashes == [hashlib.sha256(second.encode()).hexdigest()]
    assert first != second


def house_link(house: House) -> str:
    said = house.run("person", "link", "ANN@example.org")
    assert said.code == 0, said.err
    return said.last.rpartition("/link/")[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fly"], "invalid choice: 'fly'"),
        (["key", "add", "x"], "--kind"),
        (["key", "add", "x", "--kind", "telegraph"], "invalid choice: 'telegraph'"),
        (["key", "add", "  ", "--kind", "pagerduty"], "Name the sender"),
        (["token", "add", "x", "--role", "king"], "invalid choice: 'king'"),
        (["token", "add", "x", "--role", "admin", "--expires", "0"], "no number of days"),
        (["token", "add", "x", "--role", "admin", "--expires", "soon"], "no number of days"),
        (["token", "add", "x", "--role", "admin", "--expires", "99999999999"], "no number of days"),
        (["token", "revoke", "nobody"], "no token in use"),
        (["person", "add", "--email", "ann", "--name", "Ann", "--role", "admin"], "no e-mail address"),
        (["person", "add", "--email", "Ann@Example.org", "--name", "A", "--role", "admin"], "already"),
        (
            ["person", "add", "--email", "b@example.org", "--name", "B", "--role", "admin", "--zone", "Mars"],
            "no time zone",
        ),
        (["person", "link", "mallory@example.org"], "Nobody here"),
        (["export", "12"], "There is no incident 12"),
        (["export", "²"], "There is no incident"),
        (["export", "99999999999999999999"], "There is no incident"),
        (["up", "--port", "http"], "is not a port"),
        (["up", "--host", "not a host", "--port", "0"], "no address of this machine"),
        (["up", "--host", "192.0.2.1", "--port", "0"], "choose others with --host"),
        (["migrate", "--database-url", "mysql://x"], "use postgresql://"),
        (["doctor", "--data", "nowhere"], "There is no folder"),
        (["verify", "--data", "nowhere", "--database-url", ""], "There is no Antiphon in"),
        (["pages", "render"], "--out"),
        (["pages", "render", "--out", "/dev/null"], "name a folder of your own"),
    ],
)
def test_a_wrong_word_gets_one_sentence(lived_in: House, words: list[str], sentence: str):
    assert sentence in lived_in.run(*words).sentence


def test_a_data_folder_that_is_a_file_gets_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in House(tmp_path / "file").run_alone("up", "--port", "0").sentence
    assert str(tmp_path / "file") in House(tmp_path / "file").run_alone("migrate").sentence


def test_a_database_of_another_shape_gets_one_sentence_with_the_mend(house: House):
    assert "up to date" in house.run("migrate").out
    assert "was up to date" in house.run("migrate").out
    house.sql("INSERT INTO django_migrations (app, name, applied) VALUES ('db', '0999_later', '2026-01-01')")
    for words in (["up", "--port", "0"], ["web", "--port", "0"], ["engine"], ["sender"], ["key", "list"], ["migrate"]):
        assert "newer Antiphon" in house.run(*words).sentence
    house.sql("DELETE FROM django_migrations WHERE name = '0999_later'")
    house.sql("DROP TABLE workaround")
    for words in (["up", "--port", "0"], ["key", "list"], ["migrate"]):
        assert "half-migrated" in house.run(*words).sentence
    house.sql("DELETE FROM django_migrations")
    assert "half-migrated" in house.run("migrate").sentence


def test_web_and_engine_alone_do_not_migrate(house: House):
    for words in (["web", "--port", "0"], ["engine"], ["sender"]):
        assert "antiphon migrate" in house.run(*words).sentence


def test_a_file_that_is_no_database_gets_one_sentence(tmp_path):
    house = House(tmp_path / "data")
    house.data.mkdir()
    (house.data / "antiphon.sqlite3").write_bytes(b"not a database at all, but long enough to be read as one" * 50)
    assert "Restore the last backup" in house.run_alone("up", "--port", "0").sentence


def test_a_database_that_is_away_gets_one_sentence(tmp_path):
    house = House(tmp_path / "data", "postgresql://antiphon@127.0.0.1:1/antiphon")
    assert "See that PostgreSQL runs" in house.run_alone("migrate").sentence


def test_verify_names_the_first_row_that_does_not_fit(house: House):
    for name in ("one", "two", "three"):
        house.run("key", "add", name, "--kind", "pagerduty")
    assert house.run("verify").out == "The record is whole: 3 events on 1 stream.\n"
    house.sql("UPDATE event SET body = replace(body, 'two', 'six') WHERE seq = 2")
    said = house.run("verify")
    assert said.code == 1
    assert "stream access: event 2 was changed" in said.err


def test_doctor_says_what_is_wrong_and_how_to_mend_it(lived_in: House):
    said = lived_in.run("doctor")
    assert said.code == 1
    assert "WRONG  mail" in said.out
    assert "3.5" in said.out if not lived_in.url else "PostgreSQL" in said.out
    for word in ("alertmanager", "webhook", "promises", "strategic", "migrations up to date"):
        assert word in said.out
    assert '"ok": false' in lived_in.run("doctor", "--json").out


@pytest.mark.patient
def test_doctor_tries_the_mail_server_that_is_set_up(lived_in: House, tmp_path):
    settings = tmp_path / "mail.yaml"
    for port, allowed, begins, says in (
        (0, "127.0.0.1", "ok", "Nothing is wrong|processes"),
        (1, "127.0.0.1", "WRONG", "^mail: "),
        (0, "", "WRONG", r"^mail: .*start Antiphon with ANTIPHON_ALLOW_PRIVATE=127\.0\.0\.1"),
    ):
        with SmtpSink() as sink:
            lines = ["mail:", "  host: 127.0.0.1", f"  port: {port or sink.port}", "  security: none"]
            settings.write_text("\n".join([*lines, "  from_address: incidents@example.org", ""]))
            assert lived_in.run("apply", str(settings)).code == 0
            said = lived_in.run_alone("doctor", ANTIPHON_ALLOW_PRIVATE=allowed)
        assert re.search(rf"^{begins} +mail +127\.0\.0\.1 port", said.out, re.MULTILINE), said
        assert re.search(says, said.out, re.MULTILINE), said
    lived_in.sql("DELETE FROM channel_settings")


def test_the_public_page_can_be_rendered_for_any_web_server(lived_in: House, tmp_path):
    folder = tmp_path / "page"
    (folder / "incidents").mkdir(parents=True)
    others = [folder / "thesis.txt", folder / "incidents" / "theirs.html"]
    for path in others:
        path.write_text("not ours")
    assert lived_in.run("pages", "render", "--out", str(folder)).code == 0
    assert (folder / "index.html").exists()
    assert [path.read_text() for path in others] == ["not ours"] * 2, "nobody's files are removed but ours"
