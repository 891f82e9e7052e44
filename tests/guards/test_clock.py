"""Only clock.py asks what time it is; everywhere else `now` is an argument (DESIGN: shape of a rule)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.guards.sources import PACKAGE, calls, imported, place, python_files, room, tree, within

ASKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|timezone\.(now|localtime|localdate)|time\.(time|time_ns|gmtime|localtime))$"
    r"|^django\.db\.models\.functions(\.datetime)?\.Now$|(^|\.)functions\.Now$"
)
SQL_ASKS = re.compile(
    r"\bnow\(\)|\bclock_timestamp\(\)|\bstatement_timestamp\(\)|\bCURRENT_(TIMESTAMP|TIME|DATE)\b|\bunixepoch\(\s*\)"
    r"|\b(datetime|date|time|julianday|strftime|unixepoch)\([^)]*'now'",
    re.IGNORECASE,
)
FILLED_IN = {"auto_now", "auto_now_add"}
MAY_MEASURE = {"clock", "wiring", "cli", "intake", "engine", "delivery", "egress"}  # leases, deadlines, back-off
MEASURING_FILES = {"db/gate.py", "db/hints.py"}  # the pause between two writers, the sleep between two polls


def _asks(module: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Places that ask for the time: calls, names handed on uncalled, fields filled in, SQL."""
    yield from ((node, name) for node, name in calls(module) if ASKS.search(name))
    yield from ((node, name) for node, name in imported(module) if ASKS.search(name))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg in FILLED_IN:
            yield node, f"{node.arg}="
        elif isinstance(node, ast.keyword) and node.arg in {"default", "default_factory"}:
            name = ast.unparse(node.value)
            yield from [(node, name)] if ASKS.search(name) else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found = SQL_ASKS.search(node.value)
            yield from [(node, f"SQL {found.group()}")] if found else []


def _found(files: list[Path]) -> list[str]:
    return [f"{place(path, node)}: {what}" for path in files for node, what in _asks(tree(path))]


def test_nothing_but_the_clock_asks_for_the_time():
    found = _found([path for path in python_files("src") if path != PACKAGE / "clock.py"])
    found += _found(sorted(PACKAGE.glob("**/migrations/*.py")))
    assert not found, "Take `now` as a keyword argument instead:\n" + "\n".join(found)


def test_only_edges_and_loops_measure_durations():
    found = [
        f"{place(path, node)}: {name}"
        for path in python_files("src")
        if room(path) not in MAY_MEASURE and str(path.relative_to(PACKAGE)) not in MEASURING_FILES
        for node, name in imported(tree(path))
        if within(name, {"time"})
    ]
    assert not found, f"Only {sorted(MAY_MEASURE)} may import time:\n" + "\n".join(found)


def test_the_guard_sees_each_way_of_asking():
    asking = [
        "from datetime import datetime\ndatetime.now(UTC)",
        "import datetime\ndatetime.datetime.utcnow()",
        "from time import time as clock\nclock()",
        "from django.utils.timezone import now",
        "from django.utils import timezone\nfield(default=timezone.now)",
        "DateTimeField(auto_now_add=True)",
        "from django.db.models.functions import Now",
        "cursor.execute('UPDATE alert SET seen = now()')",
        "sql = \"SELECT strftime('%s', 'now')\"",
    ]
    assert [source for source in asking if not list(_asks(ast.parse(source)))] == []
    assert not list(_asks(ast.parse("'''Says now() in a docstring.'''\nknown.now(1)")))
