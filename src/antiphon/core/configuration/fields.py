"""Keys that records of several sections have, and how days and severities are read."""

from collections.abc import Mapping
from typing import Any, Final

from antiphon.core.configuration import reading as read
from antiphon.core.configuration.reading import MISSING, Field, Reading, Shape
from antiphon.core.configuration.tree import Node
from antiphon.core.oncall import EVERY_DAY
from antiphon.core.severity import Severity

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NAME: Final = Field(read.name(), required=True)
EMAIL: Final = Field(read.email, required=True)
ZONE: Final = Field(read.zone)
LANGUAGE: Final = Field(read.text(16, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "Write a language such as en or de."))
POLICY: Final = Field(read.ref("policy"))
WORDS: Final = Field(read.list_of(read.name()))


def days(node: Node, path: str, reading: Reading) -> Any:
    """`[mon, tue]` or `mon-fri`, as numbers from 0."""
    if isinstance(node.value, str) and node.value.strip() in DAYS:
        return frozenset({DAYS.index(node.value.strip())})
    if not isinstance(node.value, str) or "-" not in node.value:
        found = read.list_of(read.one_of(*DAYS))(node, path, reading)
        return found if found is MISSING else frozenset(DAYS.index(each) for each in found)
    first, _, last = node.value.strip().partition("-")
    if first not in DAYS or last not in DAYS:
        return reading.refuse(node.line, path, "Write days such as mon-fri or [sat, sun].")
    start, end = DAYS.index(first), DAYS.index(last)
    return frozenset(day for day in EVERY_DAY if (day - start) % 7 <= (end - start) % 7)


def severity(node: Node, path: str, reading: Reading) -> Any:
    """SEV1 to SEV5, or none (read as None)."""
    found = read.one_of(*map(str, Severity), "none")(node, path, reading)
    if found is MISSING:
        return MISSING
    return None if found == "none" else int(Severity[found])


def word(node: Node, path: str, reading: Reading) -> Any:
    """A word, or `{env: NAME}` for one that stands in the environment."""
    found = read.setting(node, path, reading)
    if found is MISSING or isinstance(found, str):
        return found
    return reading.refuse(node.line, path, "Write it in quotes, or {env: NAME} to take it from the environment.")


def whole_only(shape: Shape) -> read.Reader:
    """A record of which every key could be read; `MISSING` where one could not (which is noted), for records that
    mean nothing by halves."""
    read_one = read.record(shape)

    def read_whole(node: Node, path: str, reading: Reading) -> Any:
        before = len(reading.problems)
        found = read_one(node, path, reading)
        whole = isinstance(node.value, Mapping) and len(reading.problems) == before
        return found if whole else MISSING

    return read_whole
