"""Rows of the catalog get their values here, whoever gives them: each field with who set it, and never over somebody
else's unless that is what was asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db.models import Model

from antiphon.actions.ledger import Change, Kept, Ledger, subject_of, told, words_of
from antiphon.core.sources.origins import OTHER_END, Outcome, author, decide, in_words
from antiphon.core.sources.rows import CONTACT, CONTRACT, NEEDED_BY, EntityRow, Sheet, Wire
from antiphon.db.models import Contact, Contract, Entity, Link, Person

M = TypeVar("M", Entity, Contract, Contact)
BATCH: Final = 800
"""Rows of one statement: as many as every database takes."""

NOTHING: Final = object()
_HIDDEN: Final = {"critical_periods": "", "extra": "", "documents": "", "redundancy": "", "revenue_profile": ""}
"""Fields whose values would tell nobody anything in a line."""


@dataclass(slots=True)
class Settled:
    """What giving a row its values came to: by field what was before and what is now, and what stayed with whom."""

    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    kept: dict[str, tuple[Any, Any, str]] = field(default_factory=dict)


def settle(row: Entity | Contract | Contact, values: Mapping[str, Any], *, source: str, overrule: bool) -> Settled:
    """Give the row those values that `source` may set, and note there that it did. Nothing is saved.

    `source`: an origin; `overrule`: it may set everything. `extra` is taken key by key.
    """
    settled = Settled()
    plain = {key: value for key, value in values.items() if key != "extra"}
    for key, value in plain.items():
        if _may_set(row, key, getattr(row, key), value, _default(row, key), settled, source, overrule):
            setattr(row, key, value)
    for key, value in values.get("extra", {}).items():
        assert isinstance(row, Entity)
        before = row.extra.get(key)
        if _may_set(row, f"extra.{key}", before, value, None, settled, source, overrule):
            row.extra = {**row.extra, key: value}
    return settled


def _may_set(
    row: Any, key: str, before: Any, after: Any, default: Any, settled: Settled, source: str, overrule: bool
) -> bool:
    name = key.removesuffix("_id")
    origin = row.origins.get(name, "")
    outcome = decide(before=before, after=after, default=default, origin=origin, source=source, overrule=overrule)
    if outcome is Outcome.KEPT:
        settled.kept[name] = (before, after, origin)
    if outcome is not Outcome.SET:
        return False
    settled.changed[key] = (before, after)
    if origin and author(origin) != author(source):
        settled.replaced[name] = origin
    row.origins = {**row.origins, name: source}
    return True


def fill(row: Entity | Contract | Contact, values: Mapping[str, Any], *, source: str) -> None:
    """Give a new row its values; whatever is said of it, `source` said."""
    for key, value in values.items():
        setattr(row, key, value)
        said = (f"extra.{each}" for each in value) if key == "extra" else (key.removesuffix("_id"),)
        row.origins = {**row.origins, **dict.fromkeys(said, source)}


def _default(row: Model, key: str) -> Any:
    if key == "title":
        return getattr(row, "name", NOTHING)
    known = row._meta.get_field(key.removesuffix("_id"))
    return known.get_default() if known.has_default() or known.null else NOTHING  # type: ignore[union-attr]


# --- many rows at once --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Writer:
    """Writes sheets in few statements. `drop`: links that a source made and names no longer go."""

    ledger: Ledger
    overrule: bool = False
    drop: bool = False
    missing: list[tuple[str, str]] = field(default_factory=list)
    """Pairs (who names it, what nobody knows): links and contracts that could not be made."""
    _rows: dict[str, Entity] = field(default_factory=dict)
    _people: dict[str, str] = field(default_factory=dict)

    def write(self, sheets: Sequence[tuple[str, Sheet]]) -> None:
        """Each sheet with its source. Entities of all of them come first, for each may name another's."""
        self._people = dict(Person.objects.values_list("uid", "name"))
        self._rows = _by_name(Entity, {name for _, sheet in sheets for name in _named(sheet)})
        for source, sheet in sheets:
            self._entities(sheet.entities, source)
        for source, sheet in sheets:
            self._links(sheet, source)
            self._contracts(sheet, source)
            self._contacts(sheet, source)

    def _entities(self, entities: Iterable[EntityRow], source: str) -> None:
        made: list[Entity] = []
        changed: list[Entity] = []
        for each in entities:
            row = self._rows.get(each.name)
            if row is None:
                fresh = Entity(name=each.name, title=each.name, updated_at=self.ledger.now)
                self._make(fresh, each.values, source, each.noun, each.name, made)
                self._rows[each.name] = fresh
            elif self._change(row, each.values, source, each.noun, each.name):
                row.updated_at = self.ledger.now
                # A row made by another sheet of this run is saved already; one of this sheet is described once.
                changed.append(row)
        _save(Entity, made, changed)

    def _make(
        self, row: M, values: Mapping[str, Any], source: str, noun: str, name: str, made: list[M], *, subject: str = ""
    ) -> None:
        fill(row, values, source=source)
        self.ledger.note("+", noun, name, subject=subject)
        made.append(row)

    def _change(
        self,
        row: M,
        values: Mapping[str, Any],
        source: str,
        noun: str,
        name: str,
        *,
        shown: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether a field of the row has another value now; what stayed with somebody else is noted."""
        settled = settle(row, values, source=source, overrule=self.overrule)
        for key, (before, after, origin) in settled.kept.items():
            self.ledger.kept.append(Kept(noun, name, key, before, after, in_words(origin, self._people), origin))
        if not settled.changed:
            self.ledger.same[noun] += 1
            return False
        subject = subject_of(row) if noun == CONTACT else ""
        details = tuple(self._detail(key, settled, shown or {}) for key in _once(settled.changed))
        fields = tuple(words_of(key) for key in _once(settled.changed))
        self.ledger.changes.append(Change("~", noun, name, details, fields, subject))
        return True

    def _detail(self, key: str, settled: Settled, shown: Mapping[str, str]) -> str:
        before, after = settled.changed.get(key, (None, None))
        said = told(key, before, after, {**_HIDDEN, **shown})
        others = [settled.replaced[name] for name in settled.replaced if name.partition(".")[0] == _field(key)]
        return f"{said} (was {in_words(others[0], self._people)})" if others else said

    # --- links ----------------------------------------------------------------------------------------------------

    def _links(self, sheet: Sheet, source: str) -> None:
        wires = [wire for each in sheet.entities for wire in each.wires]
        wires += [Wire(each.customer, each.service, "contracted_for") for each in sheet.contracts]
        wanted: dict[tuple[int, int, str], Wire] = {}
        for wire in wires:
            if key := self._key(wire):
                wanted.setdefault(key, wire)
        touched = {self._rows[each.name].pk: each for each in sheet.entities}
        have = _links_of({*touched, *(key[0] for key in wanted)}, {key[1] for key in wanted} | {*touched})
        missing = {key: wire for key, wire in wanted.items() if key not in have}
        Link.objects.bulk_create(
            [
                Link(source_id=a, target_id=b, kind=kind, origin=source + OTHER_END * wire.other_end)
                for (a, b, kind), wire in missing.items()
            ],
            batch_size=BATCH,
        )
        for wire in missing.values():
            self.ledger.note("+", "link", _sentence(wire.source, wire.kind, wire.target))
        self.ledger.same["link"] += len(wanted) - len(missing)
        if self.drop:
            self._drop({key: each for key, each in have.items() if key not in wanted}, touched, source)

    def _key(self, wire: Wire) -> tuple[int, int, str] | None:
        for name, other in ((wire.source, wire.target), (wire.target, wire.source)):
            if name not in self._rows:
                self.missing.append((other, name))
                return None
        return self._rows[wire.source].pk, self._rows[wire.target].pk, wire.kind

    def _drop(
        self, others: Mapping[tuple[int, int, str], tuple[int, str]], touched: Mapping[int, EntityRow], source: str
    ) -> None:
        found = [
            (link, a, kind, b)
            for (a, b, kind), (link, origin) in others.items()
            if (origin == source and a in touched and kind in touched[a].tells)
            or (origin == source + OTHER_END and b in touched and NEEDED_BY in touched[b].tells)
        ]
        names = self._names_of({pk for _, a, _, b in found for pk in (a, b)})
        held = self._held(names) if found else set()
        gone = [each for each in found if each[1:] not in held]
        for chunk in _chunks(gone):
            Link.objects.filter(pk__in=[each[0] for each in chunk]).delete()
        for _, a, kind, b in gone:
            said = f"{in_words(source, {})} no longer names it".removeprefix("from ")
            self.ledger.note("-", "link", _sentence(names[a], kind, names[b]), said)

    def _names_of(self, pks: Iterable[int]) -> dict[int, str]:
        names = {row.pk: row.name for row in self._rows.values()}
        for chunk in _chunks(sorted({*pks} - names.keys())):
            names |= dict(Entity.objects.filter(pk__in=chunk).values_list("pk", "name"))
        return names

    def _held(self, names: Mapping[int, str]) -> set[tuple[int, str, int]]:
        """Links that stay whoever made them: a contract rests on them, or what they lead to is counted as a spare."""
        pks = {name: pk for pk, name in names.items()}
        promised = Contract.objects.values_list("customer", "service")
        held = {(customer, "contracted_for", service) for customer, service in promised}
        for row in self._rows.values():
            spares = {name for group in row.redundancy for name in group["of"]}
            held |= {(row.pk, "depends_on", pks[name]) for name in spares & pks.keys()}
        return held

    # --- what hangs on customers ----------------------------------------------------------------------------------

    def _contracts(self, sheet: Sheet, source: str) -> None:
        have = _by_name(Contract, {each.name for each in sheet.contracts})
        made: list[Contract] = []
        changed: list[Contract] = []
        for each in sheet.contracts:
            if each.service not in self._rows or each.customer not in self._rows:
                self.missing.append((each.name, each.service if each.customer in self._rows else each.customer))
                continue
            values = {"service_id": self._rows[each.service].pk, **each.values}
            row = have.get(each.name)
            if row is None:
                fresh = Contract(name=each.name, customer=self._rows[each.customer])
                self._make(fresh, values, source, CONTRACT, each.name, made)
            elif self._change(row, values, source, CONTRACT, each.name, shown={"service_id": each.service}):
                changed.append(row)
        _save(Contract, made, changed)

    def _contacts(self, sheet: Sheet, source: str) -> None:
        """One whom a person has tagged since keeps the tag, for the customer's segment is of new contacts only."""
        there = [each for each in sheet.contacts if each.customer in self._rows]
        have: dict[tuple[int, str], Contact] = {}
        for chunk in _chunks(sorted({self._rows[each.customer].pk for each in there})):
            rows = Contact.objects.filter(customer__in=chunk)
            have |= {(row.customer_id, row.email.lower()): row for row in rows}
        made: list[Contact] = []
        changed: list[Contact] = []
        for each in there:
            customer = self._rows[each.customer]
            row, name = have.get((customer.pk, each.email)), f"{each.email} of {customer.name}"
            if row is None:
                fresh = Contact(customer=customer, email=each.email, segment=each.segment)
                self._make(fresh, each.values, source, CONTACT, name, made, subject=fresh.uid)
            elif self._change(row, each.values, source, CONTACT, name):
                changed.append(row)
        _save(Contact, made, changed)


def _once(keys: Iterable[str]) -> Iterator[str]:
    """Fields by name, `extra` once for all its keys."""
    return iter(dict.fromkeys(_field(key) if key.startswith("extra.") else key for key in keys))


def _field(key: str) -> str:
    return key.partition(".")[0].removesuffix("_id")


def _sentence(source: str, kind: str, target: str) -> str:
    return f"{source} {kind.replace('_', ' ')} {target}"


def _named(sheet: Sheet) -> Iterator[str]:
    for each in sheet.entities:
        yield each.name
        for wire in each.wires:
            yield from (wire.source, wire.target)
    for contract in sheet.contracts:
        yield from (contract.customer, contract.service)
    for contact in sheet.contacts:
        yield contact.customer


def _by_name(model: type[M], names: Iterable[str]) -> dict[str, M]:
    found: dict[str, M] = {}
    for chunk in _chunks(sorted(names)):
        found |= {row.name: row for row in model._default_manager.filter(name__in=chunk)}
    return found


def _links_of(sources: Iterable[int], targets: Iterable[int]) -> dict[tuple[int, int, str], tuple[int, str]]:
    """Links that begin at one of these, and those told by their other end that lead to one."""
    found: dict[tuple[int, int, str], tuple[int, str]] = {}
    columns = ("source", "target", "kind", "pk", "origin")
    for chunk in _chunks(sorted(sources)):
        for a, b, kind, pk, origin in Link.objects.filter(source__in=chunk).values_list(*columns):
            found[a, b, kind] = (pk, origin)
    for chunk in _chunks(sorted(targets)):
        rows = Link.objects.filter(target__in=chunk, origin__endswith=OTHER_END).values_list(*columns)
        for a, b, kind, pk, origin in rows:
            found[a, b, kind] = (pk, origin)
    return found


def _chunks(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[start : start + BATCH] for start in range(0, len(found), BATCH))


def _save(model: type[M], made: Sequence[M], changed: Sequence[M]) -> None:
    manager = model._default_manager
    manager.bulk_create(made, batch_size=BATCH)
    columns = [each.attname for each in model._meta.concrete_fields if not each.primary_key]
    manager.bulk_create(changed, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=columns)
