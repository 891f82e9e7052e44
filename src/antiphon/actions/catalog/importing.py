"""Import the catalog from files of other systems and tables: what can be read is written in one transaction, what
cannot is told row by row. A second run changes nothing; a trial says exactly what a run then does."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, Final

from antiphon.actions.catalog import changed
from antiphon.actions.catalog.writing import Writer
from antiphon.actions.configuration import known, outward
from antiphon.actions.configuration.yaml_tree import parse_all
from antiphon.actions.ledger import Change, Kept, Ledger
from antiphon.core.access import may
from antiphon.core.configuration import Node, Problem
from antiphon.core.configuration.catalog import CUSTOMER, ENTITY
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.sources import (
    Catalog,
    Record,
    RowError,
    Sheet,
    backstage,
    customers,
    gather,
    opslevel,
    ours,
    recognise,
    recognise_table,
)
from antiphon.core.sources.nodes import at, words
from antiphon.core.sources.origins import FILE
from antiphon.db import record
from antiphon.db.models import AlertGroup, Contract, Entity, Organisation, Person, Policy
from antiphon.db.transactions import write

ORIGINS: Final = {"antiphon": FILE, "backstage": "backstage", "opslevel": "opslevel", "customers": "customers"}
"""The origin that each kind of file leaves, in the order in which they are written."""

_WHOLE: Final = ("backstage", "opslevel")
"""Kinds whose rows name all their links: one that is named no longer goes."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to import. `fault`: why its text could not be had."""

    name: str
    text: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to, or would on trial. `same`: rows by noun that were so already; `vanished`: entities of
    these sources that no file names any more; `readable`: how many files were. `moved`: the catalog has changed since
    the trial, so nothing was done."""

    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    same: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[RowError, ...] = ()
    vanished: tuple[str, ...] = ()
    readable: int = 0
    moved: bool = False

    @property
    def digest(self) -> str:
        """A short name for exactly these changes."""
        told = "\n".join(map(str, self.changes))
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def summary(self) -> dict[str, Any]:
        """Counts in all and by noun, and the rows that are wrong, as JSON holds them."""
        signs = {"+": "added", "~": "changed", "-": "removed"}
        nouns: dict[str, dict[str, int]] = {}

        def count(noun: str, what: str, by: int = 1) -> None:
            words_of = ("added", "changed", "removed", "unchanged", "kept", "errors")
            each = nouns.setdefault(noun, dict.fromkeys(words_of, 0))
            each[what] += by

        for change in self.changes:
            count(change.noun, signs[change.sign])
        for noun, many in self.same.items():
            count(noun, "unchanged", many)
        for kept in self.kept:
            count(kept.noun, "kept")
        for error in self.errors:
            count(error.noun, "errors")
        totals = ("added", "changed", "removed", "unchanged", "kept")
        return {
            **{name: sum(each[name] for each in nouns.values()) for name in totals},
            "nouns": nouns,
            "errors": [_error(error) for error in self.errors],
            "kept_fields": [
                {"noun": each.noun, "name": each.name, "field": each.field, "set_by": each.origin or "unknown"}
                for each in self.kept
            ],
            "vanished": list(self.vanished),
        }


def _error(error: RowError) -> dict[str, Any]:
    place = {"field": error.field} if error.field else {}
    return {"file": error.file, "line": error.line, **place, "message": error.message}


class _TakeBack(Exception):
    """Ends the transaction without its changes."""


def import_files(
    files: Sequence[File],
    *,
    kind: str = "",
    actor: Actor,
    now: datetime,
    trial: bool = False,
    expected: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Imported | Refusal:
    """Import the files, each of the kind that stands in it or, when named, of `kind` (one of `ORIGINS`).

    `expected`: the digest of the trial that somebody agreed to; with other changes, nothing is done. What happens is
    told to `progress` in short sentences.
    """
    if refusal := may(actor, "catalog.change"):
        return refusal
    found = _Reading(kind)
    for file in files:
        progress(f"reading {file.name}")
        found.take(file)
    outcome = Imported(errors=tuple(sorted(found.errors)))
    if not found.readable:
        return outcome
    try:
        with write():
            outcome = _carry_out(found, files, actor=actor, now=now, progress=progress)
            if expected and expected != outcome.digest:
                outcome = replace(outcome, moved=True)
            if trial or outcome.moved or not outcome.changes:
                raise _TakeBack
    except _TakeBack:
        pass
    return outcome


def _carry_out(
    found: "_Reading", files: Sequence[File], *, actor: Actor, now: datetime, progress: Callable[[str], None]
) -> Imported:
    head = record.lock(record.CONFIGURATION)
    sheets = found.sheets(_known())
    rows = sum(len(each.entities) + len(each.contracts) + len(each.contacts) for _, each in sheets)
    progress(f"comparing {rows} rows with the catalog")
    ledger = Ledger(now)
    writer = Writer(ledger, drop=True)
    writer.write([(ORIGINS[kind], sheet) for kind, sheet in sheets])
    outward.list_page(ledger)
    errors = {*found.errors, *(error for _, sheet in sheets for error in sheet.errors)}
    errors |= {found.not_made(*pair) for pair in writer.missing}
    if ledger.changes:
        progress(f"writing {len(ledger.changes)} changes")
        changed.everywhere(now=now)
        AlertGroup.objects.filter(incident=None, firing__gt=0).update(wake_at=now)
        source = f"an import of {', '.join(file.name for file in files)}"
        recorded = tuple(each.recorded() for each in ledger.changes)
        record.append(head, [ConfigurationApplied(source=source, changes=recorded)], actor=actor, now=now)
    return Imported(
        changes=tuple(ledger.changes),
        kept=tuple(ledger.kept),
        same=dict(ledger.same),
        errors=tuple(sorted(errors)),
        vanished=_vanished(sheets),
        readable=found.readable,
    )


def _vanished(sheets: Sequence[tuple[str, Sheet]]) -> tuple[str, ...]:
    """Entities that one of these sources brought and does not name any more. They stay until a person removes them."""
    sources = {ORIGINS[kind] for kind, _ in sheets}
    named = {each.name for _, sheet in sheets for each in sheet.entities}
    rows = Entity.objects.order_by("name").values_list("name", "origins")
    return tuple(name for name, origins in rows.iterator() if origins.get("kind") in sources and name not in named)


def _known() -> Catalog:
    rows = list(Entity.objects.values_list("name", "kind", "title", "extra"))
    aliases: dict[str, str] = {}
    for name, kind, title, extra in rows:
        others = [extra.get(backstage.EXTRA), *_listed(extra.get(opslevel.ALIASES))]
        others += [title, name] if kind == CUSTOMER else []
        aliases |= {str(other).lower(): name for other in others if other}
    return Catalog(
        kinds={name: kind for name, kind, _, _ in rows},
        contracts=dict(Contract.objects.values_list("name", "customer__name")),
        people=frozenset(email.lower() for email in Person.objects.values_list("email", flat=True)),
        policies=frozenset(Policy.objects.values_list("name", flat=True)),
        needs=known.needs,
        aliases=aliases,
        zone=Organisation.only().zone,
    )


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


class _Reading:
    """The files' texts by kind, before anything is looked up."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._tables: list[tuple[str, str]] = []
        self._trees: dict[str, list[tuple[str, tuple[Node, ...]]]] = {}
        self._broken: dict[str, list[Problem]] = {}
        self._places: dict[str, tuple[str, int]] = {}
        self.errors: list[RowError] = []
        self.readable = 0

    def take(self, file: File) -> None:
        """Read one file's text, or note why it cannot be."""
        if fault := file.fault or self._read(file):
            self.errors.append(RowError(file.name, 1, "", fault, "file"))
        else:
            self.readable += 1

    def _read(self, file: File) -> str:
        if not file.text.strip():
            return "The file is empty."
        table = self._kind == "customers" or (not self._kind and recognise_table(file.name, file.text))
        if table:
            self._tables.append((file.name, file.text))
            return "" if customers.header(file.text)[1] else "Its first line names no column that is known here."
        documents, problems = parse_all(file.text)
        if problems and all(each.value is None for each in documents):
            return f"Line {problems[0].line}: {problems[0].sentence}"
        kind = self._kind or recognise(documents)
        if not kind:
            return f"What it is cannot be told from what stands in it; name its kind: {', '.join(ORIGINS)}."
        self._trees.setdefault(kind, []).append((file.name, documents))
        self._broken[file.name] = problems
        return ""

    def sheets(self, catalog: Catalog) -> list[tuple[str, Sheet]]:
        """What each kind says, in the order of `ORIGINS`; each may name what another describes."""
        records: dict[str, list[Record]] = {}
        for kind in ORIGINS:
            titles = _titles(records.get("antiphon", ()))
            records[kind] = self._records(kind, replace(catalog, aliases={**titles, **catalog.aliases}))
        names = {kind: dict(_described(each)) for kind, each in records.items()}
        for row in chain.from_iterable(records.values()):
            self._places.setdefault(words(at(row.node, "name")), (row.file, row.node.line))
        found = []
        for kind, each in records.items():
            others = {name: what for other, there in names.items() if other != kind for name, what in there.items()}
            wider = replace(catalog, kinds={**others, **catalog.kinds})
            sheet = gather(each, wider, tells_all=kind in _WHOLE, broken=self._broken)
            if kind == "customers":
                sheet.errors = [
                    replace(error, field=customers.CALLED.get(error.field, error.field)) for error in sheet.errors
                ]
            if each:
                found.append((kind, sheet))
            else:
                self.errors += sheet.errors
        return found

    def not_made(self, name: str, other: str) -> RowError:
        """A link or contract of this row that could not be made, for a row of another kind of file was set aside."""
        file, line = self._places.get(name, ("", 1))
        where = "{}, line {}".format(*self._places.get(other, ("", 1)))
        said = f"“{name}” names “{other}”, which has a fault of its own ({where}); mend that one first."
        return RowError(file, line, "", said, "link")

    def _records(self, kind: str, catalog: Catalog) -> list[Record]:
        trees = tuple(self._trees.get(kind, ()))
        if kind == "customers":
            parts = [customers.translate(file, text, catalog) for file, text in self._tables]
        elif kind == "backstage":
            parts = [backstage.translate(trees, catalog)]
        elif kind == "opslevel":
            parts = [opslevel.translate(trees, catalog)]
        else:
            parts = [ours.translate(file, root) for file, documents in trees for root in documents]
        self.errors += [error for _, errors in parts for error in errors]
        return [each for records, _ in parts for each in records]


def _titles(records: Iterable[Record]) -> dict[str, str]:
    """Customers of our own file by their titles, by which a table may name them."""
    nodes = (each.node for each in records if each.noun == CUSTOMER)
    found = ((words(at(node, "title")).lower(), words(at(node, "name"))) for node in nodes)
    return {title: name for title, name in found if title and name}


def _described(records: Iterable[Record]) -> Iterable[tuple[str, str]]:
    for each in records:
        if each.noun in (ENTITY, CUSTOMER) and (name := words(at(each.node, "name"))):
            yield name, CUSTOMER if each.noun == CUSTOMER else words(at(each.node, "kind"))


def text_of(data: bytes) -> str:
    """A file's text: UTF-8 with or without a mark, or UTF-16 with one. Raises ValueError with a sentence."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"Line {line} is not UTF-8 text; save the file as UTF-8.") from None
