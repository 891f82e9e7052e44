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
