"""From records to rows: each is read and checked by itself, and what is wrong with one leaves the others as they are.

A row that names what nobody knows, or what has a fault of its own, is set aside with it. Rows of several files may
each tell a part of the same thing, as long as they do not contradict each other.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from antiphon.core.configuration import reading as read
from antiphon.core.configuration.catalog import (
    CONTACT_SHAPE,
    CONTRACT_SHAPE,
    CUSTOMER,
    CUSTOMER_SHAPE,
    ENTITY,
    ENTITY_SHAPE,
    LINKS,
    OWNERS,
    check_contract,
    check_entity,
)
from antiphon.core.configuration.checks import MEND
from antiphon.core.configuration.reading import Field, Reading, Ref, Shape, nearest
from antiphon.core.configuration.tree import Entry, Problem
from antiphon.core.sources.known import Catalog
from antiphon.core.sources.rows import (
    CONTACT,
    CONTRACT,
    NEEDED_BY,
    Record,
    RowError,
    Sheet,
    contact_row,
    contract_row,
    entity_row,
)

MOST_COMPARED: Final = 3_000
"""Names among which a mistyped one is looked for; among more it would take too long."""

_LISTS: Final = (*LINKS, NEEDED_BY, "uses")
_SHAPES: Final[Mapping[str, Shape]] = {
    ENTITY: replace(
        ENTITY_SHAPE,
        fields={**ENTITY_SHAPE.fields, NEEDED_BY: Field(read.list_of(read.ref(ENTITY)))},
    ),
    CUSTOMER: replace(
        CUSTOMER_SHAPE,
        fields={key: each for key, each in CUSTOMER_SHAPE.fields.items() if key not in ("contacts", "contracts")},
    ),
    CONTRACT: CONTRACT_SHAPE,
    CONTACT: replace(CONTACT_SHAPE, fields={**CONTACT_SHAPE.fields, "usual_segment": CONTACT_SHAPE.fields["segment"]}),
}
_READERS: Final = {noun: read.record(replace(shape, defines="")) for noun, shape in _SHAPES.items()}


@dataclass(slots=True, eq=False)
class _Draft:
    """A record as read; `entry` grows by what other files tell of the same thing."""

    record: Record
    entry: Entry
    refs: list[Ref]
    problems: list[RowError] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.entry.get("email" if self.record.noun == CONTACT else "name", ""))

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about: entities and customers share their names."""
        thing = ENTITY if self.describes else self.record.noun
        return thing, self.record.of if self.record.noun == CONTACT else "", self.name

    @property
    def describes(self) -> bool:
        return self.record.noun in (ENTITY, CUSTOMER)

    @property
    def kind(self) -> str:
        return CUSTOMER if self.record.noun == CUSTOMER else str(self.entry.get("kind", ""))

    def refuse(self, line: int, key: str, said: str) -> None:
        self.problems.append(RowError(self.record.file, line, key, said, self.record.noun))


def gather(
    records: Iterable[Record],
    known: Catalog,
    *,
    tells_all: bool = False,
    broken: Mapping[str, Sequence[Problem]] = MappingProxyType({}),
) -> Sheet:
    """What the records say, without those that cannot be. `tells_all`: a row names all its links there are; `broken`:
    by file, what was wrong with it as YAML, which is laid at the row in which it stands."""
    zone = ZoneInfo(known.zone)
    drafts = [_read(record, known, zone) for record in records]
    _blame(drafts, broken)
    drafts = _once(_without_needless(drafts, known))
    errors = _References(drafts, known).settle()
    sheet = Sheet(errors=sorted({*errors, *(problem for draft in drafts for problem in draft.problems)}))
    good = [draft for draft in drafts if not draft.problems]
    for draft in _joined(good, sheet.errors):
        if draft.describes:
            sheet.entities.append(entity_row(draft.entry, draft.record.noun, tells_all=tells_all))
        elif draft.record.noun == CONTRACT:
            sheet.contracts.append(contract_row(draft.entry, draft.record.of))
        else:
            usual = draft.entry.get("usual_segment", "")
            sheet.contacts.append(contact_row(draft.entry, draft.record.of, usual))
    sheet.errors.sort()
    return sheet


def _read(record: Record, known: Catalog, zone: ZoneInfo) -> _Draft:
    reading = Reading(zone=zone, environ={})
    entry = _READERS[record.noun](record.node, record.path, reading)
    if not isinstance(entry, Entry):
        entry = Entry(record.path, record.node.line, {})
    elif record.noun == CONTRACT:
        check_contract(entry, record.of, reading, holders=known.contracts)
    elif record.noun != CONTACT:
        kind = CUSTOMER if record.noun == CUSTOMER else entry.get("kind", "")
        check_entity(entry, kind, reading, kinds=known.kinds, needs=known.needs)
    draft = _Draft(record, entry, reading.refs)
    for problem in reading.problems:
        draft.refuse(problem.line, _key(problem.path, entry.path, record.path), problem.sentence)
    return draft


def _key(path: str, *above: str) -> str:
    """The key of a record that a path leads to; empty for the record itself."""
    for each in above:
        path = path.removeprefix(each)
    return path.lstrip(".").partition("[")[0].partition(".")[0]


def _blame(drafts: list[_Draft], broken: Mapping[str, Sequence[Problem]]) -> None:
    """A fault of the file is one of the row that begins last before it."""
    for file, problems in broken.items():
        rows = sorted(
            (draft for draft in drafts if draft.record.file == file and not draft.record.implied),
            key=lambda draft: draft.record.node.line,
        )
        for problem in problems if rows else ():
            place = bisect_right(rows, problem.line, key=lambda draft: draft.record.node.line)
            rows[max(place - 1, 0)].refuse(problem.line, problem.path.rpartition(".")[2], problem.sentence)


def _without_needless(drafts: list[_Draft], known: Catalog) -> list[_Draft]:
    """Each implied one stands once, and not where the thing itself is described, or known as something else."""
    there = {draft.name for draft in drafts if draft.describes and not draft.record.implied}
    there |= known.people
    kept = []
    for draft in drafts:
        if draft.record.implied:
            if draft.name in there or known.kinds.get(draft.name, draft.kind) != draft.kind:
                continue
            there.add(draft.name)
        kept.append(draft)
    return kept


def _once(drafts: list[_Draft]) -> list[_Draft]:
    """Refuse what one file describes twice; the first stands."""
    seen: dict[tuple[str, tuple[str, str, str]], _Draft] = {}
    for draft in drafts:
        if not draft.name:
            continue
        first = seen.setdefault((draft.record.file, draft.key), draft)
        if first is not draft and not draft.record.group:
            said = f"“{draft.name}” is described twice, first on line {first.entry.line}; keep one of the two."
            draft.refuse(draft.entry.line, "name", said)
    return drafts


# --- references ---------------------------------------------------------------------------------------------------


class _References:
    """Looks up what rows name, and sets aside those that name what is not there, and those that name these."""

    def __init__(self, drafts: list[_Draft], known: Catalog) -> None:
        self._known = known
        self._errors: list[RowError] = []
        self._drafts = drafts
        self._groups: dict[str, list[_Draft]] = defaultdict(list)
        self._named_by: dict[str, list[_Draft]] = defaultdict(list)
        self._good = Counter[str]()
        self._kinds = dict(known.kinds)
        self._faulty: dict[str, _Draft] = {}
        for draft in drafts:
            if draft.record.group:
                self._groups[draft.record.group].append(draft)
            if draft.describes:
                self._good[draft.name] += 1
                self._kinds.setdefault(draft.name, draft.kind)
            for name in self._names(draft):
                self._named_by[name].append(draft)
        self._out: set[int] = set()
        self._waiting = list(drafts)

    def settle(self) -> list[RowError]:
        """Answers what is wrong beside the problems that stand at the drafts: links that were left out, and rows
        without which the others of their line cannot be."""
        for draft in self._drafts:
            if draft.problems:
                self._drop(draft)
        while self._waiting:
            draft = self._waiting.pop()
            if id(draft) in self._out:
                continue
            fits = [self._look(draft, ref) for ref in self._refs(draft)]
            if not all(fits):
                self._drop(draft)
        for draft in self._drafts:
            if id(draft) in self._out and not draft.problems:
                draft.problems = [each for mate in self._groups[draft.record.group] for each in mate.problems]
        return self._errors

    def _drop(self, draft: _Draft) -> None:
        mates = self._groups[draft.record.group] if draft.record.group else [draft]
        for mate in mates:
            if id(mate) in self._out:
                continue
            self._out.add(id(mate))
            if mate.describes:
                self._good[mate.name] -= 1
                if not self._there(mate.name):
                    self._faulty.setdefault(mate.name, mate)
                    self._waiting += self._named_by[mate.name]

    def _there(self, name: str) -> bool:
        return name in self._known.kinds or self._good[name] > 0

    @staticmethod
    def _refs(draft: _Draft) -> Iterator[Ref]:
        yield from draft.refs
        if draft.record.of:
            yield Ref(CUSTOMER, draft.record.of, draft.entry.line, draft.entry.path)

    def _names(self, draft: _Draft) -> set[str]:
        return {ref.name for ref in self._refs(draft)}

    def _look(self, draft: _Draft, ref: Ref) -> bool:
        """Whether what it names is there; what is wrong is noted."""
        if self._fits(ref):
            return True
        place = _key(ref.path, draft.entry.path)
        said = self._said(ref)
        if draft.record.lenient and ref.kind == ENTITY and self._leave_out(draft, ref.name):
            self._errors.append(RowError(draft.record.file, ref.line, place, f"{said} It was left out.", "link"))
            return True
        draft.refuse(ref.line, place, said)
        return False

    def _fits(self, ref: Ref) -> bool:
        match ref.kind:
            case "person":
                return ref.name in self._known.people
            case "policy":
                return ref.name in self._known.policies
            case "owner":
                team = self._there(ref.name) and self._kinds.get(ref.name) in OWNERS
                return team or ref.name in self._known.people
            case _:
                return self._there(ref.name)

    def _said(self, ref: Ref) -> str:
        if (faulty := self._faulty.get(ref.name)) is not None and ref.kind in (ENTITY, CUSTOMER, "owner"):
            where = f"{faulty.record.file}, line {faulty.entry.line}"
            return f"“{ref.name}” has a fault of its own ({where}); mend that one first."
        near = self._kinds if len(self._kinds) <= MOST_COMPARED else ()
        known = "The catalog has no “{}”; add it to the files, or correct the name."
        sentence = known if ref.kind in (ENTITY, CUSTOMER) else MEND[ref.kind]
        return sentence.format(ref.name) + nearest(ref.name, near)

    @staticmethod
    def _leave_out(draft: _Draft, name: str) -> bool:
        """Take the name out of the lists of links; False when it stands elsewhere."""
        values = dict(draft.entry.values)
        for key in _LISTS:
            if name in values.get(key, ()):
                values[key] = tuple(each for each in values[key] if each != name)
        left = values != draft.entry.values
        draft.entry = replace(draft.entry, values=values)
        draft.refs = [ref for ref in draft.refs if ref.name != name or ref.kind != ENTITY]
        return left


# --- parts of the same thing --------------------------------------------------------------------------------------


def _joined(drafts: Iterable[_Draft], errors: list[RowError]) -> list[_Draft]:
    """One draft for each thing, with all that the files say of it."""
    whole: dict[tuple[str, str, str], _Draft] = {}
    for draft in drafts:
        first = whole.setdefault(draft.key, draft)
        if first is draft:
            continue
        if contrary := _contrary(first, draft):
            errors.append(contrary)
        else:
            first.entry = replace(first.entry, values=_both(first.entry.values, draft.entry.values))
    return list(whole.values())


def _contrary(first: _Draft, other: _Draft) -> RowError | None:
    for key, value in other.entry.values.items():
        before = first.entry.get(key, value)
        if before == value or key in _LISTS or key == "extra":
            continue
        where = f"{first.record.file}, line {first.entry.at(key)}"
        many = "two owners" if key == "owner" else f"two values for “{key}”"
        said = f"“{other.name}” has {many}: “{before}” ({where}) and “{value}”; keep one of the two."
        return RowError(other.record.file, other.entry.at(key), key, said, other.record.noun)
    return None


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one, **other}
    for key in one.keys() & other.keys():
        if key in _LISTS:
            both[key] = tuple(dict.fromkeys((*one[key], *other[key])))
        elif key == "extra":
            both[key] = {**one[key], **other[key]}
    return both
