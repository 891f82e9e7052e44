"""Which customers are hit, and which version their contacts read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from antiphon.core.questions.situation import Reached
from antiphon.db.models import Contact

SEGMENTS: Final = ("technical", "business", "untagged")
AT_ONCE: Final = 5_000
"""Customers that one statement names; of more all contacts are read, and those of others left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The customers that are hit, strategic ones first. `by_segment`: those who have a contact of that segment, so that
    one may stand in several; untagged are those too of whom nobody is known. `contacts`: how many read which version.
    """

    all: tuple[Reached, ...]
    by_segment: Mapping[str, tuple[Reached, ...]]
    contacts: Mapping[str, int]

    @property
    def strategic(self) -> int:
        """How many of them are strategic."""
        return sum(each.strategic for each in self.all)

    @property
    def readers(self) -> str:
        """Who reads which version: "226 business (12 untagged), 31 technical contacts"."""
        if not self.all:
            return ""
        count, parts = self.contacts, []
        if count["business"]:
            untagged = f" ({count['untagged']} untagged)" if count["untagged"] else ""
            parts.append(f"{count['business']} business{untagged}")
        if count["technical"]:
            parts.append(f"{count['technical']} technical")
        return ", ".join(parts) + " contacts" if parts else "no contacts"


def of(reached: Iterable[Reached]) -> Customers:
    """The customers among what is reached. One statement."""
    hit = sorted((each for each in reached if each.kind == "customer"), key=lambda each: not each.strategic)
    segments: dict[str, set[str]] = defaultdict(set)
    contacts: Counter[str] = Counter()
    for name, segment, wants in _contacts({each.name for each in hit}):
        segments[segment if segment in SEGMENTS else "untagged"].add(name)
        _count(contacts, segment, wants)
    known = set().union(*segments.values())
    segments["untagged"] |= {each.name for each in hit} - known
    by_segment = {each: tuple(one for one in hit if one.name in segments[each]) for each in SEGMENTS}
    return Customers(all=tuple(hit), by_segment=by_segment, contacts=contacts)


def readers(customers: Iterable[str]) -> Mapping[str, int]:
    """How many contacts of these customers read the technical and the business version, and how many are untagged.

    Who unsubscribed does not count. Untagged contacts are part of the business readers. One statement.
    """
    count: Counter[str] = Counter()
    for _, segment, wants in _contacts(set(customers)):
        _count(count, segment, wants)
    return count


def _contacts(customers: set[str]) -> Iterable[tuple[str, str, bool]]:
    if not customers:
        return ()
    rows = Contact.objects.filter(unsubscribed_at__isnull=True).order_by()
    if len(customers) <= AT_ONCE:
        rows = rows.filter(customer__name__in=customers)
    told = rows.values_list("customer__name", "segment", "wants_technical")
    return (each for each in told.iterator(AT_ONCE) if each[0] in customers)


def _count(count: Counter[str], segment: str, wants: bool) -> None:
    technical = segment == "technical" or wants
    count["technical" if technical else "business"] += 1
    count["untagged"] += segment not in ("technical", "business") and not technical
