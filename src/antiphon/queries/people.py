"""The people of the house, as names: the record holds their ids only."""

from collections.abc import Mapping
from dataclasses import dataclass

from antiphon.db.models import ApiToken, Person


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who can be chosen: `id` is their uid."""

    id: str
    name: str


def names() -> dict[str, str]:
    """Everybody's name by uid, those who left included."""
    return dict(Person.objects.values_list("uid", "name"))


def active() -> tuple[Named, ...]:
    """Everybody who works here, by name."""
    rows = Person.objects.filter(is_active=True).order_by("name", "id").values_list("uid", "name")
    return tuple(Named(uid, name) for uid, name in rows)


def find(uid: str) -> Person | None:
    """The active person of this id, as the row that actions take."""
    return Person.objects.filter(uid=uid, is_active=True).first()


def said_by(actor: str, known: Mapping[str, str]) -> str:
    """Who `kind:uid` on the record is, for people: a name, what it was, or "" for the program itself."""
    kind, _, uid = actor.partition(":")
    if kind == "person":
        return known.get(uid, "somebody who left")
    if kind == "token":
        return ApiToken.objects.filter(uid=uid).values_list("name", flat=True).first() or "a program"
    return "" if kind == "system" else kind
