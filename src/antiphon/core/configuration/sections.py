"""The sections of a configuration file and the keys of each: the one place that says what may stand in a file."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from antiphon.core.access import ROLES
from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.classification import DUTIES
from antiphon.core.configuration import classification, organisation, page_targets, telling
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.catalog import CUSTOMER_SHAPE, ENTITY, ENTITY_SHAPE
from antiphon.core.configuration.fields import EMAIL, LANGUAGE, NAME, POLICY, WORDS, ZONE, days, severity
from antiphon.core.configuration.reading import MISSING, Field, Reader, Reading, Shape
from antiphon.core.configuration.tree import Entry, Node
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.languages import LANGUAGES

INSIDE: Final = tuple(sorted(str(audience) for audience in Audience if audience not in OUTSIDE))

# --- people and paging --------------------------------------------------------------------------------------------

_organisation = Shape(
    "organisation",
    {
        "name": Field(read.name()),
        "zone": ZONE,
        "language": LANGUAGE,
        "currency": Field(read.text(3, "[A-Z]{3}", "Write a currency such as EUR.")),
        "base_url": Field(read.url),
        "support": Field(read.text(300)),
        "glossary": Field(read.map_of(read.text(200))),
        "technical_policy": POLICY,
        "business_policy": POLICY,
    },
)


def _person(channels: Iterable[str]) -> Shape:
    address = read.map_of(read.name(500), tuple(channels), "contact method")
    return Shape(
        "person",
        {
            "email": EMAIL,
            "name": NAME,
            "role": Field(read.one_of(*ROLES)),
            "zone": ZONE,
            "language": LANGUAGE,
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
        "days": Field(days),
    },
)
_layer = Shape(
    "layer",
    {
        "name": NAME,
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
        "name": NAME,
        "zone": ZONE,
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
        "by": WORDS,
    },
)
_policy_shape = Shape(
    "policy",
    {
        "name": NAME,
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

_duty = Shape(
    "duty role",
    {"person": Field(read.ref("person")), "rota": Field(read.ref("rota")), "page_from": Field(severity)},
)
_stakeholder = Shape("stakeholder", {"name": NAME, "email": EMAIL}, key="email")

# --- rules and telling --------------------------------------------------------------------------------------------

_rule = Shape(
    "rule",
    {
        "name": NAME,
        "when": Field(read.text(4_000)),
        "hold": Field(read.duration),
        "count": Field(read.whole(1, 10_000)),
        "window": Field(read.duration),
        "ask": Field(read.yes_no),
        "severity": Field(read.map_of(severity)),
        "entity_from": WORDS,
        "group_by": WORDS,
        "type": Field(read.one_of(*INCIDENT_TYPES)),
        "area": Field(read.text(40)),
        "policy": POLICY,
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
_words = Shape(
    "text", {"subject": Field(read.name(300), required=True), "body": Field(read.name(20_000), required=True)}
)
_holding = Shape(
    "holding message",
    {
        "audience": Field(read.one_of(*sorted(str(each) for each in OUTSIDE)), required=True),
        "type": Field(read.one_of(*INCIDENT_TYPES), required=True),
        "subject": Field(read.name(300)),
        "body": Field(read.name(20_000)),
        "translations": Field(read.map_of(read.record(_words), tuple(LANGUAGES), "list of languages")),
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
        "zone": ZONE,
    },
)

SECTIONS: Final = (
    "messages", "status_pages", "branding",
    "organisation", "people", "rotas", "policies", "duty_roles", "classification", "catalog", "customers",
    "stakeholders", "rules", "maintenance", "holding_messages", "status_page", "page_targets", *organisation.SECTIONS,
)  # fmt: skip


def readers(channels: Iterable[str]) -> dict[str, Reader]:
    """How each section is read; every channel has a section of its own name for its settings."""
    channels = tuple(channels)
    return {
        "organisation": read.record(_organisation),
        "people": read.list_of(read.record(_person(channels))),
        "rotas": read.list_of(read.record(_rota)),
        "policies": read.list_of(read.record(_policy_shape)),
        "duty_roles": read.map_of(read.record(_duty), DUTIES, "list of duty roles"),
        "classification": classification.section,
        "catalog": read.list_of(read.record(ENTITY_SHAPE)),
        "customers": read.list_of(read.record(CUSTOMER_SHAPE)),
        "stakeholders": read.map_of(read.list_of(read.record(_stakeholder)), INSIDE, "list of stakeholders"),
        "rules": read.list_of(read.record(_rule)),
        "maintenance": read.list_of(read.record(_maintenance)),
        "holding_messages": read.list_of(read.record(_holding)),
        "status_page": read.record(_status_page),
        "messages": read.list_of(read.record(telling.MESSAGE)),
        "status_pages": read.list_of(read.record(telling.STATUS_PAGE)),
        "branding": read.record(telling.BRANDING),
        "page_targets": page_targets.section,
        **organisation.readers(channels),
        **dict.fromkeys(channels, _settings),
    }


def _settings(node: Node, path: str, reading: Reading) -> Any:
    """A channel's settings; which there are, the channel says itself."""
    found = read.map_of(read.setting)(node, path, reading)
    if found is MISSING or not isinstance(node.value, Mapping):
        return found
    return Entry(path, node.line, found, {key: each.line for key, each in node.value.items()})
