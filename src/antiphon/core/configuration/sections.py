"""The sections of a configuration file and the keys of each: the one place that says what may stand in a file."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from antiphon.core.access import ROLES
from antiphon.core.audiences import OUTSIDE, Audience, Segment
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.reading import MISSING, Field, Reader, Reading, Shape
from antiphon.core.configuration.tree import Entry, Node
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.oncall import EVERY_DAY
from antiphon.core.severity import Severity

LINKS: Final = ("depends_on", "serves", "part_of", "contracted_for", "owned_by")
"""Keys of an entity that list other entities; each becomes a link of that kind."""

INSIDE: Final = tuple(sorted(str(audience) for audience in Audience if audience not in OUTSIDE))
KINDS: Final = ("service", "component", "application", "workflow", "segment", "partner", "team", "vendor")
ENTITY: Final = "entity"
_CUSTOMERS: Final = " A customer stands under “customers:”."
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_name = Field(read.name(), required=True)
_title = Field(read.name(200))
_words = read.list_of(read.name())
_email = Field(read.email, required=True)
_zone = Field(read.zone)
_language = Field(read.text(16, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "Write a language such as en or de."))
_policy = Field(read.ref("policy"))

_period = Shape(
    "critical period",
    {
        "name": _name,
        "starts": Field(read.instant(), required=True),
        "ends": Field(read.instant(end=True), required=True),
    },
    key="name",
)
_periods = Field(read.list_of(read.record(_period)))


def _days(node: Node, path: str, reading: Reading) -> Any:
    """`[mon, tue]` or `mon-fri`, as numbers from 0."""
    if not isinstance(node.value, str) or "-" not in node.value:
        found = read.list_of(read.one_of(*_DAYS))(node, path, reading)
        return found if found is MISSING else frozenset(_DAYS.index(each) for each in found)
    first, _, last = node.value.strip().partition("-")
    if first not in _DAYS or last not in _DAYS:
        return reading.refuse(node.line, path, "Write days such as mon-fri or [sat, sun].")
    start, end = _DAYS.index(first), _DAYS.index(last)
    return frozenset(day for day in EVERY_DAY if (day - start) % 7 <= (end - start) % 7)


def _severity(node: Node, path: str, reading: Reading) -> Any:
    """SEV1 to SEV5, or none: opens nothing."""
    found = read.one_of(*map(str, Severity), "none")(node, path, reading)
    if found is MISSING:
        return MISSING
    return None if found == "none" else int(Severity[found])


# --- people and paging --------------------------------------------------------------------------------------------

_organisation = Shape(
    "organisation",
    {
        "name": Field(read.name()),
        "zone": _zone,
        "language": _language,
        "currency": Field(read.text(3, "[A-Z]{3}", "Write a currency such as EUR.")),
        "base_url": Field(read.url),
        "support": Field(read.text(300)),
        "technical_policy": _policy,
        "business_policy": _policy,
    },
)


def _person(channels: Iterable[str]) -> Shape:
    address = read.map_of(read.name(500), tuple(channels), "contact method")
    return Shape(
        "person",
        {
            "email": _email,
            "name": _name,
            "role": Field(read.one_of(*ROLES)),
            "zone": _zone,
            "language": _language,
            "active": Field(read.yes_no),
            "contact_methods": Field(read.list_of(address)),
        },
        key="email",
        defines="person",
    )


_hours = Shape(
    "stretch of hours",
    {
        "from": Field(read.clock_time, required=True),
        "to": Field(read.clock_time, required=True),
        "days": Field(_days),
    },
)
_layer = Shape(
    "layer",
    {
        "name": _name,
        "members": Field(read.list_of(read.ref("person")), required=True),
        "first": Field(read.day, required=True, because="Say on which day the first turn begins: “first: 2026-01-05”."),
        "handoff": Field(read.clock_time),
        "length": Field(read.duration),
        "hours": Field(read.list_of(read.record(_hours))),
    },
    key="name",
)
_override = Shape(
    "override",
    {
        "person": Field(read.ref("person"), required=True),
        "starts": Field(read.instant(), required=True),
        "ends": Field(read.instant(end=True), required=True),
    },
)
_rota = Shape(
    "rota",
    {
        "name": _name,
        "zone": _zone,
        "layers": Field(read.list_of(read.record(_layer)), required=True),
        "overrides": Field(read.list_of(read.record(_override))),
    },
    key="name",
    defines="rota",
)
_step = Shape(
    "step",
    {
        "page": Field(read.list_of(read.ref("target")), required=True),
        "wait": Field(read.duration),
        "by": Field(_words),
    },
)
_policy_shape = Shape(
    "policy",
    {
        "name": _name,
        "steps": Field(read.list_of(read.record(_step)), required=True),
        "repeat": Field(read.whole(0, 50)),
        "catch_all": Field(
            read.ref("person"),
            required=True,
            because="Name the person who is paged when nobody answered: “catch_all: ann@example.org”.",
        ),
    },
    key="name",
    defines="policy",
)

# --- catalog and customers ----------------------------------------------------------------------------------------

_facts = {
    "name": _name,
    "title": _title,
    "public_title": Field(read.text(200)),
    "description": Field(read.text(10_000)),
    "owner": Field(read.ref("owner")),
    "strategic": Field(read.yes_no),
    "critical_periods": _periods,
    "policy": _policy,
    "runbook": Field(read.text(500)),
    "extra": Field(read.free),
}
_entity = Shape(
    "catalog entity",
    {
        "kind": Field(read.one_of(*KINDS, hint=_CUSTOMERS), required=True),
        **_facts,
        "environment": Field(read.text(20, r"[a-z][a-z0-9_-]*", "Write a word such as production or staging.")),
        "customer_facing": Field(read.yes_no),
        "internal": Field(read.yes_no),
        "tier": Field(read.whole(1, 9)),
        "revenue_per_minute": Field(read.amount),
        "data_classes": Field(_words),
        "on_status_page": Field(read.yes_no),
        **{link: Field(read.list_of(read.ref(ENTITY))) for link in LINKS},
    },
    key="name",
    defines=ENTITY,
)
_contact = Shape(
    "contact",
    {
        "name": _name,
        "email": _email,
        "segment": Field(read.one_of(*map(str, Segment))),
        "wants_technical": Field(read.yes_no),
        "zone": _zone,
        "language": _language,
    },
    key="email",
)
_minutes = Field(read.whole(1, 1_000_000))
_contract = Shape(
    "contract",
    {
        "name": _name,
        "service": Field(read.ref(ENTITY), required=True),
        "starts": Field(read.instant(), required=True, because="Say when it begins: “starts: 2026-01-01”."),
        "ends": Field(read.instant(end=True), required=True, because="Say its last day: “ends: 2026-12-31”."),
        "resolution_minutes": _minutes,
        "downtime_minutes_per_month": _minutes,
        "update_minutes": _minutes,
        "credits": Field(read.text(2_000)),
    },
    key="name",
    defines="contract",
)
_customer = Shape(
    "customer",
    {
        **_facts,
        "segment": Field(read.one_of(*map(str, Segment))),
        "contacts": Field(read.list_of(read.record(_contact))),
        "contracts": Field(read.list_of(read.record(_contract))),
        "uses": Field(read.list_of(read.ref(ENTITY))),
    },
    key="name",
    defines=ENTITY,
)
_stakeholder = Shape("stakeholder", {"name": _name, "email": _email}, key="email")

# --- rules and telling --------------------------------------------------------------------------------------------

_rule = Shape(
    "rule",
    {
        "name": _name,
        "when": Field(read.text(4_000)),
        "hold": Field(read.duration),
        "count": Field(read.whole(1, 10_000)),
        "window": Field(read.duration),
        "ask": Field(read.yes_no),
        "severity": Field(read.map_of(_severity)),
        "entity_from": Field(_words),
        "group_by": Field(_words),
        "type": Field(read.one_of(*INCIDENT_TYPES)),
        "area": Field(read.text(40)),
        "policy": _policy,
        "nature": Field(read.one_of("real", "test")),
        "declare_unknown": Field(read.yes_no),
    },
    key="name",
    defines="rule",
)
_maintenance = Shape(
    "maintenance",
    {
        "title": Field(read.name(200), required=True),
        "entity": Field(read.ref(ENTITY)),
        "starts": Field(read.instant(), required=True),
        "ends": Field(read.instant(end=True), required=True),
    },
    key="title",
    defines="maintenance",
)
_holding = Shape(
    "holding message",
    {
        "audience": Field(read.one_of(*sorted(str(each) for each in OUTSIDE)), required=True),
        "type": Field(read.one_of(*INCIDENT_TYPES), required=True),
        "subject": Field(read.name(300)),
        "body": Field(read.name(20_000)),
        "approved_by": Field(
            read.ref("person"),
            required=True,
            because="It goes out by itself, so name who approved it: “approved_by: cora@example.org”.",
        ),
    },
)
_status_page = Shape(
    "status page",
    {
        "name": Field(read.name(200), required=True),
        "url": Field(read.url),
        "zone": _zone,
    },
)

SECTIONS: Final = (
    "organisation", "people", "rotas", "policies", "catalog", "customers", "stakeholders", "rules", "maintenance",
    "holding_messages", "status_page",
)  # fmt: skip


def readers(channels: Iterable[str]) -> dict[str, Reader]:
    """How each section is read; every channel has a section of its own name for its settings."""
    channels = tuple(channels)
    return {
        "organisation": read.record(_organisation),
        "people": read.list_of(read.record(_person(channels))),
        "rotas": read.list_of(read.record(_rota)),
        "policies": read.list_of(read.record(_policy_shape)),
        "catalog": read.list_of(read.record(_entity)),
        "customers": read.list_of(read.record(_customer)),
        "stakeholders": read.map_of(read.list_of(read.record(_stakeholder)), INSIDE, "list of stakeholders"),
        "rules": read.list_of(read.record(_rule)),
        "maintenance": read.list_of(read.record(_maintenance)),
        "holding_messages": read.list_of(read.record(_holding)),
        "status_page": read.record(_status_page),
        **dict.fromkeys(channels, _settings),
    }


def _settings(node: Node, path: str, reading: Reading) -> Any:
    """A channel's settings; which there are, the channel says itself."""
    found = read.map_of(read.setting)(node, path, reading)
    if found is MISSING or not isinstance(node.value, Mapping):
        return found
    return Entry(path, node.line, found, {key: each.line for key, each in node.value.items()})
