"""The gates of an incident as their pages show them: what holds, what is missing, what passing it does."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from antiphon.core import closing
from antiphon.core.closing import Known
from antiphon.core.incidents import Incident as Core
from antiphon.core.tracks import Criterion
from antiphon.db.models import Incident
from antiphon.db.snapshots import closing as snapshots
from antiphon.db.snapshots import incidents as core_incidents
from antiphon.queries import incidents, room, tracks
from antiphon.queries.incidents import Head
from antiphon.queries.room import WorkaroundSeen
from antiphon.queries.tracks import CriterionSeen

WRITTEN_HERE: Final = ("how", "verified")
"""Criteria that the page's own form fulfils."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate. `open` when it may be passed; else `refusal` says what is missing."""

    incident: Head
    criteria: tuple[CriterionSeen, ...]
    effects: tuple[str, ...]
    open: bool
    refusal: str
    workarounds: tuple[WorkaroundSeen, ...]
    sla_impact: str
    changes: str


def to_resolved(incident: Incident) -> Gate:
    """The gate to resolved; what its form asks for counts as still to be written."""
    core, known = _loaded(incident)
    criteria = closing.resolved_gate(core, known)
    missing = [each for each in criteria if not each.met and each.key not in WRITTEN_HERE]
    refusal = f"It is {core.state} already." if core.over or core.resolved_at else _missing(missing)
    told = ", ".join(sorted(known.told))
    effects = (
        f"Those who were told of it are promised the word that it is over: {told}."
        if told
        else "Nobody was told of it.",
        "Paging stops, and no next update is owed any more.",
        "A review opens.",
    )
    return _gate(incident, [_by_form(each) for each in criteria], effects, refusal, known)


def to_closed(incident: Incident) -> Gate:
    """The gate to closed."""
    core, known = _loaded(incident)
    criteria = closing.closed_gate(core, known)
    missing = [each for each in criteria if not each.met]
    refusal = f"It is {core.state} already." if core.over else _missing(missing)
    effects = ("Both tracks are done.", "Nothing about the incident changes any more; its review goes on.")
    return _gate(incident, _told_apart(criteria), effects, refusal, known)


def to_cancelled(incident: Incident) -> Gate:
    """The way out for what was no incident."""
    core, known = _loaded(incident)
    told = ", ".join(known.untold)
    criteria = [
        _running(core),
        Criterion(
            key="untold",
            text="Nobody outside the work was told of it",
            met=not known.untold,
            by=f"Told already: {told}. Resolve it, so that they hear that it is over." if told else "Nobody was told.",
        ),
    ]
    effects = ("Paging stops.", "Every open promise is released: nobody waits for word.")
    return _gate(incident, criteria, effects, _missing([each for each in criteria if not each.met]), known)


def to_merged(incident: Incident, *, others: int) -> Gate:
    """The way out for what is the same as one of so many `others`."""
    core, known = _loaded(incident)
    criteria = [
        _running(core),
        Criterion(
            key="others",
            text="Another incident is open that it can be merged into",
            met=others > 0,
            by="Chosen on this page." if others else "There is none. A practice is never merged with what is real.",
        ),
    ]
    return _gate(incident, criteria, _of_merging(known), _missing([each for each in criteria if not each.met]), known)


def _of_merging(known: Known) -> tuple[str, ...]:
    told = ", ".join(sorted(known.told))
    heard = f"Those who were told of it hear from the other one from then on, to its end: {told}."
    public = ("On the status page its entry goes on with the other one's words, and ends with it.",)
    return (
        "Paging for it stops, texts that were not sent are put away, and calls that it still owes are off.",
        "What it promised is owed by the other one; where both owe the same readers a word, by the earlier time.",
        "Its alerts, what it affects and its workarounds become the other one's.",
        heard if told else "Nobody was told of it.",
        *(public if "public" in known.told else ()),
        "This cannot be undone.",
    )


def _loaded(incident: Incident) -> tuple[Core, Known]:
    return core_incidents.load(incident), snapshots.load(incident)


def _running(core: Core) -> Criterion:
    return Criterion(
        key="running",
        text="It is neither resolved nor over",
        met=not (core.over or core.resolved_at),
        by=f"It is {core.state.replace('_', ' ')}.",
    )


def _by_form(criterion: Criterion) -> Criterion:
    if criterion.key in WRITTEN_HERE and not criterion.met:
        return replace(criterion, by="Written on this page.")
    return criterion


def _missing(criteria: Sequence[Criterion]) -> str:
    """The one thing that is missing, or how many are: the page lists them."""
    if len(criteria) > 1:
        return f"{len(criteria)} things are missing; the list of the gate says which, and what to do."
    return criteria[0].by if criteria else ""


def _told_apart(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    """Both tracks have tasks: say whose they are. The technical track comes first."""
    kind = "technical"
    for each in criteria:
        if each.key == "tasks_done":
            yield replace(each, text=f"Every task of the {kind} track is done")
            kind = "business"
        else:
            yield each


def _gate(
    incident: Incident, criteria: Iterable[Criterion], effects: tuple[str, ...], refusal: str, known: Known
) -> Gate:
    return Gate(
        incident=incidents.head(incident, stage="", commander="", promised=()),
        criteria=tracks.seen(criteria),
        effects=effects,
        open=not refusal,
        refusal=refusal,
        workarounds=room.workarounds(incident),
        sla_impact=incident.sla_impact,
        changes=known.changes,
    )
