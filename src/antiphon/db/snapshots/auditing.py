"""What an audit looks at, gathered by indexed statements.

Rows that are over many times outnumber those that are not; none of these statements reads them, so that an audit costs
by what goes on, not by the size of the house. `real` is in real epoch seconds, `pace` says how fast the clock runs
beside them: a fast clock makes nothing late.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

from django.apps import apps
from django.db.models import Count, Exists, F, Min, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from antiphon.core.auditing import (
    LATE,
    MAIL_LATE,
    MOST,
    NOTICE_LATE,
    PAGE_LATE,
    WORK_LATE,
    Place,
    Row,
    Rule,
    Seen,
)
from antiphon.core.escalation import RUNNING
from antiphon.core.events import HoldingSent, UpdatePublished, decode
from antiphon.core.sending import Purpose
from antiphon.db import claims, record
from antiphon.db.approvals import covers
from antiphon.db.models import Alert, Attempt, Contact, Delivery, Escalation, Event, Page, Text, Update, Version
from antiphon.db.snapshots.hearing import Watched, tellings, watched

NEWEST_PAGES: Final = 2_000
SINCE: Final = timedelta(hours=1)
"""So long after they were made pages and texts are looked at: what is wrong then is found a hundred times over."""
STALE_SECONDS: Final = 30.0
_OF_INCIDENT: Final = ("incident__uid", "incident__number", "incident__title", "incident__policy")


def load(*, now: datetime, real: float, pace: float = 1.0) -> Seen:
    """All that one audit looks at."""
    seen = watched(since=now - timedelta(days=1))
    rows = (
        *_steps(now - LATE * pace),
        *_lost_pages(now, pace),
        *_unsent(now, real, pace),
        *_stale_claims(real),
        *_undecided(now - WORK_LATE * pace),
        *_work(now - WORK_LATE * pace),
        *_lost_readers(seen, now - SINCE * pace),
        *_unapproved(seen),
    )
    return Seen(rows, tellings(seen, now=now))


def _place(incident: Sequence[Any], policy: str = "") -> Place | None:
    return Place(*incident, *([policy] if policy else [])) if incident[0] else None


def _steps(before: datetime) -> Iterator[Row]:
    rows = Escalation.objects.filter(state__in=RUNNING, wake_at__lt=before).order_by("wake_at")
    for uid, policy, at, *incident in rows.values_list("uid", "policy", "wake_at", *_OF_INCIDENT[:3])[:MOST]:
        yield Row(rule=Rule.OVERDUE_STEP, uid=uid, since=at, place=_place(incident, policy))


def _lost_pages(now: datetime, pace: float) -> Iterator[Row]:
    """Of the newest pages: those without any message, and messages that were sent although nobody tried."""
    newest = Page.objects.order_by("-id").values("id")[:NEWEST_PAGES]
    pages = Page.objects.filter(id__in=list(newest.values_list("id", flat=True)), at__gte=now - SINCE * pace)
    told = ("uid", "person__name", "at", "escalation__policy", *(f"escalation__{name}" for name in _OF_INCIDENT[:3]))
    lost = pages.filter(~Exists(Delivery.objects.filter(page=OuterRef("pk"))), escalation__state__in=RUNNING)
    for uid, name, at, policy, *incident in lost.values_list(*told)[:MOST]:
        yield Row(rule=Rule.PAGE_LOST, uid=uid, since=at, what=name, place=_place(incident, policy))
    sent = Delivery.objects.filter(page__in=pages.values("id"), state="sent")
    unheard = sent.filter(~Exists(Attempt.objects.filter(delivery=OuterRef("pk"))))
    of = tuple(f"page__escalation__{name}" for name in _OF_INCIDENT[:3])
    for uid, channel, at, *incident in unheard.values_list("uid", "channel", "created_at", *of)[:MOST]:
        yield Row(rule=Rule.WITHOUT_OUTCOME, uid=uid, since=at, what=channel, place=_place(incident))


def _unsent(now: datetime, real: float, pace: float) -> Iterator[Row]:
    """Due, free to be claimed, and late for its purpose: pages one by one, the rest in sums."""
    free = Delivery.objects.filter(claims.free(real), state="queued", wake_at__isnull=False)
    pages = free.filter(purpose=Purpose.PAGE, wake_at__lt=now - PAGE_LATE * pace)
    of = tuple(f"text__{name}" for name in _OF_INCIDENT)
    for uid, channel, at, *incident in pages.order_by("wake_at").values_list("uid", "channel", "wake_at", *of)[:MOST]:
        yield Row(rule=Rule.UNSENT_PAGE, uid=uid, since=at, what=channel, place=_place(incident))
    late = Q(purpose=Purpose.NOTICE, wake_at__lt=now - NOTICE_LATE * pace)
    late |= ~Q(purpose__in=(Purpose.PAGE, Purpose.NOTICE)) & Q(wake_at__lt=now - MAIL_LATE * pace)
    yield from _summed(Rule.UNSENT, free.filter(late), Min("wake_at"))


def _stale_claims(real: float) -> Iterator[Row]:
    gone = Delivery.objects.filter(state="queued", wake_at__isnull=False, lease_until__lt=real - STALE_SECONDS)
    yield from _summed(Rule.STALE_CLAIM, gone, Min("wake_at"))


def _summed(rule: Rule, rows: QuerySet[Delivery], since: Min) -> Iterator[Row]:
    counted = rows.order_by().values("purpose", "channel").annotate(since=since, n=Count("pk"))
    for purpose, channel, at, n in counted.values_list("purpose", "channel", "since", "n"):
        what = f"{n} of the {purpose}s by {channel}"
        yield Row(rule=rule, uid=f"{purpose}:{channel}", since=at, what=what)


def _undecided(before: datetime) -> Iterator[Row]:
    """Alerts that were answered 2xx and that the engine has not looked at."""
    waiting = Alert.objects.filter(dirty=True, changed_at__lt=before).order_by("id")
    found = list(waiting.values_list("changed_at", flat=True)[: MOST + 1])
    if found:
        n = f"More than {MOST}" if len(found) > MOST else str(len(found))
        yield Row(rule=Rule.UNDECIDED, uid="alerts", since=min(found), what=f"{n} of the alerts")


def _work(before: datetime) -> Iterator[Row]:
    """Whatever else has a time at which it wants to be stepped, by table; one statement."""
    counted = [_late(model, before) for model in apps.get_models() if _wakes(model)]
    rows: Any = reduce(lambda all_, one: all_.union(one, all=True), counted)
    for name, at, n in rows:
        if n:
            yield Row(rule=Rule.OVERDUE_WORK, uid=name, since=at, what=f"{n} of the {name}")


def _wakes(model: type[Model]) -> bool:
    named = any(field.name == "wake_at" for field in model._meta.concrete_fields)
    return named and model not in (Delivery, Escalation)


def _late(model: type[Model], before: datetime) -> Any:
    rows = model._default_manager.filter(wake_at__lt=before).order_by()
    named = rows.annotate(name=Value(str(model._meta.verbose_name_plural))).values("name")
    return named.annotate(since=Min("wake_at"), n=Count("pk")).values_list("name", "since", "n")


def _lost_readers(seen: Watched, since: datetime) -> Iterator[Row]:
    """Updates of the last hour with fewer readers among their messages than the record says they had."""
    told = Update.objects.filter(incident__in=list(seen.places), state="published", published_at__gte=since)
    found = {uid: (incident, at) for uid, incident, at in told.values_list("uid", "incident_id", "published_at")}
    said = _said(found, {record.incident_stream(seen.places[pk].uid) for pk, _ in found.values()}, since)
    own = Q(deliveries__id__isnull=False, deliveries__page__isnull=True)
    own &= ~Q(deliveries__recipient__startswith="subscriber:")
    who = Concat("deliveries__recipient", Value(" "), "deliveries__address")
    texts = Text.objects.filter(version__update__uid__in=[uid for uid, n in said.items() if n]).order_by()
    counted = texts.values("version__update__uid").annotate(n=Count(who, filter=own, distinct=True))
    for uid, n in counted.values_list("version__update__uid", "n"):
        if n < said[uid] and _sharing(uid) < said[uid]:
            (incident, at), what = found[uid], f"({n} of {said[uid]} readers)"
            yield Row(rule=Rule.READERS_LOST, uid=uid, since=at or since, what=what, place=seen.places[incident])


def _said(updates: Collection[str], streams: set[str], since: datetime) -> dict[str, int]:
    """How many readers the record says that each update had."""
    kinds = [UpdatePublished.kind_of(), HoldingSent.kind_of()]
    rows = Event.objects.filter(stream__in=streams, kind__in=kinds, at__gte=since) if streams else Event.objects.none()
    events = [decode(body) for body in rows.values_list("body", flat=True)]
    held = {event.digest: event.recipients for event in events if isinstance(event, HoldingSent)}
    by_digest = Version.objects.filter(update__uid__in=list(updates), digest__in=list(held))
    said = {uid: held[digest] for uid, digest in by_digest.values_list("update__uid", "digest")}
    for event in events:
        if isinstance(event, UpdatePublished) and event.update in updates:
            said[event.update] = sum(event.recipients.values())
    return said


def _sharing(update: str) -> int:
    """Contacts at the addresses that the update went to: of two with one address, one gets it for both."""
    sent = Delivery.objects.filter(text__version__update__uid=update, page__isnull=True)
    inside = sent.filter(outside=False).count()
    return Contact.objects.filter(email__in=sent.filter(outside=True).values("address")).count() + inside


def _unapproved(seen: Watched) -> Iterator[Row]:
    """What left the house of the watched incidents without an approval of exactly these bytes."""
    texts = Text.objects.filter(incident__in=list(seen.places), outside=True, follow_up__isnull=True)
    other = ~Q(version__approved_digest=F("digest")) | ~Q(version__audience=F("audience"))
    wrong = texts.filter(Q(version__isnull=True) | other).select_related("version")
    sent = wrong.filter(Exists(Delivery.objects.filter(text=OuterRef("pk"), state="sent")))
    for text in sent:
        if text.version is None or text.version.audience != text.audience or not covers(text.version, text):
            yield Row(
                rule=Rule.UNAPPROVED,
                uid=str(text.pk),
                since=text.created_at,
                what=f"for {text.audience} readers",
                place=seen.places[text.incident_id or 0],
            )
