"""Who has duty at an instant, rota by rota, for scripts."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.core.oncall import Shift, on_call
from antiphon.db.models import Person
from antiphon.queries.oncall import rotas


@dataclass(frozen=True, slots=True)
class PersonSeen:
    uid: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSeen:
    """One layer's whole shift; `person` is None when they are no longer known, `override` when it was taken over."""

    layer: str
    person: PersonSeen | None
    start: datetime
    end: datetime
    override: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaSeen:
    """A rota with the shifts that run; none outside its hours."""

    rota: str
    zone: str
    shifts: tuple[ShiftSeen, ...]


def running(*, at: datetime) -> tuple[RotaSeen, ...]:
    """Every rota with who is on duty at the instant."""
    found = [(rota, on_call(rota, at=at)) for _, rota in rotas()]
    uids = {shift.person for _, shifts in found for shift in shifts}
    people = {row.uid: PersonSeen(row.uid, row.name, row.email) for row in Person.objects.filter(uid__in=uids)}
    return tuple(
        RotaSeen(rota=rota.name, zone=rota.zone, shifts=tuple(_seen(shift, people) for shift in shifts))
        for rota, shifts in found
    )


def _seen(shift: Shift, people: dict[str, PersonSeen]) -> ShiftSeen:
    return ShiftSeen(
        layer=shift.layer,
        person=people.get(shift.person),
        start=shift.start,
        end=shift.end,
        override=shift.override is not None,
    )
