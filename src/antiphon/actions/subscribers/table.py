"""A table of subscribers (CSV), line by line: a quote left open spoils its own line and no other."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from antiphon.actions.subscribers import ways
from antiphon.actions.subscribers.ways import Address
from antiphon.channels.chat_kinds import KINDS
from antiphon.core.decision import Refusal
from antiphon.core.public_words import IMPACTS
from antiphon.core.subscriptions import Wishes

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": (
        "address",
        "email",
        "e-mail",
        "mail",
        "email address",
        "e-mail address",
        "subscriber",
        "phone",
        "phone number",
        "number",
        "mobile",
        "sms number",
        "endpoint",
        "url",
        "webhook url",
        "slack url",
    ),
    "way": ("way", "channel", "type", "mode", "kind", "subscriber type"),
    "components": ("components", "component", "services", "service"),
    "impact": ("impact", "least impact", "severity"),
    "language": ("language", "lang", "locale"),
    "confirmed": ("confirmed", "opt-in", "opt in", "confirmed at"),
}
"""What each column may be called; of several that hold addresses the first that is filled counts."""
WAYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("mail", "email", "e-mail"), "mail"),
    **dict.fromkeys(("sms", "phone", "text"), "sms"),
    **dict.fromkeys(("webhook", "endpoint", "http"), "webhook"),
    **dict.fromkeys(("chat", *KINDS), "chat"),
}
"""What other systems call the ways."""
DELIMITERS: Final = ",;\t|"
NO: Final = frozenset({"", "no", "n", "false", "0", "pending", "unconfirmed"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")
LONGEST_LINE: Final = 100_000


class Unreadable(Exception):
    """The whole file cannot be used; the sentence says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that stays out: its line, what is wrong, how to mend it, and its cells as they came."""

    line: int
    what: str
    fix: str
    cells: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row that can be used. `confirmed`: its row does not deny that its owner agreed."""

    line: int
    cells: Sequence[str]
    address: Address
    wishes: Wishes
    language: str
    confirmed: bool


def entries(data: bytes, *, components: Mapping[str, str]) -> Iterator[Entry | Fault]:
    """Every row; `components`: uid by name in small letters. Raises `Unreadable` before the first."""
    lines = re.split(r"\r\n|\n|\r", _decoded(data))
    start = next((number for number, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise Unreadable("it is empty: put one subscriber on each line, below a line with “email”.")
    delimiter = max(DELIMITERS, key=lines[start].count)
    names = _names(next(csv.reader([lines[start]], delimiter=delimiter), []))
    if "address" not in names:
        if not re.search(r"@|://|^\s*\"?\+?[0-9]{7}", lines[start]):
            raise Unreadable("no column holds addresses: name one “email”, “phone” or “url”, in the first line.")
        names, start = ["address"], start - 1  # a bare list of addresses
    return _rows(lines, start + 1, delimiter, names, components)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data.startswith((b"PK\x03\x04", b"%PDF", b"\x1f\x8b")):
        raise Unreadable("it is no text: export it as CSV, not as a workbook or an archive.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what spreadsheets write


def _names(head: Sequence[str]) -> list[str]:
    known = {name: column for column, names in COLUMNS.items() for name in names}
    return [known.get(re.sub(r"[\s_]+", " ", cell.strip().lower()), "") for cell in head]


def _rows(
    lines: Sequence[str], start: int, delimiter: str, names: Sequence[str], components: Mapping[str, str]
) -> Iterator[Entry | Fault]:
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise csv.Error
            cells = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            fix = "Close its quotes, and keep each subscriber on one line."
            yield Fault(number, "The line cannot be read.", fix, (line[:LONGEST_LINE],))
            continue
        if any(cells):
            yield _row(number, cells, names, components)


def _row(line: int, cells: Sequence[str], names: Sequence[str], components: Mapping[str, str]) -> Entry | Fault:
    row: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and not row.get(name):
            row[name] = cell.strip()
    address = _address(row.get("way", "").lower(), row.get("address", ""))
    if isinstance(address, Refusal):
        return Fault(line, "This is no address that can be written to.", address.sentence, cells)
    wanted = _components(row.get("components", ""), components)
    if isinstance(wanted, str):
        fix = f"The page lists {', '.join(sorted(set(components)))}." if components else "The page lists none."
        return Fault(line, f"The page lists no component “{wanted[:80]}”.", fix[:500], cells)
    impact = row.get("impact", "").lower() or IMPACTS[0]
    if impact not in IMPACTS:
        return Fault(line, f"“{impact[:40]}” is no impact.", f"Write one of {', '.join(IMPACTS)}.", cells)
    language = row.get("language", "")
    if language and not _LANGUAGE.fullmatch(language):
        return Fault(line, f"“{language[:40]}” is no language.", "Write its code, such as en or de-CH.", cells)
    return Entry(
        line=line,
        cells=cells,
        address=address,
        wishes=Wishes(components=wanted, impact=impact),
        language=language[:16],
        confirmed=row.get("confirmed", "yes").lower() not in NO,
    )


def _address(named: str, typed: str) -> Address | Refusal:
    """By the way that the row names, else by the form of the address."""
    if named and named not in WAYS:
        return Refusal(f"“{named[:40]}” is no way: write one of mail, sms, chat, webhook.", "way")
    way = WAYS[named] if named else ways.way_of(typed)
    return ways.addressed(way, _of_kind(named, typed) if way == "chat" else typed)


def _of_kind(named: str, typed: str) -> str:
    """The kind of chat before a URL that may not tell it."""
    return typed if named in ("", "chat") or not typed.startswith("http") else f"{named}:{typed}"


def _components(cell: str, known: Mapping[str, str]) -> frozenset[str] | str:
    """The uids of the components that a cell names, or the name that the page does not list."""
    names = [cell] if cell.lower() in known else [part.strip() for part in re.split(r"[;|,]", cell)]
    wanted = [name for name in names if name]
    missing = next((name for name in wanted if name.lower() not in known), None)
    return missing if missing is not None else frozenset(known[name.lower()] for name in wanted)
