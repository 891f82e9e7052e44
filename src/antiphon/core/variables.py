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
from antiphon.core.facts import LINKS, NAMES, Confidence, Fact
from antiphon.core.languages import Words, words
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
_SHORT: Final = 80


def allowed(audience: Audience, *, holding: bool = False) -> frozenset[str]:
    """Names of the variables that this audience's templates may use."""
    record = {name for name, readers in _FROM_RECORD.items() if audience in readers}
    if holding:
        return frozenset(record & _HOLDING)
    return frozenset(record | {name for name, kind in NAMES.items() if audience in kind.audiences})


def values(
    facts: Iterable[Fact], about: About, audience: Audience, *, zone: str, now: datetime, language: str = "en"
) -> dict[str, object]:
    """Every allowed variable with its value. `facts` are those the audience may know, and no others.

    A fact stands in the language as far as somebody translated it, else as it was entered.
    """
    said = words(language)
    known = tuple(fact.in_language(language) for fact in facts)
    names = allowed(audience)
    found: dict[str, object] = {name: _told(known, name, said) for name in NAMES if name in names}
    place = zone if audience in PLAIN else "UTC"
    found |= {
        "number": about.number,
        "type": said.types.get(about.incident_type, about.incident_type),
        "state": said.states.get(about.state, about.state),
        "products": _listed(about.products, said) or said.some,
        "effect": _effect(known, about, said),
        "detected_at": said_at(about.detected_at, zone=place, language=language),
        "resolved_at": said_at(about.resolved_at, zone=place, language=language) if about.resolved_at else None,
        "next_update": said_at(about.next_update_at, zone=place, language=language) if about.next_update_at else None,
        "as_of": said_at(now, zone=place, language=language),
        "status_page": about.status_page or None,
        "support": about.support or None,
        "services": _listed(about.services or about.products, said) or None,
        "severity": f"SEV{about.severity}",
        "title": about.title or None,
        "link": about.link or None,
        "bridge": about.bridge or None,
        "commander": about.commander or None,
    }
    return {name: value for name, value in found.items() if name in names}


def said_at(instant: datetime, *, zone: str, language: str = "en") -> str:
    """An instant as readers read it and the lint reads it back: “14:30 UTC on 21 November 2026”."""
    said = words(language)
    local = instant.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    name = local.tzname() or ""
    if zone_offset(name) != offset:
        minutes = int(offset.total_seconds() // 60)
        hours, rest = divmod(abs(minutes), 60)
        name = f"UTC{'+' if minutes >= 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
    month = said.months[local.month - 1]
    zone_name = said.zones.get(name, name)
    return said.time.format(clock=f"{local:%H:%M}", zone=zone_name, day=local.day, month=month, year=local.year)


def _told(facts: tuple[Fact, ...], name: str, said: Words) -> str | None:
    sentences = [_sentence(fact, said) for fact in facts if fact.name == name]
    return " ".join(sentences) or None


def _sentence(fact: Fact, said: Words) -> str:
    told = fact.text.strip()
    if fact.name in LINKS:
        return f"<{told}>"  # shown whole, so that readers see whose host it is
    told = told if told.endswith((".", "!", "?", ":", "…")) or "\n" in told else f"{told}."
    if fact.confidence is Confidence.CONFIRMED:
        return told
    frame = said.estimate if fact.name == "expectation" else said.unconfirmed
    return frame.format(words=told, confidence=said.confidence.get(fact.confidence, fact.confidence))


def _effect(facts: tuple[Fact, ...], about: About, said: Words) -> str:
    """What readers notice, in a few words: the symptom where it is short, else product and kind of incident."""
    symptom = next((fact.text.strip() for fact in facts if fact.name == "symptoms"), "")
    short = symptom.rstrip(".")
    if short and len(short) <= _SHORT and "\n" not in short and ". " not in short:
        return short
    products = _listed(about.products, said) or said.some
    return f"{products[:1].upper()}{products[1:]}: {said.types.get(about.incident_type, said.types['operational'])}"


def _listed(names: tuple[str, ...], said: Words) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {said.both} {names[-1]}" if names else ""
