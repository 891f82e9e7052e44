"""Customers and their contacts: which version each reads, who said so, and what their words suggest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from django.db.models import F, Q, QuerySet

from antiphon.core.audiences import Segment, audience_of
from antiphon.core.segments import Signal, SuggestionState, signals
from antiphon.core.sources.origins import PERSON, author, in_words
from antiphon.db.models import Contact, Entity, Organisation, Person, SegmentSuggestion
from antiphon.queries.reactions.addresses import Lost, lost

PAGE: Final = 50
CONTACTS: Final = 15
"""Contacts of one customer that a page lists; a search finds the others."""
WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for: a part of a customer's or contact's name or address, a segment, an open suggestion (one
    segment's, or "any"), strategic customers only."""

    q: str = ""
    segment: str = ""
    suggested: str = ""
    strategic: bool = False

    @property
    def narrow(self) -> bool:
        """Only some contacts are meant."""
        return bool(self.segment or self.suggested)


@dataclass(frozen=True, slots=True)
class Why:
    """A signal in the tickets: what the customer did, the words of it, and in how many tickets."""

    signal: str
    says: str
    words: tuple[str, ...]
    tickets: int
    weight: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the words suggest, until a person has said yes or no; `score` from 0 to 1."""

    segment: str
    score: float
    state: str
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSeen:
    """`reads`: the version this person gets. `by`: who set the segment, in words. `lost`: why a mail did not reach
    them."""

    uid: str
    name: str
    email: str
    segment: str
    by: str
    reads: str
    wants_technical: bool
    language: str
    zone: str
    unsubscribed: bool
    lost: Lost | None
    suggestion: Suggested | None

    @property
    def suggests(self) -> str:
        """The segment that is suggested and not decided on; empty when there is none."""
        made = self.suggestion
        waits = made is not None and made.state == SuggestionState.OPEN and made.segment != self.segment
        return made.segment if made is not None and waits else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSeen:
    """A customer with the contacts that were looked for; `more` are not listed."""

    name: str
    title: str
    strategic: bool
    contacts: tuple[ContactSeen, ...]
    more: int

    @property
    def url(self) -> str:
        """The customer's page in the catalog."""
        return f"/catalog/{quote(self.name, safe='')}"


def find(looked: Looked, *, after: str = "", limit: int = PAGE) -> list[CustomerSeen]:
    """Customers by name, those behind `after`, with the contacts that fit. A handful of statements, however many."""
    rows = list(_customers(looked).filter(name__gt=after).order_by("name")[:limit])
    contacts = _by_customer(rows, looked)
    names = _persons(contact for listed in contacts.values() for contact in listed)
    known = {signal.name: signal for signal in _signals()}
    missed = lost(contact.uid for listed in contacts.values() for contact in listed)
    return [
        CustomerSeen(
            name=row.name,
            title=row.title,
            strategic=row.strategic,
            contacts=tuple(
                _seen(each, names, known, missed.get(each.uid)) for each in contacts.get(row.pk, ())[:CONTACTS]
            ),
            more=max(0, len(contacts.get(row.pk, ())) - CONTACTS),
        )
        for row in rows
    ]


def counts() -> dict[str, int]:
    """How many contacts there are untagged, and how many suggestions wait for a person."""
    return {
        "untagged": Contact.objects.filter(segment=Segment.UNTAGGED).count(),
        "suggested": _fitting(Looked(suggested="any")).count(),
    }


def _signals() -> Sequence[Signal]:
    return signals(Organisation.only().settings.get("segment_signals"))


def _customers(looked: Looked) -> QuerySet[Entity]:
    rows = Entity.objects.filter(kind="customer")
    if looked.strategic:
        rows = rows.filter(strategic=True)
    if looked.narrow:
        rows = rows.filter(pk__in=_fitting(looked).values("customer_id"))
    if looked.q:
        theirs = Contact.objects.filter(_called(looked.q)).values("customer_id")
        rows = rows.filter(Q(name__icontains=looked.q) | Q(title__icontains=looked.q) | Q(pk__in=theirs))
    return rows


def _fitting(looked: Looked) -> QuerySet[Contact]:
    rows = Contact.objects.all()
    if looked.segment:
        rows = rows.filter(segment=looked.segment)
    if looked.suggested:
        rows = rows.filter(suggestion__state=SuggestionState.OPEN).exclude(suggestion__segment=F("segment"))
    if looked.suggested not in ("", "any"):
        rows = rows.filter(suggestion__segment=looked.suggested)
    return rows


def _called(q: str) -> Q:
    return Q(name__icontains=q) | Q(email__icontains=q)


def _by_customer(rows: Sequence[Entity], looked: Looked) -> dict[int, list[Contact]]:
    """The contacts that fit, of each customer (by key); where a search is for a contact, only those."""
    fitting = _fitting(looked).filter(customer__in=[row.pk for row in rows])
    found: dict[int, list[Contact]] = {}
    for contact in fitting.select_related("suggestion").order_by("customer_id", "name", "pk"):
        found.setdefault(contact.customer_id, []).append(contact)
    if not looked.q:
        return found
    wanted = looked.q.lower()
    named = {row.pk for row in rows if wanted in row.name.lower() or wanted in row.title.lower()}
    return {
        key: [each for each in listed if key in named or wanted in each.name.lower() or wanted in each.email.lower()]
        for key, listed in found.items()
    }


def _persons(contacts: Iterable[Contact]) -> dict[str, str]:
    """Names of the people who set a segment, by uid."""
    origins = {author(str(contact.origins.get("segment", ""))) for contact in contacts}
    uids = {origin.removeprefix(PERSON) for origin in origins if origin.startswith(PERSON)}
    return dict(Person.objects.filter(uid__in=uids).values_list("uid", "name"))


def _seen(row: Contact, names: Mapping[str, str], known: Mapping[str, Signal], missed: Lost | None) -> ContactSeen:
    suggestion: SegmentSuggestion | None = getattr(row, "suggestion", None)
    origin = str(row.origins.get("segment", ""))
    return ContactSeen(
        uid=row.uid,
        name=row.name,
        email=row.email,
        segment=row.segment,
        by=in_words(origin, names) if origin and row.segment != Segment.UNTAGGED else "",
        reads=str(audience_of(row)),
        wants_technical=row.wants_technical,
        language=row.language,
        zone=row.zone,
        unsubscribed=row.unsubscribed_at is not None,
        lost=missed,
        suggestion=_suggested(suggestion, known) if suggestion else None,
    )


def _suggested(row: SegmentSuggestion, known: Mapping[str, Signal]) -> Suggested:
    by_signal: dict[str, list[Mapping[str, Any]]] = {}
    for each in row.evidence:
        by_signal.setdefault(each["signal"], []).append(each)
    why = tuple(_why(name, listed, known) for name, listed in by_signal.items())
    return Suggested(row.segment, row.score, row.state, why)


def _why(name: str, evidence: Sequence[Mapping[str, Any]], known: Mapping[str, Signal]) -> Why:
    words = dict.fromkeys(word for each in evidence for word in each["words"])
    tickets = len({each["source"] for each in evidence})
    says = known[name].says if name in known else name
    return Why(name, says, tuple(words)[:WORDS], tickets, evidence[0]["weight"])
