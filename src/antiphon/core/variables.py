"""What a template may say to whom: the variables of each audience, and their values for one incident.

Source: DOMAIN §8.3. A variable that an audience may not know does not exist in its templates; a fact that nobody
entered is nil, so that `{% if workaround %}` works.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.facts import NAMES, Confidence, Fact
from antiphon.core.times import zone_offset

PLAIN: Final = frozenset({Audience.BUSINESS, Audience.PUBLIC})
"""Readers of effects, in their own zone; everybody else reads of services, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the incident's record and the settings give to a text, beside its facts. Instants are aware UTC.

    services    affected services as technical readers know them
    products    affected applications and workflows as customers know them
    title, link, bridge, commander   for people inside only
    support     how readers reach support: an address, a telephone number
    """

    number: int
    incident_type: str
    severity: int
    state: str
    detected_at: datetime
    services: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    next_update_at: datetime | None = None
    resolved_at: datetime | None = None
    status_page: str = ""
    support: str = ""
    title: str = ""
    link: str = ""
    bridge: str = ""
    commander: str = ""
    practice: bool = False


_EVERYONE: Final = frozenset(Audience)
_INSIDE: Final = _EVERYONE - OUTSIDE
_FROM_RECORD: Final[Mapping[str, frozenset[Audience]]] = MappingProxyType(
    {
        "number": _EVERYONE,
        "type": _EVERYONE,
        "state": _EVERYONE,
        "products": _EVERYONE,
        "effect": _EVERYONE,
        "detected_at": _EVERYONE,
        "resolved_at": _EVERYONE,
        "next_update": _EVERYONE,
        "as_of": _EVERYONE,
        "status_page": _EVERYONE,
        "support": _EVERYONE,
        "services": _EVERYONE - PLAIN,
        "severity": _EVERYONE - PLAIN,
        "title": _INSIDE,
        "link": _INSIDE,
        "bridge": _INSIDE,
        "commander": _INSIDE,
    }
)
_HOLDING: Final = frozenset({"number", "services", "products", "effect", "detected_at", "next_update", "status_page"})
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disruption": "service disruption",
        "degradation": "reduced performance",
        "security": "security notice",
        "operational": "service notice",
    }
)
_SHORT: Final = 80
_SOME: Final = "some of our services"


def allowed(audience: Audience, *, holding: bool = False) -> frozenset[str]:
    """Names of the variables that this audience's templates may use."""
    record = {name for name, readers in _FROM_RECORD.items() if audience in readers}
    if holding:
        return frozenset(record & _HOLDING)
    return frozenset(record | {name for name, kind in NAMES.items() if audience in kind.audiences})


def values(facts: Iterable[Fact], about: About, audience: Audience, *, zone: str, now: datetime) -> dict[str, object]:
    """Every allowed variable with its value. `facts` are those the audience may know, and no others."""
    known = tuple(facts)
    names = allowed(audience)
    found: dict[str, object] = {name: _told(known, name) for name in NAMES if name in names}
    place = zone if audience in PLAIN else "UTC"
    found |= {
        "number": about.number,
        "type": _TYPES.get(about.incident_type, about.incident_type),
        "state": about.state,
        "products": _listed(about.products) or _SOME,
        "effect": _effect(known, about),
        "detected_at": said_at(about.detected_at, zone=place),
        "resolved_at": said_at(about.resolved_at, zone=place) if about.resolved_at else None,
        "next_update": said_at(about.next_update_at, zone=place) if about.next_update_at else None,
        "as_of": said_at(now, zone=place),
        "status_page": about.status_page or None,
        "support": about.support or None,
        "services": _listed(about.services or about.products) or None,
        "severity": f"SEV{about.severity}",
        "title": about.title or None,
        "link": about.link or None,
        "bridge": about.bridge or None,
        "commander": about.commander or None,
    }
    return {name: value for name, value in found.items() if name in names}


def said_at(instant: datetime, *, zone: str) -> str:
    """An instant as readers read it and the lint reads it back: “14:30 UTC on 21 November 2026”."""
    local = instant.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    name = local.tzname() or ""
    if zone_offset(name) != offset:
        minutes = int(offset.total_seconds() // 60)
        hours, rest = divmod(abs(minutes), 60)
        name = f"UTC{'+' if minutes >= 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
    return f"{local:%H:%M} {name} on {local.day} {_MONTHS[local.month - 1]} {local.year}"


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _told(facts: tuple[Fact, ...], name: str) -> str | None:
    sentences = [_sentence(fact) for fact in facts if fact.name == name]
    return " ".join(sentences) or None


def _sentence(fact: Fact) -> str:
    words = fact.text.strip()
    words = words if words.endswith((".", "!", "?", ":", "…")) or "\n" in words else f"{words}."
    if fact.confidence is Confidence.CONFIRMED:
        return words
    if fact.name == "expectation":
        return f"Our estimate, confidence {fact.confidence}: {words}"
    return f"{words} (Not confirmed; confidence: {fact.confidence}.)"


def _effect(facts: tuple[Fact, ...], about: About) -> str:
    """What readers notice, in a few words: the symptom where it is short, else product and kind of incident."""
    symptom = next((fact.text.strip() for fact in facts if fact.name == "symptoms"), "")
    short = symptom.rstrip(".")
    if short and len(short) <= _SHORT and "\n" not in short and ". " not in short:
        return short
    products = _listed(about.products) or _SOME
    return f"{products[:1].upper()}{products[1:]}: {_TYPES.get(about.incident_type, 'service notice')}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
