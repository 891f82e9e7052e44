"""What came back, counted: beside each published text, over a whole incident by segment, and over many incidents."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, OuterRef, QuerySet, Subquery

from antiphon.core.audiences import Segment
from antiphon.core.reactions import Heard, Kind
from antiphon.db.models import Contact, Delivery, Incident, Reaction
from antiphon.db.reaction_links import measured

SEGMENTS: Final = (Segment.TECHNICAL, Segment.BUSINESS, Segment.UNTAGGED)
LISTED: Final = 20
"""Comments of readers that one page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of texts, as pages and the API show it. `opened` is None while opens are not measured; `helpful_share`
    is a part of 1, None while nobody said."""

    name: str
    to: int
    delivered: int
    waiting: int
    failed: int
    bounced: int
    complained: int
    opened: int | None
    clicked: int | None
    acknowledged: int
    replied: int
    helpful: int
    unhelpful: int
    helpful_share: float | None

    @property
    def said(self) -> int:
        """Readers who said whether it was helpful."""
        return self.helpful + self.unhelpful


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote beside their yes or no; `segment` is theirs now."""

    helpful: bool
    words: str
    segment: str
    customer: str
    at: datetime


def of_update(update: str) -> dict[str, Figures]:
    """Of one published update (uid), by audience; only audiences outside. Three statements, however many readers."""
    sent = _mails().filter(text__version__update__uid=update)
    came = Reaction.objects.filter(text__version__update__uid=update, delivery__outside=True)
    return _grouped(sent, came, "text__audience")


def of_updates(incident: Incident) -> dict[str, dict[str, Figures]]:
    """Of every update of an incident: update's uid → audience → figures. Three statements."""
    sent = _mails().filter(text__incident=incident, text__version__isnull=False)
    came = Reaction.objects.filter(text__incident=incident, text__version__isnull=False, delivery__outside=True)
    both = _counted(sent, came, "text__version__update__uid", "text__audience")
    found: dict[str, dict[str, Figures]] = {}
    for (update, audience), heard in both.items():
        found.setdefault(update, {})[audience] = _figures(audience, heard)
    return found


def by_segment(incidents: Iterable[Incident] | QuerySet[Incident]) -> tuple[Figures, ...]:
    """Of all texts of these incidents, by the segment that each reader has now; segments without readers are left
    out."""
    chosen = incidents if isinstance(incidents, QuerySet) else list(incidents)
    segment = Subquery(Contact.objects.filter(uid=OuterRef("recipient")).values("segment")[:1])
    sent = _mails().filter(text__incident__in=chosen).exclude(recipient="").annotate(segment=segment)
    came = Reaction.objects.filter(text__incident__in=chosen, delivery__outside=True).annotate(segment=segment)
    found = _grouped(sent.filter(segment__isnull=False), came.filter(segment__isnull=False), "segment")
    return tuple(found[name] for name in SEGMENTS if name in found)


def comments(incidents: Iterable[Incident] | QuerySet[Incident], *, limit: int = LISTED) -> tuple[Comment, ...]:
    """What readers wrote beside their yes or no, the newest first."""
    chosen = incidents if isinstance(incidents, QuerySet) else list(incidents)
    kinds = (Kind.HELPFUL, Kind.UNHELPFUL)
    rows = Reaction.objects.filter(text__incident__in=chosen, kind__in=kinds).exclude(words="").order_by("-at", "-id")
    listed = list(rows[:limit])
    who = _contacts(row.recipient for row in listed)
    return tuple(
        Comment(
            helpful=row.kind == Kind.HELPFUL,
            words=row.words,
            segment=who[row.recipient].segment if row.recipient in who else "",
            customer=who[row.recipient].customer.title if row.recipient in who else "",
            at=row.at,
        )
        for row in listed
    )


def _contacts(uids: Iterable[str]) -> Mapping[str, Contact]:
    rows = Contact.objects.filter(uid__in=set(uids)).select_related("customer")
    return {row.uid: row for row in rows}


def _mails() -> QuerySet[Delivery]:
    return Delivery.objects.filter(outside=True, page__isnull=True)


def _grouped(sent: QuerySet[Delivery], came: QuerySet[Reaction], name: str) -> dict[str, Figures]:
    return {key: _figures(key, heard) for (key,), heard in _counted(sent, came, name).items()}


def _counted(sent: QuerySet[Delivery], came: QuerySet[Reaction], *names: str) -> dict[tuple[str, ...], Heard]:
    """By these columns: where mails stand, and from how many of them each kind of reaction came."""
    states: dict[tuple[str, ...], Counter[str]] = {}
    for *key, state, many in sent.order_by().values_list(*names, "state").annotate(many=Count("pk")):
        states.setdefault(tuple(key), Counter())[state] = many
    kinds: dict[tuple[str, ...], Counter[str]] = {}
    for *key, kind, many in came.order_by().values_list(*names, "kind").annotate(many=Count("delivery", distinct=True)):
        kinds.setdefault(tuple(key), Counter())[kind] = many
    return {key: _heard(states[key], kinds.get(key, Counter())) for key in sorted(states)}


def _heard(states: Counter[str], kinds: Counter[str]) -> Heard:
    return Heard(
        to=states.total(),
        sent=states["sent"],
        waiting=states["queued"],
        failed=states["dead"] + states["not_sent"],
        bounced=states["bounced"],
        counts=kinds,
    )


def _figures(name: str, heard: Heard) -> Figures:
    counted = measured()
    return Figures(
        name=name,
        to=heard.to,
        delivered=heard.sent,
        waiting=heard.waiting,
        failed=heard.failed,
        bounced=heard.bounced,
        complained=heard.count(Kind.COMPLAINED),
        opened=heard.count(Kind.OPENED) if counted.opens else None,
        clicked=heard.count(Kind.CLICKED) if counted.clicks else None,
        acknowledged=heard.count(Kind.ACKNOWLEDGED),
        replied=heard.count(Kind.REPLIED),
        helpful=heard.count(Kind.HELPFUL),
        unhelpful=heard.count(Kind.UNHELPFUL),
        helpful_share=heard.helpful_share,
    )
