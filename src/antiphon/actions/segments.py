"""The segment of customers' contacts: suggested by their words, set by people, and nobody is told by a suggestion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from antiphon.core import segments
from antiphon.core.access import may
from antiphon.core.audiences import Segment
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.incidents import OVER
from antiphon.core.segments import Signal, SuggestionState
from antiphon.core.sources.origins import PERSON
from antiphon.db import record, revisions
from antiphon.db.models import Contact, Organisation, Revision, SegmentSuggestion, Ticket, Verdict
from antiphon.db.transactions import forget, write

MOST_AT_ONCE: Final = 1_000
MOST_TICKETS: Final = 50
"""The newest tickets of a contact, which are those that count."""
EVIDENCE_KEPT: Final = 30
DAYS: Final = (30, 3650)
SETTING: Final = "segment_signals"
_LEFT: Final = "contacts to read anew"
_STEP: Final = 100
_FIELDS: Final = ("segment", "score", "evidence", "state", "made_at", "decided_at", "decided_by")


def signals() -> tuple[Signal, ...]:
    """The signals as they hold in this organisation."""
    return segments.signals(Organisation.only().settings.get(SETTING))


@dataclass(frozen=True, slots=True)
class Former:
    """What a contact's segment was before it was changed, and who had set it."""

    segment: str
    origin: str


def tag(
    wanted: Mapping[str, str], *, person: Actor, by: Actor, source: str, now: datetime
) -> dict[str, Former] | Refusal:
    """Give contacts (by uid) a segment in the name of a person; answers what it was, of each that has another now.

    `person` answers for it and must be one who may; `by` is who asked, as it stands on the record.
    """
    origin = str(person)
    new = {uid: Former(segment, origin) for uid, segment in wanted.items()}
    return _set(new, person=person, by=by, source=source, now=now)


def undo(
    former: Mapping[str, Former], *, person: Actor, by: Actor, source: str, now: datetime
) -> dict[str, Former] | Refusal:
    """Tag contacts back as they were before `tag`; the suggestions that were confirmed by it stand open again."""
    return _set(former, person=person, by=by, source=source, now=now)


def _set(
    wanted: Mapping[str, Former], *, person: Actor, by: Actor, source: str, now: datetime
) -> dict[str, Former] | Refusal:
    refusal = _refused(wanted, person) or next(
        (_no_segment(each.segment) for each in wanted.values() if each.segment not in list(Segment)), None
    )
    if refusal:
        return refusal
    with write():
        rows = Contact.objects.select_for_update().filter(uid__in=wanted).order_by("pk")
        changed = [row for row in rows if row.segment != wanted[row.uid].segment]
        former = {row.uid: Former(row.segment, str(row.origins.get("segment", ""))) for row in changed}
        for row in changed:
            row.segment = wanted[row.uid].segment
            row.origins = {**row.origins, "segment": wanted[row.uid].origin}
        Contact.objects.bulk_update(changed, ["segment", "origins"], batch_size=_STEP)
        _decide(wanted, by=person, now=now)
        if changed:
            said = tuple(f"contact {row.uid} tagged {row.segment}" for row in changed)
            _look_again(said, actor=by, source=source, now=now)
    return former


def dismiss(contacts: Sequence[str], *, person: Actor, by: Actor, source: str, now: datetime) -> int | Refusal:
    """Say no to what is suggested for contacts (by uid); the same is not suggested again."""
    if refusal := _refused(contacts, person):
        return refusal
    with write(news=False):
        rows = SegmentSuggestion.objects.filter(contact__uid__in=contacts, state=SuggestionState.OPEN)
        uids = list(rows.values_list("contact__uid", flat=True))
        rows.update(state=SuggestionState.DISMISSED, decided_at=now, decided_by=str(person))
        if uids:
            changes = tuple(f"suggestion for contact {uid} dismissed" for uid in uids)
            _record(changes, actor=by, source=source, now=now)
    return len(uids)


def save_signals(
    wanted: Mapping[str, tuple[Sequence[str], float]], *, days: int, actor: Actor, now: datetime
) -> tuple[str, Refusal] | None:
    """Set every signal's words and weight, and for how many days words are kept; all contacts are read anew with them.

    Answers the name of the signal that cannot be so ("" for the days) with the refusal, and then changes nothing.
    """
    if not DAYS[0] <= days <= DAYS[1]:
        return "", Refusal(f"Keep words for {DAYS[0]} to {DAYS[1]} days.", "days")
    for name, (words, weight) in wanted.items():
        if refusal := segments.check(words=words, weight=weight):
            return name, refusal
    made = {name: segments.difference(name, words=words, weight=weight) for name, (words, weight) in wanted.items()}
    with write():
        house, _ = Organisation.objects.select_for_update().get_or_create(id=1)
        kept = {name: said for name, said in made.items() if said}
        now_set = {**house.settings, SETTING: kept, "ticket_days": days}
        if now_set != house.settings:
            house.settings = now_set
            house.save(update_fields=["settings"])
            forget("organisation")
            _begin_anew()
            _record(("segment signals set",), actor=actor, source="the settings pages", now=now)
    return None


def rescore(contacts: Iterable[int], *, since: datetime, now: datetime) -> set[int]:
    """Look anew at what the tickets of these contacts (by key) suggest; answers those with an open suggestion.

    Call inside a transaction. Changes what is suggested and never a contact's segment.
    """
    rows = list(Contact.objects.select_for_update().filter(pk__in=list(contacts)).order_by("pk"))
    keys, known = [row.pk for row in rows], signals()
    evidence = _evidence(keys, known, since)
    had = {row.contact_id: row for row in SegmentSuggestion.objects.filter(contact__in=keys)}
    stands = [_settled(each, evidence.get(each.pk, []), had.get(each.pk), known, now) for each in rows]
    wanted = [row for row in stands if row is not None]
    gone = set(had) - {row.contact_id for row in wanted}
    SegmentSuggestion.objects.filter(contact__in=gone).delete()
    SegmentSuggestion.objects.bulk_create(
        [row for row in wanted if _values(row) != _values(had.get(row.contact_id))],
        update_conflicts=True,
        unique_fields=["contact"],
        update_fields=_FIELDS,
    )
    return {row.contact_id for row in wanted if row.state == SuggestionState.OPEN}


def to_rescore() -> bool:
    """Whether contacts are left that changed signals were not applied to yet."""
    return Revision.objects.filter(name=_LEFT, number__gt=0).exists()


def rescore_some(*, since: datetime, now: datetime) -> None:
    """Apply changed signals to some of the contacts that are left, from the last to the first."""
    with write(news=False):
        row = Revision.objects.select_for_update().filter(name=_LEFT, number__gt=0).first()
        if row is None:
            return
        having = Ticket.objects.filter(contact__lte=row.number).order_by("-contact_id")
        keys = list(having.values_list("contact_id", flat=True).distinct()[:_STEP])
        rescore(keys, since=since, now=now)
        row.number = keys[-1] - 1 if keys else 0
        row.save(update_fields=["number"])


def _refused(contacts: Iterable[str], person: Actor) -> Refusal | None:
    many = len(list(contacts))
    if person.kind != "person":
        return Refusal("A person has to answer for a tag: name one.", "on_behalf_of")
    if refusal := may(person, "customer.tag"):
        return refusal
    if not many:
        return Refusal("Nobody is ticked: tick the contacts that are meant.", "contacts")
    if many > MOST_AT_ONCE:
        return Refusal(f"Tag at most {MOST_AT_ONCE} contacts at once; these are {many}.", "contacts")
    return None


def _no_segment(segment: str) -> Refusal:
    return Refusal(f"“{segment}” is no segment: choose {', '.join(Segment)}.", "segment")


def _decide(wanted: Mapping[str, Former], *, by: Actor, now: datetime) -> None:
    """What became of the suggestions for contacts that were tagged: taken, not taken, or open as before."""
    rows = list(SegmentSuggestion.objects.filter(contact__uid__in=wanted).select_related("contact"))
    for row in rows:
        chosen = wanted[row.contact.uid]
        if chosen.segment == row.segment:
            row.state = SuggestionState.CONFIRMED
        elif row.state == SuggestionState.CONFIRMED and not _of_a_person(chosen):
            row.state = SuggestionState.OPEN
        elif _of_a_person(chosen):
            row.state = SuggestionState.DISMISSED
        decided = row.state != SuggestionState.OPEN
        row.decided_at, row.decided_by = (now, str(by)) if decided else (None, "")
    SegmentSuggestion.objects.bulk_update(rows, ["state", "decided_at", "decided_by"], batch_size=_STEP)


def _of_a_person(chosen: Former) -> bool:
    """A person said what it is; taking a tag away says nothing."""
    return chosen.segment != Segment.UNTAGGED and chosen.origin.startswith(PERSON)


def _evidence(keys: Sequence[int], known: Sequence[Signal], since: datetime) -> dict[int, list[segments.Evidence]]:
    """What the newest tickets of each contact give evidence of."""
    texts: dict[int, list[tuple[str, str]]] = {}
    rows = Ticket.objects.filter(contact__in=keys, at__gte=since).exclude(text="").order_by("-at", "pk")
    for contact, origin, reference, text in rows.values_list("contact_id", "origin", "reference", "text"):
        texts.setdefault(contact, []).append((f"{origin} {reference}", text))
    return {
        contact: [each for ticket, text in newest[:MOST_TICKETS] for each in segments.read(text, known, ticket=ticket)]
        for contact, newest in texts.items()
    }


def _settled(
    contact: Contact,
    evidence: Sequence[segments.Evidence],
    had: SegmentSuggestion | None,
    known: Sequence[Signal],
    now: datetime,
) -> SegmentSuggestion | None:
    """The suggestion as it is to stand beside the contact, or None."""
    made = segments.suggest(evidence, known)
    state = segments.settle(
        segment=contact.segment,
        origin=str(contact.origins.get("segment", "")),
        suggested=made.segment if made else "",
        state=had.state if had else "",
        before=had.segment if had else "",
    )
    if made is None or not state:
        return None
    same = had is not None and had.segment == made.segment
    return SegmentSuggestion(
        contact=contact,
        segment=made.segment,
        score=made.score,
        state=state,
        evidence=[_stored(each) for each in made.evidence[:EVIDENCE_KEPT]],
        made_at=had.made_at if had and same else now,
        decided_at=had.decided_at if had and same else None,
        decided_by=had.decided_by if had and same else "",
    )


def _values(row: SegmentSuggestion | None) -> list[Any]:
    return [getattr(row, name) for name in _FIELDS] if row else []


def _stored(each: segments.Evidence) -> dict[str, Any]:
    return {"signal": each.signal, "words": list(each.words), "weight": each.weight, "source": each.ticket}


def _begin_anew() -> None:
    """All contacts are to be read anew, in the engine's steps."""
    last = Contact.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    Revision.objects.update_or_create(name=_LEFT, defaults={"number": last})


def _look_again(changes: tuple[str, ...], *, actor: Actor, source: str, now: datetime) -> None:
    """Put it on the record, and wake whatever may now be decided differently."""
    revisions.bump(revisions.CATALOG)
    _record(changes, actor=actor, source=source, now=now)
    open_still = Verdict.objects.exclude(incident__state__in=[str(state) for state in OVER])
    Verdict.objects.filter(pk__in=open_still.values("pk")).update(wake_at=now)


def _record(changes: tuple[str, ...], *, actor: Actor, source: str, now: datetime) -> None:
    event = ConfigurationApplied(source=source, changes=changes)
    record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
