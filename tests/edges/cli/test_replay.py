"""`antiphon replay verdicts`: one JSON document, or one sentence that says what is wrong."""

import json
from pathlib import Path

from tests.edges.cli.house import House


def test_one_document_whatever_there_is(lived_in: House) -> None:
    said = lived_in.run("replay", "verdicts", "--since", "2026-01-01")
    told = json.loads(said.out)
    assert (said.code, told["incidents"], told["totals"]["incidents"]) == (0, [], 0)


def test_a_file_may_say_other_settings(lived_in: House, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("classification:\n  near_share: 50%\n  targets: {critical: 1h}\n")
    said = lived_in.run("replay", "verdicts", "--since", "2026-01-01", "--with", str(file))
    assert json.loads(said.out)["classification"] == {
        "near_share": 0.5,
        "targets": {"low": 72.0, "medium": 12.0, "high": 6.0, "critical": 1.0},
    }


def test_what_cannot_be_is_said_with_its_line(lived_in: House, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text("classification:\n  near_share: 3\n  matrix:\n    low: {low: low}\n")
    said = lived_in.run("replay", "verdicts", "--since", "2026-01-01", "--with", str(file)).sentence
    assert "line 2: classification.near_share" in said
    file.write_text("classification:\n  matrix:\n    low: {low: low}\n")
    said = lived_in.run("replay", "verdicts", "--since", "2026-01-01", "--with", str(file)).sentence
    assert "line 3: classification.matrix: The matrix has no priority for impact low and urgency medium" in said
    file.write_text("rules: []\n")
    assert (
        "has no “classification:”"
        in lived_in.run("replay", "verdicts", "--since", "2026-01-01", "--with", str(file)).sentence
    )
    assert "is not a day" in lived_in.run("replay", "verdicts", "--since", "soon").err


def test_settings_of_a_file_hold_once_and_the_rest_stays(lived_in: House, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("classification:\n  areas: {contracts: [Leases]}\n  pulls_in: {revenue: [finance, legal]}\n")
    assert "contract areas; pulls in" in lived_in.run("apply", str(file)).out
    assert lived_in.run("apply", str(file)).last == "No changes."
    file.write_text("classification:\n  answer_within: 5m\n")
    assert "answer within" in lived_in.run("apply", str(file)).out
    told = json.loads(lived_in.run("replay", "verdicts", "--since", "2026-01-01").out)["classification"]
    assert told == {"contract_areas": ["leases"], "pulls_in": {"2": ["finance", "legal"]}, "answer_within": 5}
    file.write_text("classification:\n  pulls_in: {revenue: [boss], money: []}\n  answer_within: 0\n  colour: red\n")
    said = lived_in.run("apply", str(file))
    assert said.code == 2
    for wrong in ("“boss” is not known here", "“money” is no key", "“colour” is no key"):
        assert wrong in said.err
    file.write_text("classification:\n  answer_within: 0\n")
    assert "line 2: classification.answer_within: Give people from 1 minute" in lived_in.run("apply", str(file)).err
