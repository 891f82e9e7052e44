"""The ways out of an incident: the stability countdown, the two gates, cancelling, merging, and the way back in.

*Resolved* needs quiet alerts, a countdown that ran out, and two written sentences. *Closed* needs that everyone who
heard “open” heard “resolved”, that promises are settled, workarounds gone or owned, and both tracks' exit criteria.
Source: DOMAIN §7 step 6, RELIABILITY I29.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import (
    Event,
    IncidentCancelled,
    IncidentClosed,
    IncidentMerged,
    IncidentReopened,
    IncidentResolved,
    IncidentTakenIn,
    StabilityReached,
    StabilityReset,
    StabilityStarted,
    WorkaroundRemoved,
)
from antiphon.core.incidents import STABLE_FOR, Incident, state_events
from antiphon.core.promises import Promise, unsettled
from antiphon.core.tracks import (
    Criterion,
    Progress,
    Stage,
    Track,
    TrackState,
    exit_criteria,
    finish,
    open_track,
)

ACTS: Final = frozenset({"person", "token"})
"""Kinds of actors that may end an incident: somebody stands behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workaround:
    """A temporary measure. It stays on the books until removed or, as a waiver, owned by `owner` until `until`."""

    uid: str
    title: str
    removed_at: datetime | None = None
    owner: str = ""
    until: datetime | None = None

    @property
    def standing(self) -> bool:
        """Neither removed nor waived."""
        return self.removed_at is None and not self.waived

    @property
    def waived(self) -> bool:
        return self.removed_at is None and bool(self.owner) and self.until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the gates look at beside the incident itself.

    watched        alerts are tied to the incident; without them, the stage monitoring starts the countdown
    told           audiences that any update or holding message of it went to
    told_resolved  audiences that the resolution went to since it was last reopened
    changes        what was changed, or that nothing was; empty: nobody wrote it
    duties         compliance duties neither met nor scheduled
    uncalled       accounts that were called when it opened and not yet that it is over
    contracts      contracts breached, whose customers' matters are neither settled nor waived
    """

    watched: bool = True
    told: frozenset[str] = frozenset()
    told_resolved: frozenset[str] = frozenset()
    promises: tuple[Promise, ...] = ()
    workarounds: tuple[Workaround, ...] = ()
    changes: str = ""
    duties: tuple[str, ...] = ()
    uncalled: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()

    @property
    def untold(self) -> tuple[str, ...]:
        return tuple(sorted(self.told - self.told_resolved))


# --- stability ---------------------------------------------------------------------------------------------------


def step_stability(incident: Incident, known: Known, *, now: datetime) -> Decision[Incident]:
    """Start, reset or end the countdown, as the incident's alerts say. Resolved or over: nothing happens."""
    if incident.technical.state is TrackState.NOT_NEEDED or incident.resolved_at or incident.over:
        return Decision(incident)
    if not _quiet(incident, known):
        return _reset(incident, "an alert fires." if incident.firing else "the work goes on.")
    if incident.stable_since is None:
        return Decision(replace(incident, stable_since=now), (StabilityStarted(until=now + STABLE_FOR),))
    if incident.stable_at is not None and now >= incident.stable_at:
        return Decision(replace(incident, stable_reached_at=now), (StabilityReached(),))
    return Decision(incident)


def alert_fired(incident: Incident, title: str, *, uids: Iterator[str], now: datetime) -> Decision[Incident] | Refusal:
    """An alert of the incident fired, however shortly: the countdown begins anew; a resolved incident is reopened."""
    if incident.resolved_at and not incident.over:
        return reopen(incident, reason=f"alert fires again: {title}.", uids=uids, now=now)
    return _reset(incident, f"alert fires again: {title}.")


# --- the gate to resolved ----------------------------------------------------------------------------------------


def resolved_gate(incident: Incident, known: Known) -> tuple[Criterion, ...]:
    """What must hold before the incident is resolved. How and how verified are always written, whoever works."""
    progress = _progress(incident, known)
    technical = {c.key: c for c in exit_criteria(incident.technical, progress)}
    written = {c.key: c for c in exit_criteria(_as_open(incident.technical), progress)}
    return (technical["quiet"], technical["stable"], written["how"], written["verified"])


def resolve(
    incident: Incident, known: Known, *, how: str, verified: str, actor: Actor, now: datetime
) -> Decision[Incident] | Refusal:
    """Say that it is over. Refused with one sentence for each thing that is missing.

    The technical track is done with it when its other exit criteria hold too; otherwise it stays open until closing.
    """
    refusal = _may_act(actor) or _still_open(incident, "resolved")
    if refusal:
        return refusal
    stable = step_stability(incident, known, now=now)
    written = replace(stable.state, how=how.strip(), verified=verified.strip())
    missing = _missing(resolved_gate(written, known))
    if missing:
        return missing
    events: tuple[Event, ...] = (*stable.events, IncidentResolved(how=written.how, verified=written.verified))
    ended = finish(written.technical, _progress(written, known), reason="the incident is resolved.", now=now)
    resolved = replace(written, resolved_at=now)
    if isinstance(ended, Decision):
        resolved = replace(resolved, technical=ended.state)
        events = (*events, *ended.events)
    return Decision(resolved, (*events, *state_events(incident, resolved, reason="the gate to resolved was passed.")))


# --- the gate to closed ------------------------------------------------------------------------------------------


def closed_gate(incident: Incident, known: Known) -> tuple[Criterion, ...]:
    """What must hold before the incident is closed. That everyone was told holds without a business track too."""
    progress = _progress(incident, known)
    business = {c.key: c for c in exit_criteria(incident.business, progress)}
    for_all = {c.key: c for c in exit_criteria(_as_open(incident.business), progress)}
    business |= {key: for_all[key] for key in ("told", "promises", "calls", "contracts")}
    return (
        Criterion(
            key="resolved",
            text="It is resolved",
            met=incident.resolved_at is not None,
            by=f"Resolved at {incident.resolved_at:%H:%M} UTC." if incident.resolved_at else "Resolve it first.",
        ),
        _workarounds(known.workarounds),
        *exit_criteria(incident.technical, progress),
        *business.values(),
    )


def gates(incident: Incident, known: Known) -> tuple[Criterion, ...]:
    """The gate that is next, for display: to resolved, or to closed once it is resolved."""
    gate = closed_gate if incident.resolved_at else resolved_gate
    return gate(incident, known)


def lane(track: Track, incident: Incident, known: Known) -> tuple[Criterion, ...]:
    """What must hold before this track of the incident is done, for display; nothing for one that nobody needs."""
    return () if track.state is TrackState.NOT_NEEDED else exit_criteria(track, _progress(incident, known))


def close(incident: Incident, known: Known, *, actor: Actor, now: datetime) -> Decision[Incident] | Refusal:
    """Close the incident and both tracks. Refused with one sentence for each thing that is missing."""
    refusal = _may_act(actor) or (_ended(incident) if incident.over else None)
    missing = refusal or _missing(closed_gate(incident, known))
    if missing:
        return missing
    progress = _progress(incident, known)
    technical, ended = _end(incident.technical, progress, now=now)
    business, ended_too = _end(incident.business, progress, now=now)
    closed = replace(incident, technical=technical, business=business, closed_at=now)
    waivers = tuple(_waiver(w) for w in known.workarounds if w.waived)
    moved = state_events(incident, closed, reason="the gate to closed was passed.")
    return Decision(closed, (*ended, *ended_too, IncidentClosed(waivers=waivers), *moved))


def remove_workaround(workaround: Workaround, *, now: datetime) -> Decision[Workaround]:
    """The temporary measure is gone. Gone already: nothing happens."""
    if workaround.removed_at:
        return Decision(workaround)
    removed = replace(workaround, removed_at=now)
    return Decision(removed, (WorkaroundRemoved(workaround=workaround.uid, title=workaround.title),))


def waive_workaround(
    workaround: Workaround, *, owner: str, until: datetime | None, now: datetime
) -> Decision[Workaround] | Refusal:
    """The temporary measure stays after the closing, owned by somebody until a date."""
    if workaround.removed_at:
        return Refusal("The workaround is removed already: there is nothing to waive.", field="workaround")
    if not owner.strip():
        return Refusal("Name who owns the workaround that stays.", field="owner")
    if until is None or until <= now:
        return Refusal("Say until which day the workaround stays; the day must lie ahead.", field="until")
    event = WorkaroundRemoved(
        workaround=workaround.uid, title=workaround.title, waived=True, owner=owner.strip(), until=until
    )
    return Decision(replace(workaround, owner=owner.strip(), until=until), (event,))


# --- out by the side, and back in --------------------------------------------------------------------------------


def cancel(
    incident: Incident, known: Known, *, reason: str, actor: Actor, now: datetime
) -> Decision[Incident] | Refusal:
    """It was no incident. Refused once anybody outside the work was told: they must hear that it is over."""
    refusal = _may_act(actor) or _still_open(incident, "cancelled")
    if refusal:
        return refusal
    if not reason.strip():
        return Refusal("Say why it is cancelled.", field="reason")
    if known.untold:
        return Refusal(f"Told of it already: {', '.join(known.untold)}. Resolve it, so that they hear that it is over.")
    cancelled = replace(incident, cancelled_at=now)
    event = IncidentCancelled(reason=reason.strip())
    return Decision(cancelled, (event, *state_events(incident, cancelled, reason=event.reason)))


@dataclass(frozen=True, slots=True)
class Merged:
    """The incident that ended in another, and what stands on the record of each."""

    state: Incident
    own: tuple[Event, ...]
    other: tuple[Event, ...]


def merge(incident: Incident, into: Incident, *, reason: str, actor: Actor, now: datetime) -> Merged | Refusal:
    """It is the same as another, which goes on for both and tells everybody that it is over."""
    refusal = _may_act(actor) or _still_open(incident, "merged")
    if refusal:
        return refusal
    if into.uid == incident.uid:
        return Refusal("An incident cannot be merged into itself: name another.", field="into")
    if into.over or into.resolved_at:
        return Refusal(f"Incident #{into.number} is {into.state}: choose one that goes on.", field="into")
    if into.nature != incident.nature:
        return Refusal(f"One is {incident.nature} and the other {into.nature}: these never become one.", field="into")
    if not reason.strip():
        return Refusal("Say why they are the same; the reason stands on both records.", field="reason")
    merged = replace(incident, cancelled_at=now, merged_into=into.uid)
    event = IncidentMerged(into=into.number, reason=reason.strip())
    taken = IncidentTakenIn(number=incident.number, title=incident.title, reason=event.reason)
    return Merged(merged, (event, *state_events(incident, merged, reason=event.reason)), (taken,))


def reopen(incident: Incident, *, reason: str, uids: Iterator[str], now: datetime) -> Decision[Incident] | Refusal:
    """Resolved but not closed, and it is back: the technical track works again, and “how” is to be written anew."""
    if incident.over:
        return _ended(incident)
    if not incident.resolved_at:
        return Refusal("It is not resolved, so it need not be reopened.")
    opened = open_track(incident.technical, severity=incident.severity, reason=reason, uids=uids, now=now)
    assert isinstance(opened, Decision)  # every state of a track may open
    again = replace(
        incident,
        technical=replace(opened.state, stage=Stage.INVESTIGATING),
        resolved_at=None,
        stable_since=None,
        stable_reached_at=None,
        how="",
        verified="",
    )
    moved = state_events(incident, again, reason=reason)
    return Decision(again, (IncidentReopened(reason=reason), *opened.events, *moved))


# --- parts -------------------------------------------------------------------------------------------------------


def _progress(incident: Incident, known: Known) -> Progress:
    return Progress(
        firing=incident.firing,
        stable=incident.stable_reached_at is not None,
        stable_until=incident.stable_at,
        how=incident.how,
        verified=incident.verified,
        changes=known.changes,
        untold=known.untold,
        unsettled=unsettled(known.promises),
        sla_impact=incident.sla_impact,
        duties=known.duties,
        uncalled=known.uncalled,
        contracts=known.contracts,
    )


def _quiet(incident: Incident, known: Known) -> bool:
    return incident.firing == 0 and (known.watched or incident.technical.stage is Stage.MONITORING)


def _reset(incident: Incident, reason: str) -> Decision[Incident]:
    if incident.stable_since is None:
        return Decision(incident)
    return Decision(replace(incident, stable_since=None, stable_reached_at=None), (StabilityReset(reason=reason),))


def _as_open(track: Track) -> Track:
    """The track as if somebody needed it, for what must hold of every incident."""
    return replace(track, state=TrackState.OPEN)


def _end(track: Track, progress: Progress, *, now: datetime) -> tuple[Track, tuple[Event, ...]]:
    if not track.is_open:
        return track, ()
    done = finish(track, progress, reason="the incident is closed.", now=now)
    assert isinstance(done, Decision)  # its criteria are part of the gate that was passed
    return done.state, done.events


def _workarounds(workarounds: Iterable[Workaround]) -> Criterion:
    standing = [w.title for w in workarounds if w.standing]
    waived = [_waiver(w) for w in workarounds if w.waived]
    by = f"Waived: {'; '.join(waived)}." if waived else "No workaround is in place."
    if standing:
        by = f"Workarounds still in place: {', '.join(standing)}. Remove them, or name an owner and a date for each."
    return Criterion(key="workarounds", text="Workarounds are gone or owned", met=not standing, by=by)


def _waiver(workaround: Workaround) -> str:
    return f"{workaround.title} ({workaround.owner}, until {workaround.until:%Y-%m-%d})"


def _missing(criteria: Iterable[Criterion]) -> Refusal | None:
    unmet = [criterion for criterion in criteria if not criterion.met]
    if not unmet:
        return None
    return Refusal(" ".join(criterion.by for criterion in unmet), field=unmet[0].key if len(unmet) == 1 else "")


def _may_act(actor: Actor) -> Refusal | None:
    return None if actor.kind in ACTS else Refusal("Only a person, or a program with a token, ends an incident.")


def _ended(incident: Incident) -> Refusal:
    return Refusal(f"The incident is {incident.state}: declare a new one and link it.")


def _still_open(incident: Incident, wanted: str) -> Refusal | None:
    if incident.over:
        return _ended(incident)
    return Refusal(f"It is resolved already and cannot be {wanted}.") if incident.resolved_at else None
