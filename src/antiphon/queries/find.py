"""Finding by a few letters: incidents by number or title, the catalog and people by name."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.db.models import Q

from antiphon.core.decision import Actor
from antiphon.db.models import Entity, Incident, Person
from antiphon.queries.readers import seen_by

EACH: Final = 8
LONGEST: Final = 100
BIGGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: where it leads, what it is called, what more there is to say, and its sign."""

    url: str
    label: str
    note: str
    sign: str


def find(wanted: str, *, reader: Actor) -> tuple[Found, ...]:
    """The best answers of each kind, at most eight. Three statements; nothing for an empty question."""
    words = wanted.strip()[:LONGEST]
    if not words:
        return ()
    return (*_incidents(words, reader), *_entities(words), *_people(words))


def _incidents(words: str, reader: Actor) -> list[Found]:
    number = words.lstrip("#")
    match = Q(title__icontains=words)
    if number.isascii() and number.isdigit() and int(number) <= BIGGEST:
        match |= Q(number=int(number))
    rows: list[Incident] = list(seen_by(reader).filter(match).order_by("-number")[:EACH])
    rows.sort(key=lambda row: str(row.number) != number)
    return [
        Found(f"/incidents/{row.number}", f"#{row.number} {row.title}", row.state.capitalize(), "incidents")
        for row in rows
    ]


def _entities(words: str) -> list[Found]:
    rows = Entity.objects.filter(Q(name__icontains=words) | Q(title__icontains=words))[:EACH]
    return [Found(f"/catalog/{quote(row.name, safe='')}", row.title or row.name, row.kind, "catalog") for row in rows]


def _people(words: str) -> list[Found]:
    rows = Person.objects.filter(is_active=True, name__icontains=words).order_by("name")[:EACH]
    return [Found("/on-call", row.name, row.role, "oncall") for row in rows]
