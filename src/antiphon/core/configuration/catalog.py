"""What may stand in a file of the catalog: entities, customers, their contracts and contacts; and what is wrong there.

Used for a configuration file as a whole and, row by row, for what is imported from elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from antiphon.core.audiences import Segment
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.fields import (
    DAYS,
    EMAIL,
    LANGUAGE,
    NAME,
    POLICY,
    WORDS,
    ZONE,
    days,
    whole_only,
)
from antiphon.core.configuration.reading import MISSING, Field, Reading, Shape
from antiphon.core.configuration.tree import Entry, Node
from antiphon.core.oncall import EVERY_DAY

LINKS: Final = ("depends_on", "serves", "part_of", "contracted_for", "owned_by")
"""Keys of an entity that list other entities; each becomes a link of that kind."""

KINDS: Final = ("service", "component", "application", "workflow", "segment", "partner", "team", "vendor")
DOCUMENTS: Final = ("runbook", "diagram", "dashboard", "document")
OWNERS: Final = ("team", "vendor", "partner")
ENTITY: Final = "entity"
CUSTOMER: Final = "customer"
MOST_USERS: Final = 2_000_000_000
_CUSTOMERS: Final = " A customer stands under “customers:”."

_period = Shape(
    "critical period",
    {
        "name": NAME,
        "starts": Field(read.instant(), required=True),
        "ends": Field(read.instant(end=True), required=True),
    },
    key="name",
)
_document = Shape(
    "document",
    {
        "kind": Field(read.one_of(*DOCUMENTS)),
        "title": Field(read.name(200), required=True),
        "url": Field(read.url, required=True),
    },
)


def _up(found: str) -> int | str:
    return found if found in ("any", "all") else int(found)


_group = Shape(
    "redundancy group",
    {
        "of": Field(read.list_of(read.ref(ENTITY)), required=True, because="Name them: “of: [db-a, db-b, db-c]”."),
        "up": Field(
            read.from_text(_up, "Write how many must work: a number, any or all."),
            required=True,
            because="Say how many must work: “up: 2”, “up: any” or “up: all”.",
        ),
    },
)
_stretch = Shape(
    "stretch of the week",
    {
        "days": Field(days),
        "from": Field(read.clock_time, required=True),
        "to": Field(read.clock_time, required=True),
        "factor": Field(read.amount, required=True, because="Say how much more a minute is worth: “factor: 2”."),
    },
)


def _redundancy(node: Node, path: str, reading: Reading) -> Any:
    """`{of: names, up: number}`, as it is stored."""
    entry = whole_only(_group)(node, path, reading)
    if entry is MISSING:
        return MISSING
    names = list(entry["of"])
    up = {"any": 1, "all": len(names)}.get(entry["up"], entry["up"])
    if fault := redundancy_fault(names, up):
        return reading.refuse(node.line, path, fault)
    return {"of": names, "up": up}


def redundancy_fault(names: Sequence[str], up: int) -> str:
    """Why so many of these cannot be what is needed; empty when they can."""
    if not names:
        return "It names nothing; write which ones stand in for each other."
    if len(set(names)) < len(names):
        return "It names the same one twice; name each once."
    if not 1 <= up <= len(names):
        return f"{up} of {len(names)} cannot work: write a number from 1 to {len(names)}, any or all."
    return ""


def _profile(node: Node, path: str, reading: Reading) -> Any:
    """`{days, from, to, factor}`, as it is stored; without days, every day."""
    entry = whole_only(_stretch)(node, path, reading)
    if entry is MISSING:
        return MISSING
    stored = {
        "days": sorted(entry.get("days", EVERY_DAY)),
        "from": f"{entry['from']:%H:%M}",
        "to": f"{entry['to']:%H:%M}",
        "factor": entry["factor"],
    }
    return reading.refuse(node.line, path, fault) if (fault := stretch_fault(stored)) else stored


def stretch_fault(stretch: Mapping[str, Any]) -> str:
    """Why one stretch of a week cannot be; empty when it can."""
    if not stretch["days"]:
        return "It names no day; write days such as mon-fri."
    if stretch["to"] <= stretch["from"]:
        return "It ends before it begins; split one that passes midnight in two, up to 23:59 and from 00:00."
    return ""


def overlap(profile: Iterable[Mapping[str, Any]]) -> str:
    """Which two stretches of a week claim the same minutes; empty when none do."""
    for one, other in combinations(profile, 2):
        shared = sorted({*one["days"]} & {*other["days"]})
        if shared and one["from"] < other["to"] and other["from"] < one["to"]:
            return (
                f"{one['from']}–{one['to']} and {other['from']}–{other['to']} overlap on {DAYS[shared[0]]}; "
                "let each minute have one factor."
            )
    return ""


# --- the records --------------------------------------------------------------------------------------------------

_facts = {
    "name": NAME,
    "title": Field(read.name(200)),
    "public_title": Field(read.text(200)),
    "description": Field(read.text(10_000)),
    "owner": Field(read.ref("owner")),
    "strategic": Field(read.yes_no),
    "critical_periods": Field(read.list_of(whole_only(_period))),
    "policy": POLICY,
    "runbook": Field(read.text(500)),
    "documents": Field(read.list_of(whole_only(_document))),
    "contact": Field(read.text(300)),
    "users": Field(read.whole(0, MOST_USERS)),
    "regions": WORDS,
    "zone": ZONE,
    "extra": Field(read.free),
}
ENTITY_SHAPE: Final = Shape(
    "catalog entity",
    {
        "kind": Field(read.one_of(*KINDS, hint=_CUSTOMERS), required=True),
        **_facts,
        "environment": Field(read.text(20, r"[a-z][a-z0-9_-]*", "Write a word such as production or staging.")),
        "customer_facing": Field(read.yes_no),
        "internal": Field(read.yes_no),
        "tier": Field(read.whole(1, 9)),
        "revenue_per_minute": Field(read.amount),
        "revenue_profile": Field(read.list_of(_profile)),
        "redundancy": Field(read.list_of(_redundancy)),
        "data_classes": WORDS,
        "on_status_page": Field(read.yes_no),
        **{link: Field(read.list_of(read.ref(ENTITY))) for link in LINKS},
    },
    key="name",
    defines=ENTITY,
)
CONTACT_SHAPE: Final = Shape(
    "contact",
    {
        "name": NAME,
        "email": EMAIL,
        "segment": Field(read.one_of(*map(str, Segment))),
        "wants_technical": Field(read.yes_no),
        "zone": ZONE,
        "language": LANGUAGE,
        "phone": Field(read.text(40, r"[+(]?[0-9][0-9 ()./-]{3,}", "Write a number such as +49 30 5550100.")),
    },
    key="email",
)
_minutes = Field(read.whole(1, 1_000_000))
CONTRACT_SHAPE: Final = Shape(
    "contract",
    {
        "name": NAME,
        "service": Field(read.ref(ENTITY), required=True),
        "starts": Field(read.instant(), required=True, because="Say when it begins: “starts: 2026-01-01”."),
        "ends": Field(read.instant(end=True), required=True, because="Say its last day: “ends: 2026-12-31”."),
        "resolution_minutes": _minutes,
        "response_minutes": _minutes,
        "downtime_minutes_per_month": _minutes,
        "update_minutes": _minutes,
        "credits": Field(read.text(2_000)),
    },
    key="name",
    defines="contract",
)
CUSTOMER_SHAPE: Final = Shape(
    CUSTOMER,
    {
        **_facts,
        "segment": Field(read.one_of(*map(str, Segment))),
        "contacts": Field(read.list_of(read.record(CONTACT_SHAPE))),
        "contracts": Field(read.list_of(read.record(CONTRACT_SHAPE))),
        "uses": Field(read.list_of(read.ref(ENTITY))),
    },
    key="name",
    defines=ENTITY,
)

# --- what no single key can tell ----------------------------------------------------------------------------------

NeedsOf = Callable[[str], frozenset[str]]
"""By an entity's name, what the catalog says already that it depends on."""


def check_entity(entry: Entry, kind: str, reading: Reading, *, kinds: Mapping[str, str], needs: NeedsOf) -> None:
    """An entity or customer. `kinds`: what the catalog has already, by name."""
    before = kinds.get(entry.get("name", ""), kind)
    if kind and before != kind and CUSTOMER in (before, kind):
        said = f"The catalog has “{entry['name']}” as a {before} already; choose another name."
        reading.refuse(entry.at("name"), entry.path, said)
    for period in entry.get("critical_periods", ()):
        ends_later(period, reading)
    for link in (*LINKS, "uses"):
        if entry.get("name", "") in entry.get(link, ()):
            reading.refuse(entry.at(link), f"{entry.path}.{link}", "It names itself; take that out.")
    if len(entry.get("owned_by", ())) > 1:
        said = f"It has {len(entry['owned_by'])} owners; name the one who answers for it."
        reading.refuse(entry.at("owned_by"), f"{entry.path}.owned_by", said)
    for key, said in _week_and_spares(entry, needs):
        reading.refuse(entry.at(key), f"{entry.path}.{key}", said)


def _week_and_spares(entry: Entry, needs: NeedsOf) -> Iterator[tuple[str, str]]:
    if said := overlap(entry.get("revenue_profile", ())):
        yield "revenue_profile", said
    told = {*entry.get("depends_on", ())}
    for group in entry.get("redundancy", ()):
        if strange := not_needed(group["of"], told) and not_needed(group["of"], told | needs(entry.get("name", ""))):
            yield "redundancy", strange


def not_needed(names: Iterable[str], needs: Iterable[str]) -> str:
    """Which of the names it does not depend on, so that they cannot be spares of each other; empty when none."""
    strange = [name for name in names if name not in needs]
    if not strange:
        return ""
    return f"It does not depend on “{strange[0]}”; add it to “depends_on” too, or take it out here."


def check_contract(contract: Entry, customer: str, reading: Reading, *, holders: Mapping[str, str]) -> None:
    """A contract of the customer. `holders`: whose contract each known name is."""
    ends_later(contract, reading)
    holder = holders.get(contract.get("name", ""), customer)
    if holder != customer:
        said = f"“{contract['name']}” is a contract of {holder} already; choose another name."
        reading.refuse(contract.at("name"), contract.path, said)


def ends_later(entry: Entry, reading: Reading) -> None:
    """Refuses what ends before it starts."""
    if "starts" in entry and "ends" in entry and entry["ends"] <= entry["starts"]:
        reading.refuse(entry.at("ends"), f"{entry.path}.ends", "It ends before it starts; correct one of the two.")
