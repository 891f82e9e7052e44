"""One declaration per channel: what form, schema, masking and checks make of it."""

from dataclasses import dataclass
from typing import Literal

import pytest

from antiphon.channels.settings import MASK, Problem, mask, option, read, schema


@dataclass(frozen=True, kw_only=True)
class Settings:
    room: str = option("Room", "Starts with #.", pattern=r"#[a-z]+")
    mode: Literal["loud", "quiet"] = option("Mode", "How it rings.", default="quiet")
    tries: int = option("Tries", "How often.", default=3)
    keys: tuple[str, ...] = option("Keys", "One or more.", secret=True, pattern=r"k\d+", default=())

    def problems(self) -> list[Problem]:
        return [Problem("tries", "Loud needs one try.")] if self.mode == "loud" and self.tries > 1 else []


def test_the_schema_says_what_is_required_allowed_and_secret():
    shape = schema(Settings)
    assert shape["required"] == ["room"]
    assert shape["properties"]["room"]["pattern"] == "^(?:#[a-z]+)$"
    assert shape["properties"]["mode"]["enum"] == ["loud", "quiet"]
    assert shape["properties"]["tries"] == {
        "type": "integer",
        "title": "Tries",
        "description": "How often.",
        "default": 3,
    }
    assert shape["properties"]["keys"]["writeOnly"] is True
    assert "default" not in shape["properties"]["keys"]


def test_a_secret_shows_only_how_many_there_are():
    made = Settings(room="#ops", keys=("k1", "k2"))
    assert mask(made) == {"room": "#ops", "mode": "quiet", "tries": 3, "keys": (MASK, MASK)}
    assert "k1" not in repr(made)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "room"),
        ({"room": "#ops", "colour": "red"}, "colour"),
        ({"room": "ops"}, "room"),
        ({"room": "#ops\n"}, "room"),
        ({"room": 7}, "room"),
        ({"room": "#ops", "mode": "shrill"}, "mode"),
        ({"room": "#ops", "tries": "3"}, "tries"),
        ({"room": "#ops", "tries": True}, "tries"),
        ({"room": "#ops", "keys": ["k1", "secret"]}, "keys"),
        ({"room": "#ops", "keys": "k1"}, "keys"),
        ({"room": "#ops", "mode": "loud"}, "tries"),
    ],
)
def test_what_cannot_work_is_named_with_its_field_and_never_quoted(values, field):
    problems = read(Settings, values)
    assert isinstance(problems, list)
    assert [problem.field for problem in problems] == [field]
    assert problems[0].sentence.endswith(".")
    assert "secret" not in problems[0].sentence


def test_plain_values_become_settings():
    assert read(Settings, {"room": "#ops", "keys": ["k1"]}) == Settings(room="#ops", keys=("k1",))
