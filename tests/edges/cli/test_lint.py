"""`antiphon lint` for scripts: JSON out, an exit code, and a bad line that costs no other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.edges.cli.house import House, Said

AT = "2026-11-21T14:10:00Z"
WORDS = ("lint", "--audience", "business", "--severity", "SEV2", "--moment", "progress", "--at", AT)
GOOD = (
    "Since 14:02 UTC, customers in Europe may be unable to pay in the checkout. We are moving payments to another bank."
    " You do not need to do anything. The next update comes by 14:40 UTC, or sooner if the state changes."
    " Status page: https://status.example.com. Support: support@example.com."
)
BAD = "Service is down. We are investigating."


def lint(*words: str, given: str | bytes = "") -> Said:
    """The command in a process of its own, from a folder without any data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
    given = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        [sys.executable, "-m", "antiphon", *words],
        input=given,
        env=kept,
        capture_output=True,
        timeout=60,
        cwd="/",
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_good_text_passes_and_its_promise_is_told():
    said = lint(*WORDS, "-", given=GOOD)
    assert said.code == 0, said.out
    assert json.loads(said.out)["next_update_at"] == "2026-11-21T14:40:00Z"


def test_the_known_bad_example_fails_and_every_finding_has_its_place(tmp_path: Path):
    path = tmp_path / "word.md"
    path.write_text(f"\ufeff{BAD}", encoding="utf-8")
    said = lint(*WORDS, str(path))
    found = json.loads(said.out)
    assert (said.code, found["next_update_at"]) == (1, None)
    assert all(set(one) == {"rule", "message", "start", "end", "level"} for one in found["findings"])
    places = {one["rule"]: BAD[one["start"] : one["end"]] for one in found["findings"]}
    assert places["empty_phrase"] == BAD


def test_a_text_per_line_gives_an_answer_per_line_and_a_bad_line_costs_no_other():
    lines = [
        {"id": "a", "text": GOOD, "at": AT},
        {"id": 2, "text": BAD},
        {"id": "late", "text": GOOD, "at": "2026-11-21T15:00:00+00:00"},
        {"id": "when", "text": GOOD, "at": "2026-11-21 noon"},
        {"id": "no text"},
        ["a list"],
        {"id": "deep", "text": "\ud800 \u202e", "at": None},
    ]
    given = "\n".join([*map(json.dumps, lines), "", "{not json", "[" * 100_000, ""])
    said = lint(*WORDS, "--jsonl", given=given)
    found = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 1
    assert [one.get("id", one.get("line")) for one in found] == ["a", 2, "late", 4, 5, 6, "deep", 9, 10]
    assert found[0]["next_update_at"] == "2026-11-21T14:40:00Z"
    assert "next_update_past" in {one["rule"] for one in found[2]["findings"]}
    assert all(one["error"].endswith((".", "Z")) for one in (*found[3:6], *found[7:]))
    assert lint(*WORDS, "--jsonl", given=json.dumps(lines[0])).code == 0


def test_a_paste_of_ten_megabytes_is_answered():
    said = lint(*WORDS, given="Service is down. " * 600_000)
    assert said.code == 1
    assert "too_long" in {one["rule"] for one in json.loads(said.out)["findings"]}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("lint",), "--audience"),
        (("lint", "--audience", "nobody", *WORDS[3:]), "technical, business, public"),
        ((*WORDS[:4], "SEV9", *WORDS[5:]), "SEV1 to SEV5"),
        ((*WORDS[:-1], "2026-11-21T14:10:00"), "names no zone"),
        ((*WORDS[:-1], "noon"), "is no instant"),
        ((*WORDS[:-1], "0001-01-01T00:00:00Z"), "too far away"),
        ((*WORDS, "/no/such/file"), "No such file"),
        ((*WORDS, "--data", "/no/such/house"), "There is no Antiphon in"),
    ],
)
def test_bad_usage_is_one_sentence(words: tuple[str, ...], sentence: str):
    assert sentence in lint(*words).sentence


def test_bytes_that_are_no_text_are_read_as_well_as_can_be():
    assert lint(*WORDS, given=b"\xff\xfe\x00 next update at 14:40 UTC").code == 1


def test_with_a_house_its_people_and_its_jargon_are_known(lived_in: House):
    house = lived_in.data / "house.yaml"
    glossary = "glossary: {frobnicator: sorting machine}"
    house.write_text(f"organisation: {{name: Our shop, zone: Europe/Berlin, {glossary}}}")
    assert lived_in.run("apply", str(house)).code == 0
    assert lived_in.run("apply", str(house)).out == "No changes.\n"
    path = lived_in.data / "word.md"
    path.write_text(f"{GOOD} Since 15:05 Ann mends the frobnicator.")
    found = json.loads(lived_in.run(*WORDS, str(path), "--data", str(lived_in.data)).out)["findings"]
    told = {one["rule"]: one["message"] for one in found}
    assert "sorting machine" in told["jargon"]
    assert "Ann" in told["person"]
    assert "Europe/Berlin" in told["no_zone"]
