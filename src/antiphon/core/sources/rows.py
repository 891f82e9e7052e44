"""What files say of the catalog, row by row: first as records in our own words, then as rows to be written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from antiphon.core.audiences import Segment
from antiphon.core.configuration.catalog import CUSTOMER, ENTITY, LINKS
from antiphon.core.configuration.tree import Entry, Node

NEEDED_BY: Final = "needed_by"
"""Key of a record from elsewhere: what depends on it."""

CONTRACT: Final = "contract"
CONTACT: Final = "contact"
PLAIN: Final = (
    "kind", "title", "public_title", "description", "environment", "customer_facing", "internal", "tier",
    "revenue_per_minute", "strategic", "on_status_page", "owner", "policy", "runbook", "contact", "users", "zone",
)  # fmt: skip
LISTED: Final = ("data_classes", "regions", "redundancy", "revenue_profile")
TERMS: Final = ("resolution_minutes", "response_minutes", "downtime_minutes_per_month", "update_minutes", "credits")
ABOUT: Final = ("name", "segment", "wants_technical", "zone", "language", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of a file, in the words of our own file. `of`: the customer of a contract or contact.

    `implied`: it stands there only because another row names it. `lenient`: what it names and nobody knows is left out
    and reported, and the rest of it taken. `group`: records of one line of a table, which stand or fall together and
    may tell more of what a line before began.
    """

    file: str
    noun: str
    node: Node
    path: str
    of: str = ""
    group: str = ""
    implied: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """What is wrong with a row, where, and how to mend it. `field`: the key or column; empty: the row as a whole."""

    file: str
    line: int
    field: str
    message: str
    noun: str = ENTITY

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


@dataclass(frozen=True, slots=True, order=True)
class Wire:
    """`source` depends on, serves, is part of, is contracted for or is owned by `target`; both by name.

    `other_end`: it was told by the target's row.
    """

    source: str
    target: str
    kind: str
    other_end: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow:
    """An entity or customer: the fields that are mentioned, as they are stored. `tells`: the kinds of link of which
    its row names all there are."""

    name: str
    noun: str
    values: Mapping[str, Any]
    wires: tuple[Wire, ...] = ()
    tells: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    name: str
    customer: str
    service: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """`segment`: what a new contact is, when its row does not say."""

    customer: str
    email: str
    segment: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class Sheet:
    """Everything that is to hold, and what could not be read."""

    entities: list[EntityRow] = field(default_factory=list)
    contracts: list[ContractRow] = field(default_factory=list)
    contacts: list[ContactRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def of_file(catalog: Iterable[Entry], customers: Iterable[Entry]) -> Sheet:
    """The rows of a configuration file that passed every check."""
    sheet = Sheet([entity_row(entry, ENTITY) for entry in catalog])
    for entry in customers:
        sheet.entities.append(entity_row(entry, CUSTOMER))
        for each in entry.get("contracts", ()):
            sheet.contracts.append(contract_row(each, entry["name"]))
        for each in entry.get("contacts", ()):
            sheet.contacts.append(contact_row(each, entry["name"], entry.get("segment", "")))
    return sheet


def entity_row(entry: Entry, noun: str, *, tells_all: bool = False) -> EntityRow:
    """`tells_all`: a kind of link that it does not mention, it does not have."""
    name = entry["name"]
    values: dict[str, Any] = {**entry.only(*PLAIN), **({"kind": CUSTOMER} if noun == CUSTOMER else {})}
    values |= {key: list(entry[key]) for key in LISTED if key in entry}
    if "critical_periods" in entry:
        values["critical_periods"] = [_period(each) for each in entry["critical_periods"]]
    if "documents" in entry:
        values["documents"] = [_document(each) for each in entry["documents"]]
    if "extra" in entry:
        values["extra"] = dict(entry["extra"])
    wires = [Wire(name, target, kind) for kind in LINKS for target in entry.get(kind, ())]
    wires += [Wire(name, service, "contracted_for") for service in entry.get("uses", ())]
    wires += [Wire(other, name, "depends_on", other_end=True) for other in entry.get(NEEDED_BY, ()) if other != name]
    keys = (*LINKS, NEEDED_BY)
    told = frozenset(keys) if tells_all else frozenset(key for key in keys if key in entry)
    if "uses" in entry:
        told |= {"contracted_for"}
    return EntityRow(name=name, noun=noun, values=values, wires=tuple(dict.fromkeys(wires)), tells=told)


def _period(entry: Entry) -> dict[str, str]:
    return {"name": entry["name"], "starts_at": entry["starts"].isoformat(), "ends_at": entry["ends"].isoformat()}


def _document(entry: Entry) -> dict[str, str]:
    return {"kind": entry.get("kind", "document"), "title": entry["title"], "url": entry["url"]}


def contract_row(entry: Entry, customer: str) -> ContractRow:
    """A contract of this customer."""
    values = {"starts_at": entry["starts"], "ends_at": entry["ends"], **entry.only(*TERMS)}
    return ContractRow(name=entry["name"], customer=customer, service=entry["service"], values=values)


def contact_row(entry: Entry, customer: str, segment: str) -> ContactRow:
    """A contact of this customer, whose contacts are of `segment` unless somebody says otherwise."""
    return ContactRow(
        customer=customer,
        email=entry["email"],
        segment=segment or Segment.UNTAGGED,
        values=entry.only(*ABOUT),
    )
