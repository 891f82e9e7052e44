"""How well people were told, of one incident and over many."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.db.models import Count, Max, Min

from antiphon.core.audiences import OUTSIDE, ApprovalKind
from antiphon.core.decision import Actor
from antiphon.core.in_time import DEFINITIONS, FirstWords, Kept, Spans, ToldBefore, spans, together, told_before
from antiphon.db.models import (
    AuditFinding,
    Contact,
    CustomerReport,
    Delivery,
    Entity,
    Incident,
    Promise,
    Text,
    Ticket,
    Version,
)
from antiphon.queries.readers import seen

MOST_INCIDENTS: Final = 500
"""The newest incidents of the span for which messages are looked at one by one."""
AT_ONCE: Final = 5_000
T = TypeVar("T")
_WAITED: Final = (ApprovalKind.TECHNICAL, ApprovalKind.FURTHER, ApprovalKind.BYPASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class InTime:
    """The figures over incidents that are no practice and were declared since; `definitions` say what each counts.

    `incidents` is how many those are, `looked_at` how many of the newest the figures by message are made of.
    `stranded`: audiences left waiting now, `stranded_since`: all that were.
    """

    since: datetime
    incidents: int
    looked_at: int
    definitions: Mapping[str, str]
    promises: tuple[Kept, ...]
    channels: tuple[Kept, ...]
    first_words: tuple[FirstWords, ...]
    approvals: Spans
    told_before: ToldBefore
    stranded: int
    stranded_since: int


def load(*, since: datetime, reader: Actor, now: datetime) -> InTime:
    """The figures over the incidents that the reader may see, in a number of statements that does not grow."""
    real = Incident.objects.filter(seen(reader), nature="real", declared_at__gte=since)
    newest = list(real.order_by("-number")[:MOST_INCIDENTS])
    keys = [row.pk for row in newest]
    settled = Promise.objects.filter(incident__in=real, state__in=("kept", "broken"))
    left = AuditFinding.objects.filter(seen(reader, "incident"), rule__in=("stranded", "unkept"))
    return InTime(
        since=since,
        incidents=real.count(),
        looked_at=len(newest),
        definitions=DEFINITIONS,
        promises=_kept(settled),
        channels=_by_channel(keys),
        first_words=_first_words(keys),
        approvals=_approvals(keys),
        told_before=together(_told_before(newest, now=now).values()),
        stranded=left.filter(gone_at__isnull=True).count(),
        stranded_since=left.filter(found_at__gte=since).count(),
    )


def of_incident(incident: Incident, *, now: datetime) -> ToldBefore:
    """Who of the customers was told before they told us of this incident."""
    return _told_before([incident], now=now)[incident.pk]


def _kept(settled: Any) -> tuple[Kept, ...]:
    counted = settled.order_by().values_list("audience", "state").annotate(n=Count("pk"))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for audience, state, n in counted:
        found[audience][state] = n
    return tuple(Kept(name, found[name].get("kept", 0), found[name].get("broken", 0)) for name in sorted(found))


def _by_channel(incidents: Collection[int]) -> tuple[Kept, ...]:
    """The kept promises by the channels of the text that kept them."""
    promises = Promise.objects.filter(incident__in=incidents, state="kept").exclude(what="review")
    due: dict[tuple[int, str, datetime], datetime] = {}
    for incident, audience, settled_at, due_at in promises.values_list("incident", "audience", "settled_at", "due_at"):
        if settled_at is not None:
            due[incident, audience, settled_at] = due_at
    told = Delivery.objects.filter(text__incident__in=incidents, text__version__isnull=False, state="sent")
    of_text = ("text__incident", "text__audience", "text__created_at", "channel")
    rows = told.filter(page__isnull=True).order_by().values(*of_text).annotate(last=Max("done_at"))
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for incident, audience, created_at, channel, last in rows.values_list(*of_text, "last"):
        if (by := due.get((incident, audience, created_at))) is not None and last is not None:
            counts[audience, channel][last > by] += 1
    return tuple(Kept(audience, kept, late, channel) for (audience, channel), (kept, late) in sorted(counts.items()))


def _first_words(incidents: Collection[int]) -> tuple[FirstWords, ...]:
    texts = Text.objects.filter(incident__in=incidents, version__isnull=False).order_by()
    first = {
        (incident, audience): at
        for incident, audience, at in texts.values("incident", "audience")
        .annotate(first=Min("created_at"))
        .values_list("incident", "audience", "first")
    }
    owed = Promise.objects.filter(incident__in=incidents, what="first word", state__in=("kept", "broken"))
    took: dict[str, list[timedelta]] = defaultdict(list)
    told: dict[str, list[tuple[bool, timedelta]]] = defaultdict(list)
    for incident, audience, state, made, due in owed.values_list("incident", "audience", "state", "made_at", "due_at"):
        told[audience].append((state == "kept", due - made))
        if (at := first.get((incident, audience))) is not None:
            took[audience].append(max(at - made, timedelta()))
    return tuple(
        FirstWords(
            audience=name,
            owed=len(told[name]),
            in_time=sum(kept for kept, _ in told[name]),
            took=spans(took[name]),
            promised=spans(span for _, span in told[name]).median,
        )
        for name in sorted(told)
    )


def _approvals(incidents: Collection[int]) -> Spans:
    rows = Version.objects.filter(update__incident__in=incidents, approved_at__isnull=False, approval__in=_WAITED)
    outside = rows.filter(audience__in=[str(each) for each in OUTSIDE])
    return spans(
        max(approved - edited, timedelta())
        for approved, edited in outside.values_list("approved_at", "edited_at")
        if approved and edited
    )


def _told_before(incidents: Collection[Incident], *, now: datetime) -> dict[int, ToldBefore]:
    words = _first_to_customers([row.pk for row in incidents])
    reports: dict[int, dict[int, datetime]] = defaultdict(dict)
    stated = CustomerReport.objects.filter(incident__in=[row.pk for row in incidents])
    for incident, customer, at in stated.values_list("incident_id", "customer_id", "at"):
        reports[incident][customer] = min(at, reports[incident].get(customer, at))
    for incident, customer, at in _tickets(incidents, words, now=now):
        reports[incident][customer] = min(at, reports[incident].get(customer, at))
    names = _titles({pk for found in (*words.values(), *reports.values()) for pk in found})
    return {
        row.pk: told_before(
            {names[pk]: at for pk, at in words[row.pk].items()}, {names[pk]: at for pk, at in reports[row.pk].items()}
        )
        for row in incidents
    }


def _first_to_customers(incidents: Collection[int]) -> dict[int, dict[int, datetime]]:
    """When the first message to each customer, by key, had left."""
    sent = Delivery.objects.filter(text__incident__in=incidents, outside=True, state="sent").exclude(recipient="")
    first = sent.order_by().values("text__incident", "recipient").annotate(first=Min("done_at"))
    rows = [row for row in first.values_list("text__incident", "recipient", "first") if row[2] is not None]
    customers = _customers({recipient for _, recipient, _ in rows})
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for incident, recipient, at in rows:
        if (customer := customers.get(recipient)) is not None:
            found[incident][customer] = min(at, found[incident].get(customer, at))
    return found


def _tickets(
    incidents: Collection[Incident], told: Mapping[int, Collection[int]], *, now: datetime
) -> Iterator[tuple[int, int, datetime]]:
    """The first ticket of each customer who was told, from the detection to the end: what others write is about
    something else, as far as anybody knows."""
    customers = {customer for found in told.values() for customer in found}
    written: dict[int, list[datetime]] = defaultdict(list)
    since = min((row.detected_at for row in incidents), default=now)
    for some in _chunks(customers):
        rows = Ticket.objects.filter(customer__in=some, at__gte=since).order_by("at")
        for customer, at in rows.values_list("customer_id", "at"):
            written[customer].append(at)
    for row in incidents:
        until = row.resolved_at or row.cancelled_at or now
        for customer in told[row.pk]:
            place = bisect_left(written[customer], row.detected_at)
            if place < len(written[customer]) and written[customer][place] <= until:
                yield row.pk, customer, written[customer][place]


def _customers(contacts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _chunks(contacts):
        found.update(Contact.objects.filter(uid__in=some).values_list("uid", "customer_id"))
    return found


def _titles(customers: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _chunks(customers):
        found.update(Entity.objects.filter(pk__in=some).values_list("pk", "title"))
    return found


def _chunks(wanted: Iterable[T]) -> Iterator[list[T]]:
    """So many at once: neither database takes any number of values in one statement."""
    known = list(wanted)
    return (known[begin : begin + AT_ONCE] for begin in range(0, len(known), AT_ONCE))
