"""From the file's nodes to values: how each kind of field is read, and what is said when it cannot be.

A reader takes a node and answers its value, or `MISSING` after it has noted a problem, so that one run finds them all.
"""

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from antiphon.core.configuration.tree import Entry, Node, Problem

MISSING: Final = object()
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ref:
    """A name that must be somebody or something: `kind` is person, rota, target, policy, entity or owner."""

    kind: str
    name: str
    line: int
    path: str


@dataclass(slots=True)
class Reading:
    """What one run through a file gathers. `zone`: what times without a zone are read in."""

    zone: ZoneInfo
    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    refs: list[Ref] = field(default_factory=list)
    defined: dict[tuple[str, str], int] = field(default_factory=dict)

    def refuse(self, line: int, path: str, sentence: str) -> Any:
        """Note a problem; answers `MISSING`."""
        self.problems.append(Problem(line, path, sentence))
        return MISSING

    def define(self, kind: str, name: str, *, line: int, path: str) -> None:
        """Note that the file describes this thing; refuses a second description."""
        if (before := self.defined.get((kind, name))) is not None:
            self.refuse(line, path, f"“{name}” is described twice, first on line {before}; keep one of the two.")
        self.defined[kind, name] = line


Reader = Callable[[Node, str, Reading], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """How a key of a record is read. `because` mends a missing required one."""

    read: Reader
    required: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A record's keys. `key` names it in paths; `defines` is the kind of thing that must be described only once."""

    noun: str
    fields: Mapping[str, Field]
    key: str = ""
    defines: str = ""


def nearest(word: str, words: Iterable[str]) -> str:
    """“ Did you mean …?” when one of the words is near, else nothing."""
    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


# --- text and numbers ---------------------------------------------------------------------------------------------


def _text_of(node: Node, path: str, reading: Reading) -> Any:
    if isinstance(node.value, str):
        return node.value
    if node.value is None:
        return reading.refuse(node.line, path, "It is empty; write a value, or take the line away.")
    found = "a list" if isinstance(node.value, tuple) else "keys with values"
    return reading.refuse(node.line, path, f"One value is expected here, not {found}.")


def from_text(convert: Callable[[str], Any], hint: str) -> Reader:
    """A reader of one value; `convert` raises ValueError for what does not fit, and `hint` then says what does."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        text = _text_of(node, path, reading)
        if text is MISSING:
            return MISSING
        try:
            return convert(text.strip())
        except (ValueError, OverflowError):
            return reading.refuse(node.line, path, f"“{text[:60]}” does not fit. {hint}")

    return read


def text(longest: int, pattern: str = "", hint: str = "") -> Reader:
    """Text of at most so many characters; `pattern` must match the whole."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        found = _text_of(node, path, reading)
        if found is MISSING:
            return MISSING
        found = found.strip()
        if len(found) > longest:
            return reading.refuse(node.line, path, f"It has {len(found)} characters; at most {longest} fit.")
        if pattern and not re.fullmatch(pattern, found):
            return reading.refuse(node.line, path, f"“{found[:60]}” does not fit. {hint}")
        return found

    return read


def name(longest: int = 120) -> Reader:
    """Text that is not empty."""
    return text(longest, r"(?s).*\S.*", "Write a name.")


def whole(low: int, high: int) -> Reader:
    """A whole number within bounds."""

    def convert(found: str) -> int:
        value = int(found)
        if not low <= value <= high:
            raise ValueError
        return value

    return from_text(convert, f"Write a whole number from {low} to {high}.")


def _not_negative(found: str) -> float:
    value = float(found)
    if not math.isfinite(value) or value < 0:
        raise ValueError
    return value


amount = from_text(_not_negative, "Write a number that is not negative, such as 120 or 99.5.")

_WORDS: Final = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _yes_no(found: str) -> bool:
    if found.lower() not in _WORDS:
        raise ValueError
    return _WORDS[found.lower()]


yes_no = from_text(_yes_no, "Write yes or no.")


def one_of(*words: str, hint: str = "") -> Reader:
    """One of the words."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        found = _text_of(node, path, reading)
        if found is MISSING or found in words:
            return found
        said = f"“{found[:60]}” is not known here; write {', '.join(words)}."
        return reading.refuse(node.line, path, f"{said}{nearest(found, words)}{hint}")

    return read


# --- times --------------------------------------------------------------------------------------------------------


def _zone(found: str) -> str:
    try:
        return ZoneInfo(found).key
    except (KeyError, OSError):  # not found, or the name of a folder
        raise ValueError from None


zone = from_text(_zone, "There is no such time zone; write one such as Europe/Berlin or UTC.")
day = from_text(date.fromisoformat, "Write a date such as 2026-01-31.")
clock_time = from_text(time.fromisoformat, "Write a time of day such as 09:00.")

_LENGTHS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def _duration(found: str) -> timedelta:
    if found == "0":
        return timedelta()
    if found in ("daily", "weekly"):
        return DAY if found == "daily" else 7 * DAY
    match = re.fullmatch(r"(\d{1,6})\s*(s|min|m|h|d|w)", found)
    if match is None:
        raise ValueError
    return timedelta(seconds=int(match[1]) * _LENGTHS[match[2]])


duration = from_text(_duration, "Write a length of time such as 30s, 15m, 2h or 7d.")


def instant(*, end: bool = False) -> Reader:
    """An instant, aware UTC. A date means its first moment, or with `end` the moment after its last."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        def convert(found: str) -> datetime:
            whole_day = re.fullmatch(r"\d{4}-\d\d-\d\d", found) is not None
            value = datetime.fromisoformat(found) + (DAY if whole_day and end else timedelta())
            return (value if value.tzinfo else value.replace(tzinfo=reading.zone)).astimezone(UTC)

        return from_text(convert, "Write a date or an instant such as 2026-01-31 or 2026-01-31T18:00Z.")(
            node, path, reading
        )

    return read


# --- addresses, secrets, references -------------------------------------------------------------------------------


def email(node: Node, path: str, reading: Reading) -> Any:
    """A mail address as it names a person or contact: in lower case."""
    hint = "Write a mail address such as ann@example.org."
    found = text(254, r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;]+", hint)(node, path, reading)
    return found.lower() if isinstance(found, str) else found


def _url(found: str) -> str:
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(found) > 300:
        raise ValueError
    return found.rstrip("/")


url = from_text(_url, "Write a whole address such as https://incidents.example.org.")


def ref(kind: str) -> Reader:
    """A name that is looked up once the whole file is read; people are named by their mail address."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        if isinstance(node.value, tuple) and kind == "owner":
            said = f"It has {len(node.value)} owners; name the one who answers for it."
            return reading.refuse(node.line, path, said)
        found = name()(node, path, reading)
        if found is MISSING:
            return MISSING
        found = found.lower() if "@" in found else found
        reading.refs.append(Ref(kind, found, node.line, path))
        return found

    return read


def setting(node: Node, path: str, reading: Reading) -> Any:
    """A channel's setting: a value, a list of them, or `{env: NAME}` for one that stands in the environment."""
    if isinstance(node.value, Mapping):
        return _from_environment(node, node.value, path, reading)
    if isinstance(node.value, tuple):
        values = [setting(each, f"{path}[{number}]", reading) for number, each in enumerate(node.value, start=1)]
        return MISSING if MISSING in values else values
    found = _text_of(node, path, reading)
    return found if found is MISSING else plain(node)


def _from_environment(node: Node, keys: Mapping[str, Node], path: str, reading: Reading) -> Any:
    if set(keys) != {"env"}:
        return reading.refuse(node.line, path, "Write the value, or {env: NAME} to take it from the environment.")
    variable = _text_of(keys["env"], path, reading)
    if variable is MISSING or reading.environ.get(variable):
        return variable if variable is MISSING else reading.environ[variable]
    return reading.refuse(node.line, path, f"The environment has no {variable}; set it before you apply this file.")


def plain(node: Node) -> Any:
    """Any value as JSON would hold it: what stands without quotes may be a number or true and false."""
    if isinstance(node.value, tuple):
        return [plain(each) for each in node.value]
    if isinstance(node.value, Mapping):
        return {key: plain(each) for key, each in node.value.items()}
    if node.value is None or not node.plain:
        return node.value
    if node.value.lower() in _WORDS:
        return _WORDS[node.value.lower()]
    if re.fullmatch(r"-?(0|[1-9]\d{0,15})(\.\d{1,15})?", node.value):
        return json.loads(node.value)
    return node.value


# --- lists, keys, records -----------------------------------------------------------------------------------------


def list_of(read_one: Reader) -> Reader:
    """A list; those that cannot be read are noted and left out."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        if node.value is None:
            return ()
        if not isinstance(node.value, tuple):
            return reading.refuse(node.line, path, "A list is expected here; begin each line of it with a dash.")
        found = [read_one(each, f"{path}[{number}]", reading) for number, each in enumerate(node.value, start=1)]
        return tuple(value for value in found if value is not MISSING)

    return read


def map_of(read_one: Reader, keys: tuple[str, ...] = (), noun: str = "key") -> Reader:
    """Keys with values of one kind; `keys` are the only ones, when given."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        if node.value is None:
            return {}
        if not isinstance(node.value, Mapping):
            return reading.refuse(node.line, path, "Keys with values are expected here, such as “name: value”.")
        found = {}
        for key, each in node.value.items():
            if keys and key not in keys:
                _unknown(node, key, path, keys, noun, reading)
            elif (value := read_one(each, f"{path}.{key}", reading)) is not MISSING:
                found[key] = value
        return found

    return read


def free(node: Node, path: str, reading: Reading) -> Any:
    """Facts of the organisation's own: any keys and values."""
    if isinstance(node.value, Mapping):
        return plain(node)
    return reading.refuse(node.line, path, "Keys with values are expected here, such as “cost centre: 4711”.")


def record(shape: Shape) -> Reader:
    """A record of this shape; answers an `Entry`."""

    def read(node: Node, path: str, reading: Reading) -> Any:
        if not isinstance(node.value, Mapping):
            said = f"A {shape.noun} is expected here, with keys such as “{next(iter(shape.fields))}: …”."
            return reading.refuse(node.line, path, said)
        path = _named(shape, node.value, path)
        values = {}
        for key, each in node.value.items():
            if key not in shape.fields:
                _unknown(node, key, path, shape.fields, shape.noun, reading)
            elif (value := shape.fields[key].read(each, f"{path}.{key}", reading)) is not MISSING:
                values[key] = value
        _required(shape, node, path, reading)
        if shape.defines and shape.key in values:
            reading.define(shape.defines, values[shape.key], line=node.line, path=path)
        return Entry(path, node.line, values, {key: each.line for key, each in node.value.items()})

    return read


def _named(shape: Shape, keys: Mapping[str, Node], path: str) -> str:
    """The path with the record's name in place of its number."""
    named = keys.get(shape.key)
    if named is None or not isinstance(named.value, str):
        return path
    return f"{path.rpartition('[')[0] or path}.{named.value[:60]}"


def _required(shape: Shape, node: Node, path: str, reading: Reading) -> None:
    assert isinstance(node.value, Mapping)
    for key, each in shape.fields.items():
        if each.required and key not in node.value:
            because = each.because or f"Add “{key}: …”."
            reading.refuse(node.line, path, f"This {shape.noun} has no {key}. {because}")


def _unknown(node: Node, key: str, path: str, known: Iterable[str], noun: str, reading: Reading) -> None:
    known = list(known)
    own = " Facts of your own go under “extra:”." if "extra" in known else ""
    near = nearest(key, known) or f" Known are: {', '.join(known)}."
    line = node.key_lines.get(key, node.line)
    reading.refuse(line, f"{path}.{key}".removeprefix("."), f"“{key}” is no key of a {noun}.{near}{own}")
