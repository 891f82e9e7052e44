"""Rules of the rooms that import contracts cannot say."""

import ast

import pytest

from tests.guards.sources import PACKAGE, calls, imported, place, python_files, room, tree, within

PURE_LIBRARIES = {
    "cel",
    "common_expression_language",
    "cryptography",  # checks signatures: bytes in, yes or no out
    "holidays",
    "icalendar",
    "liquid",
    "markdown_it",
    "msgspec",
    "nh3",
    "numpy",
    "re2",
    "recurring_ical_events",
    "scipy",
}
PURE_STDLIB = {
    "__future__", "abc", "base64", "bisect", "calendar", "codecs", "collections", "contextlib", "copy", "csv",
    "dataclasses", "datetime", "decimal", "difflib", "email", "enum", "fractions", "functools",
    "graphlib", "hashlib", "heapq", "hmac", "html", "importlib", "inspect", "ipaddress", "itertools", "json", "math",
    "numbers", "operator", "pkgutil", "re", "statistics", "string", "struct", "textwrap", "types", "typing",
    "unicodedata", "urllib.parse", "zlib", "zoneinfo",
    "sys",  # sending.py looks at who calls it
}  # fmt: skip
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "breakpoint"}
CLIENTS = {
    "aiohttp", "aiosmtplib", "apprise", "ftplib", "http.client", "httpcore2", "httpx", "httpx2", "imaplib", "poplib",
    "requests", "smtplib", "telnetlib", "urllib.request", "urllib3",
}  # fmt: skip
LISTENERS = {"wiring", "cli", "intake"}  # bind ports and pass listening sockets on
HINTS = PACKAGE / "db" / "hints.py"  # a wake-up between processes of this machine
OPENERS = ("create_connection", "open_connection", "open_unix_connection", "create_datagram_endpoint")
HIDDEN_CONTROL = {"django.dispatch", "django.db.models.signals", "django.core.signals", "django.test.signals"}
WRITERS = {"save", "delete", "asave", "adelete", "full_clean"}
VAGUE = {"services", "service", "manager", "managers", "utils", "util", "helpers", "helper", "common", "base", "misc"}


def test_decisions_use_pure_things_only():
    allowed = PURE_STDLIB | PURE_LIBRARIES | {"antiphon.core"}
    found = [
        f"{place(path, node)}: {name}"
        for path in python_files("src/antiphon/core")
        for node, name in imported(tree(path))
        if not within(name, allowed)
    ]
    found += [
        f"{place(path, node)}: {name}()"
        for path in python_files("src/antiphon/core")
        for node, name in calls(tree(path))
        if name in IMPURE_BUILTINS
    ]
    assert not found, "core takes values and gives values; do this at an edge:\n" + "\n".join(found)


def test_only_egress_opens_outbound_connections():
    outside = [path for path in python_files("src") if room(path) != "egress"]
    found = [
        f"{place(path, node)}: {name}"
        for path in outside
        for node, name in imported(tree(path))
        if within(name, CLIENTS)
    ]
    found += [
        f"{place(path, node)}: {name}"
        for path in outside
        for node, name in imported(tree(path))
        if within(name, {"socket", "ssl"}) and room(path) not in LISTENERS and path != HINTS
    ]
    found += [
        f"{place(path, node)}: {name}"
        for path in outside
        for node, name in calls(tree(path))
        if name.rpartition(".")[2] in OPENERS
    ]
    assert not found, "Ask egress for a transport:\n" + "\n".join(found)


def test_only_wording_seals_outside_texts():
    found = [
        place(path, node)
        for path in python_files("src")
        if path != PACKAGE / "core" / "wording.py" and PACKAGE / "core" / "wording" not in path.parents
        for node, name in calls(tree(path))
        if name.endswith("._seal")
    ]
    assert not found, "Only core.wording makes a text for people outside:\n" + "\n".join(found)


def test_no_signals_no_commit_hooks_no_overridden_writes():
    found = [
        f"{place(path, node)}: {name}"
        for path in python_files("src")
        for node, name in imported(tree(path))
        if within(name, HIDDEN_CONTROL)
    ]
    found += [
        f"{place(path, node)}: {name}"
        for path in python_files("src")
        for node, name in calls(tree(path))
        if name.endswith("on_commit")
    ]
    found += [
        f"{place(path, method)}: {outer.name}.{method.name}"
        for path in python_files("src/antiphon/db", "src/antiphon/web")
        for outer in ast.walk(tree(path))
        if isinstance(outer, ast.ClassDef)
        for method in outer.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.name in WRITERS
    ]
    assert not found, "Writes happen in actions, in plain sight:\n" + "\n".join(found)


def test_modules_are_named_for_what_is_in_them():
    named = {path for path in PACKAGE.rglob("*") if path.stem in VAGUE and path.suffix in {"", ".py"}}
    found = [place(path) for path in named - {PACKAGE / "db" / "sqlite" / "base.py"}]  # Django asks for that name
    assert not found, "Name these by their noun:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    ["import requests", "from urllib.request import urlopen", "from urllib import request", "import httpx2 as h"],
)
def test_the_guard_sees_a_client(source):
    assert any(within(name, CLIENTS) for _, name in imported(ast.parse(source)))
