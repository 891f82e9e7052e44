"""How the audiences of many incidents stand: told what, promised what, reached or not.

A few statements for all, and some more for each that is resolved and not closed yet.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.db.models import Q

from antiphon.core.audiences import ENDINGS, OUTSIDE, audience_of
from antiphon.core.auditing import Place, Telling
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.knowing import Hearing, Stage
from antiphon.core.lint.siblings import Published, disagreements
from antiphon.db.models import Contact, Incident, Organisation, Promise, Version
from antiphon.db.public import PublicIncident
from antiphon.db.public_page import SLUG
from antiphon.db.snapshots import affected, closing

MOST_ENDED: Final = 500
"""Incidents that ended since a day ago and are still looked at."""
_ENDED: Final = tuple(str(state) for state in OVER)


@dataclass(frozen=True, slots=True)
class Watched:
    """The incidents that an audit looks at, and the place of each by its key."""

    incidents: Sequence[Incident]
    places: Mapping[int, Place]


@dataclass(frozen=True, slots=True)
class _Word:
    """One published version."""

    pk: int
    audience: str
    moment: str
    at: datetime


def watched(*, since: datetime) -> Watched:
    """Those that go on or are resolved, and those that ended since. One that was merged is looked at in the other,
    unless that is gone."""
    going = Incident.objects.exclude(state__in=_ENDED)
    over = Q(closed_at__gte=since) | Q(cancelled_at__gte=since) | Q(state=IncidentState.MERGED)
    ended = Incident.objects.filter(over, merged_into=None)
    found = {row.pk: row for some in (going, ended.order_by("-number")[:MOST_ENDED]) for row in some}
    places = {row.pk: Place(row.uid, row.number, row.title, row.policy) for row in found.values()}
    return Watched(tuple(found.values()), places)


def of(incident: Incident, *, now: datetime) -> Telling:
    """How the audiences of one incident stand."""
    place = Place(incident.uid, incident.number, incident.title, incident.policy)
    return tellings(Watched((incident,), {incident.pk: place}), now=now)[0]


def tellings(seen: Watched, *, now: datetime) -> tuple[Telling, ...]:
    """The same of all of them, in their order."""
    words, promised = _words(seen.places), _promised(seen.places)
    shown = dict(
        PublicIncident.objects.filter(
            page__slug=SLUG, uid__in=[row.uid for row in seen.incidents], scheduled_for__isnull=True
        ).values_list("uid", "status")
    )
    hit = _hit([row for row in seen.incidents if _goes_on(row) and _outside(words[row.pk])])
    texts = _texts({row.pk: _newest(words[row.pk]) for row in seen.incidents if _goes_on(row)})
    return tuple(
        Telling(
            place=seen.places[row.pk],
            stage=_stage(row),
            severity=row.severity,
            hearings=_hearings(row, words[row.pk], promised.get(row.pk, ()), hit.get(row.pk, _NOBODY).audiences),
            shown=shown.get(row.uid, ""),
            unreached=hit.get(row.pk, _NOBODY).unreached,
            disagree=_disagree(texts.get(row.pk, ())),
        )
        for row in seen.incidents
    )


def _stage(row: Incident) -> Stage:
    if row.state in _ENDED:
        return Stage.ENDED
    return Stage.RESOLVED if row.resolved_at else Stage.RUNNING


def _goes_on(row: Incident) -> bool:
    return row.nature == "real" and _stage(row) is Stage.RUNNING


# --- told and promised ---------------------------------------------------------------------------------------------


def _words(incidents: Collection[int]) -> Mapping[int, list[_Word]]:
    """Every published version of each incident and of those merged into it, the oldest first, without its bytes."""
    merged = Incident.objects.filter(merged_into__in=list(incidents))
    of = {pk: pk for pk in incidents} | dict(merged.values_list("pk", "merged_into_id"))
    rows = Version.objects.filter(update__incident__in=list(of), update__state="published", part="")
    found: dict[int, list[_Word]] = defaultdict(list)
    columns = ("pk", "audience", "update__moment", "update__published_at")
    for incident, *word in rows.order_by("id").values_list("update__incident_id", *columns):
        found[of[incident]].append(_Word(*word))
    return found


def _promised(incidents: Collection[int]) -> Mapping[int, list[tuple[str, str, str, datetime]]]:
    """Audience, what, state and time of every promise that is open or broken; reviews outlive their incident."""
    rows = Promise.objects.filter(incident__in=list(incidents), state__in=("open", "broken")).exclude(what="review")
    found: dict[int, list[tuple[str, str, str, datetime]]] = defaultdict(list)
    for incident, *promise in rows.values_list("incident_id", "audience", "what", "state", "due_at"):
        found[incident].append((promise[0], promise[1], promise[2], promise[3]))
    return found


def _hearings(
    row: Incident,
    words: Sequence[_Word],
    promised: Sequence[tuple[str, str, str, datetime]],
    reached: Collection[str],
) -> tuple[Hearing, ...]:
    last = {word.audience: word for word in words}
    told, ended = set(last), {word.audience for word in words if word.moment in ENDINGS}
    if words and _stage(row) is Stage.RESOLVED:  # readers tagged anew; the gate to closed has asked of the rest
        told, waiting = set(closing.told(row)), closing.awaiting_end(row)
        ended = told - waiting
    return tuple(
        Hearing(
            audience=audience,
            told=audience in told,
            told_end=audience in ended,
            owed=frozenset(what for whom, what, state, _ in promised if whom == audience and state == "open"),
            broken_at=_broken_at(audience, last.get(audience), promised),
            reached=audience in reached,
        )
        for audience in sorted({*told, *reached, *(whom for whom, *_ in promised)})
    )


def _broken_at(
    audience: str, last: _Word | None, promised: Sequence[tuple[str, str, str, datetime]]
) -> datetime | None:
    broken = (at for whom, _, state, at in promised if whom == audience and state == "broken")
    return max((at for at in broken if last is None or at > last.at), default=None)


# --- who is hit ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Hit:
    """Audiences that read for customers who are hit, and the customers whom nobody reads for."""

    audiences: frozenset[str] = frozenset()
    unreached: tuple[str, ...] = ()


_NOBODY: Final = _Hit()


def _hit(incidents: Sequence[Incident]) -> dict[int, _Hit]:
    reached = affected.reached_by_all(incidents)
    customers = {pk: [each for each in found if each.kind == "customer"] for pk, found in reached.items()}
    return {
        pk: _of_customers(tuple(each.name for each in found), {each.name: each.shown for each in found})
        for pk, found in customers.items()
    }


def _of_customers(names: Sequence[str], titles: Mapping[str, str]) -> _Hit:
    contacts = Contact.objects.filter(unsubscribed_at__isnull=True, customer__name__in=names).order_by()
    kinds = contacts.values_list("segment", "wants_technical").distinct()
    known = set(contacts.values_list("customer__name", flat=True).distinct())
    audiences = frozenset(str(audience_of(closing.Kind(*kind))) for kind in kinds)
    return _Hit(audiences, tuple(titles[name] for name in names if name not in known))


# --- what they were told -------------------------------------------------------------------------------------------


def _outside(words: Sequence[_Word]) -> bool:
    return any(word.audience in OUTSIDE for word in words)


def _newest(words: Sequence[_Word]) -> tuple[_Word, ...]:
    """The last words to each audience outside, when two of them have heard any."""
    last = {word.audience: word for word in words if word.audience in OUTSIDE}
    return tuple(last.values()) if len(last) > 1 else ()


def _texts(newest: Mapping[int, Sequence[_Word]]) -> Mapping[int, tuple[Published, ...]]:
    wanted = {word.pk: word for words in newest.values() for word in words}
    bodies = dict(Version.objects.filter(pk__in=list(wanted)).values_list("pk", "body"))
    return {
        pk: tuple(Published(word.audience, bodies[word.pk], word.at) for word in words if word.pk in bodies)
        for pk, words in newest.items()
    }


def _disagree(texts: tuple[Published, ...]) -> tuple[tuple[str, str], ...]:
    return _compared(texts, Organisation.only().zone) if len(texts) > 1 else ()


@lru_cache(1024)
def _compared(texts: tuple[Published, ...], zone: str) -> tuple[tuple[str, str], ...]:
    """What they say otherwise than each other; read once, since published words stay what they are."""
    return tuple((each.key, each.sentence) for each in disagreements(texts, zone=zone))
