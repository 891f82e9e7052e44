"""A table of customers (CSV): one line for each contact or contract; lines of the same customer belong together."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from antiphon.core.configuration.catalog import CUSTOMER
from antiphon.core.configuration.tree import Node
from antiphon.core.sources import nodes
from antiphon.core.sources.known import Catalog
from antiphon.core.sources.rows import CONTACT, CONTRACT, Record, RowError

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer", "company", "account", "organisation", "organization", "client", "customer name",
                 "company name", "account name", "kunde", "firma"),
    "name": ("name",),
    "contact": ("contact", "contact name", "contact person", "person", "full name", "ansprechpartner"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "contact email"),
    "segment": ("segment", "audience", "contact type", "reads"),
    "strategic": ("strategic", "key account", "vip", "strategisch"),
    "services": ("services", "service", "uses", "products", "product"),
    "contract": ("contract", "contract name", "agreement", "vertrag"),
    "sla": ("sla", "service level", "resolution", "resolution minutes", "sla minutes"),
    "starts": ("starts", "start", "starts at", "from", "valid from", "begin", "start date", "contract start"),
    "ends": ("ends", "end", "ends at", "to", "until", "valid to", "expires", "end date", "contract end"),
    "language": ("language", "lang", "locale", "sprache"),
    "zone": ("zone", "timezone", "time zone", "tz"),
    "phone": ("phone", "telephone", "tel", "mobile", "phone number", "telefon"),
}  # fmt: skip
"""What each column may be called."""

CALLED: Final = {"uses": "services", "name": "customer", "service": "services", "resolution_minutes": "sla"}
"""What keys of ours are called in a table, for what is wrong with them."""

DELIMITERS: Final = ",;\t|"
MONTH_MINUTES: Final = 30 * 24 * 60
_SEGMENTS: Final = {"tech": "technical", "it": "technical", "developer": "technical", "commercial": "business"}
_YES: Final = {"x": "yes", "y": "yes", "1": "yes", "ja": "yes", "n": "no", "0": "no", "nein": "no"}


def header(text: str) -> tuple[str, dict[int, str]]:
    """The delimiter and, by position, the columns that are known."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    by_name = {name: column for column, names in COLUMNS.items() for name in names}
    found: dict[int, str] = {}
    for place, cell in enumerate(cells):
        column = by_name.get(re.sub(r"[\s_]+", " ", cell.strip().lower()))
        if column and column not in found.values():
            found[place] = column
    if "customer" in found.values():
        found = {place: "contact" if column == "name" else column for place, column in found.items()}
    return delimiter, {place: "customer" if column == "name" else column for place, column in found.items()}


def translate(file: str, text: str, known: Catalog) -> tuple[list[Record], list[RowError]]:
    """The rows of a table. A customer may be named by its title where the catalog has it."""
    delimiter, columns = header(text)
    if "customer" not in columns.values():
        said = "The first line has no column for the customer; call one “name” or “customer”."
        return [], [RowError(file, 1, "name", said, CUSTOMER)]
    records: list[Record] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str, str], int] = {}
    for line, cells in _lines(text, delimiter):
        row = {column: cells[place].strip() for place, column in columns.items() if place < len(cells)}
        if said := _fault(row, line, seen):
            errors.append(RowError(file, line, "name", said, CUSTOMER))
            continue
        told = [name for name in ("starts", "ends") if not row.get(name)]
        if (row.get("contract") or row.get("sla")) and told:
            said = f"The contract has no date in “{told[0]}”; write one such as 2026-01-31."
            errors.append(RowError(file, line, told[0], said, CONTRACT))
            continue
        try:
            records += _records(file, line, row, known)
        except ValueError as wrong:
            errors.append(RowError(file, line, "sla", str(wrong), CONTRACT))
    return records, errors


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row behind the first that is not empty, with the line on which it begins."""
    reader = csv.reader(_ended(text), delimiter=delimiter)
    began, headed = 1, False
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if headed:
                    yield began, cells
                headed = True
            began = reader.line_num + 1
    except csv.Error:
        yield began, []


def _ended(text: str) -> Iterator[str]:
    """Its lines with their ends; only what ends a line in a file does, not each character that Unicode calls one."""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield f"{line}\n"


def _fault(row: Mapping[str, str], line: int, seen: dict[tuple[str, str, str], int]) -> str:
    name = row.get("customer", "")
    if not name:
        return "This line names no customer, or cannot be read; write the name in its column."
    key = (name.lower(), row.get("email", "").lower(), row.get("contract", ""))
    if key in seen:
        return f"“{name}” stands here as on line {seen[key]}; keep one of the two."
    seen[key] = line
    return ""


def _records(file: str, line: int, row: Mapping[str, str], known: Catalog) -> Iterator[Record]:
    title = row["customer"]
    name = title if title in known.kinds else known.aliases.get(title.lower(), title)
    group = f"{file}:{line}"
    services = list(_split(row.get("services", "")))
    customer = {
        "name": nodes.text(line, name),
        "strategic": _cell(line, _YES.get(row.get("strategic", "").lower(), row.get("strategic", ""))),
        "uses": nodes.names(line, services) if services else None,
    }
    yield Record(file=file, noun=CUSTOMER, node=nodes.record(line, customer), path=f"customers.{name}", group=group)
    if row.get("email") or row.get("contact"):
        segment = row.get("segment", "").lower()
        contact = {
            "name": nodes.text(line, row.get("contact") or row.get("email", "").partition("@")[0] or name),
            "email": _cell(line, row.get("email", "")),
            "segment": _cell(line, _SEGMENTS.get(segment, segment)),
            **{key: _cell(line, row.get(key, "")) for key in ("language", "zone", "phone")},
        }
        node = nodes.record(line, contact)
        yield Record(file=file, noun=CONTACT, node=node, path=f"customers.{name}", of=name, group=group)
    if row.get("contract") or row.get("sla") or row.get("starts") or row.get("ends"):
        for node in _contracts(line, row, name, services):
            yield Record(file=file, noun=CONTRACT, node=node, path=f"customers.{name}", of=name, group=group)


def _contracts(line: int, row: Mapping[str, str], customer: str, services: list[str]) -> Iterator[Node]:
    """One for each service that the line names: a contract is over one."""
    called = row.get("contract") or f"{customer} contract"
    for service in services or [""]:
        yield nodes.record(line, {
            "name": nodes.text(line, called if len(services) < 2 else f"{called} ({service})"),
            "service": _cell(line, service),
            "starts": _cell(line, row.get("starts", "")),
            "ends": _cell(line, row.get("ends", "")),
            **_terms(line, row.get("sla", "")),
        })  # fmt: skip


def _terms(line: int, sla: str) -> dict[str, Node]:
    """“4h” or “240”: resolved within; “99.9 %”: the minutes of a month that it may be down. Raises ValueError."""
    said = sla.lower().replace(" ", "").replace(",", ".")
    if not said:
        return {}
    if match := re.fullmatch(r"(\d{1,3}(?:\.\d+)?)%", said):
        down = round(MONTH_MINUTES * (100 - float(match[1])) / 100)
        if 1 <= down < MONTH_MINUTES:
            return {"downtime_minutes_per_month": nodes.text(line, str(down), plain=True)}
    if match := re.fullmatch(r"(\d{1,6})(m|min|minutes|h|hours?|d|days?)?", said):
        length = timedelta(**{{"h": "hours", "d": "days"}.get((match[2] or "m")[0], "minutes"): int(match[1])})
        return {"resolution_minutes": nodes.text(line, str(int(length.total_seconds() // 60)), plain=True)}
    raise ValueError(f"“{sla[:40]}” does not fit. Write minutes (240), a length (4h) or a share of time (99.9 %).")


def _split(text: str) -> Iterable[str]:
    return dict.fromkeys(word.strip() for word in re.split(r"[;|,]", text) if word.strip())


def _cell(line: int, value: str) -> Node | None:
    return nodes.text(line, value, plain=True) if value else None
