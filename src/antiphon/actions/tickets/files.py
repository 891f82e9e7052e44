"""A file of tickets, row by row: CSV, JSON or a JSON object a line, however a help desk wrote it.

Only what is no text at all, or JSON that cannot be read, is refused as a whole; a bad row is a `Fault`, and the rest
goes on. Text that is not UTF-8 is read as Windows-1252, which spreadsheets write.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from antiphon.core.tickets import CUSTOMER as CUSTOMER_FIELD
from antiphon.core.tickets import REFERENCE, REQUESTER, Fault, fields

KINDS: Final = ("csv", "json", "jsonl")
SUFFIXES: Final = {"csv": "csv", "tsv": "csv", "txt": "csv", "json": "json", "jsonl": "jsonl", "ndjson": "jsonl"}
LISTS: Final = ("tickets", "issues", "results", "items", "values", "data")
"""Where exports keep their list of tickets."""
LONGEST_CELL: Final = 5_000_000
Row = tuple[int, Mapping[str, object]]


class Unreadable(Exception):
    """The whole file cannot be used; the sentence says why and how to mend it."""


def kind_of(name: str, data: bytes) -> str:
    """csv, json or jsonl, by the name or by how it begins."""
    known = SUFFIXES.get(name.rpartition(".")[2].lower())
    if known:
        return known
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        return "json"
    if start.startswith(b"{"):
        first, _, rest = start.partition(b"\n")
        return "jsonl" if first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else "json"
    return "csv"


def rows(data: bytes, *, kind: str) -> Iterator[Row | Fault]:
    """Every row with the line it begins on (the place in the list for JSON). Raises `Unreadable`."""
    text = _decoded(data)
    if kind == "jsonl":
        return _lines(text)
    return iter(_objects(text)) if kind == "json" else _cells(text)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").replace("\x00", " ")
    if data.startswith((b"PK\x03\x04", b"%PDF", b"\x1f\x8b")) or data[:4096].count(b"\x00") > 40:
        raise Unreadable("it is no text: export it as CSV or JSON, not as a workbook or an archive.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\x00", " ")


def _cells(text: str) -> Iterator[Row | Fault]:
    csv.field_size_limit(LONGEST_CELL)
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    head = next((row for row in _rows_of(reader) if isinstance(row, list) and any(row)), [])
    known = fields(head)
    if REFERENCE not in known:
        raise Unreadable("it has no column for the tickets' numbers: name one “id”, in the first line.")
    if REQUESTER not in known and CUSTOMER_FIELD not in known:
        raise Unreadable("it has no column for who wrote: name one “email” or “organization”, in the first line.")
    return _under(head, reader)


def _under(head: list[str], reader: Any) -> Iterator[Row | Fault]:
    begins = reader.line_num + 1
    for row in _rows_of(reader):
        if isinstance(row, csv.Error):
            yield Fault(begins, "The row cannot be read.", f"A cell is too long or a quote is left open: {row}.")
        elif len(row) > len(head):
            yield Fault(begins, "The row has more cells than there are columns.", "Put quotes around its text.")
        elif any(cell.strip() for cell in row):
            yield begins, dict(zip(head, row, strict=False))
        begins = reader.line_num + 1


def _rows_of(reader: Any) -> Iterator[list[str] | csv.Error]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _lines(text: str) -> Iterator[Row | Fault]:
    for line, each in enumerate(text.splitlines(), start=1):
        if each.strip():
            yield _object(line, each)


def _object(line: int, text: str) -> Row | Fault:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Fault(line, "The line is no JSON.", "Write one JSON object on each line.")
    return (line, found) if isinstance(found, dict) else _no_object(line)


def _objects(text: str) -> list[Row | Fault]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"it is no JSON: {error.msg} at line {error.lineno}; export it again.") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is nested too deep or has broken numbers; export it again.") from None
    if isinstance(found, dict):
        found = next((found[name] for name in LISTS if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list):
        raise Unreadable("it holds no list of tickets: write [{…}, {…}] or {“tickets”: […]}.")
    return [(n, each) if isinstance(each, dict) else _no_object(n) for n, each in enumerate(found, start=1)]


def _no_object(line: int) -> Fault:
    return Fault(line, "This is no ticket.", "Write an object such as {“id”: 1, “email”: …, “description”: …}.")
