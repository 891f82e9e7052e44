"""Who set a field of the catalog, and who may change it.

An origin is “person:<uid> <day>” (by hand), “file” (an applied configuration), “backstage”, “opslevel”, “customers”, or
“api:<token's name>”; none: nobody has set it, or it was set before this was noted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

FILE: Final = "file"
PERSON: Final = "person:"
API: Final = "api:"
OTHER_END: Final = " (other end)"
"""Behind a link's origin: it was told by what the link leads to."""

_SOURCES: Final = {
    FILE: "a file", "backstage": "Backstage", "opslevel": "OpsLevel", "customers": "a table of customers",
}  # fmt: skip


class Outcome(Enum):
    """What becomes of a field."""

    SAME = "same"
    SET = "set"
    KEPT = "kept"


def by_person(uid: str, *, now: datetime) -> str:
    """The origin of what this person enters now."""
    return f"{PERSON}{uid} {now:%Y-%m-%d}"


def author(origin: str) -> str:
    """An origin without its day."""
    return origin.partition(" ")[0] if origin.startswith(PERSON) else origin


def in_words(origin: str, names: Mapping[str, str]) -> str:
    """“by Ira Novak, 3 May 2026”, “from Backstage”; `names`: people's by uid."""
    if not origin:
        return "by somebody, before sources were noted"
    if origin.startswith(PERSON):
        uid, _, day = origin.removeprefix(PERSON).partition(" ")
        when = f", {date.fromisoformat(day):%-d %b %Y}" if day else ""
        return f"by {names.get(uid, 'somebody who is gone')}{when}"
    if origin.startswith(API):
        return f"by the token {origin.removeprefix(API)}"
    return f"from {_SOURCES.get(origin, origin)}"


def decide(*, before: Any, after: Any, default: Any, origin: str, source: str, overrule: bool) -> Outcome:
    """Whether `source` may put `after` in the place of `before`.

    An import changes what it set itself and what nobody has set; what overrules (a person's deliberate act, an applied
    file) changes everything.
    """
    if before == after:
        return Outcome.SAME
    own = author(origin) == author(source)
    unset = not origin and before == default
    return Outcome.SET if overrule or own or unset else Outcome.KEPT
