"""Functions fit on a screen and files in one sitting; what does not is listed, and the list shrinks."""

import ast
from pathlib import Path

from tests.guards.sources import place, python_files, tree

FUNCTION = 60
FILE = 400
LISTED = Path(__file__).with_name("longer.txt")


def _lengths() -> dict[str, tuple[int, int]]:
    """Length and limit of every file (`path`) and function (`path::name`)."""
    found: dict[str, tuple[int, int]] = {}
    for path in python_files("src", "tests", "bench"):
        found[place(path)] = (len(path.read_text(encoding="utf-8").splitlines()), FILE)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                key = f"{place(path)}::{node.name}"
                found[key] = max(found.get(key, (0, FUNCTION)), (length, FUNCTION))
    return found


def _listed() -> dict[str, int]:
    lines = (line.split("#")[0].split() for line in LISTED.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if words}


def test_functions_and_files_are_short_or_listed():
    listed = _listed()
    too_long = [
        f"{name} has {length} lines, more than {max(limit, listed.get(name, 0))}: split it by noun"
        for name, (length, limit) in _lengths().items()
        if length > max(limit, listed.get(name, 0))
    ]
    assert not too_long, "\n".join(too_long)


def test_the_list_of_longer_ones_only_shrinks():
    lengths = _lengths()
    stale = [
        f"{LISTED.name} allows {name} {allowed} lines: lower or remove it"
        for name, allowed in _listed().items()
        if name not in lengths or lengths[name][0] <= lengths[name][1] or lengths[name][0] < allowed
    ]
    assert not stale, "\n".join(stale)
