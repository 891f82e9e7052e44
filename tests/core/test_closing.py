"""Two gates, a countdown that a flap resets, and nobody who was told “open” is left without “resolved”."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.closing import (
    Known,
    Workaround,
    alert_fired,
    cancel,
    close,
    closed_gate,
    gates,
    remove_workaround,
    reopen,
    resolve,
    step_stability,
    waive_workaround,
)
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.events import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
    StabilityReached,
    StabilityReset,
    StabilityStarted,
    StateChanged,
    TrackDone,
    TrackOpened,
    WorkaroundRemoved,
)
from antiphon.core.incidents import Incident
from antiphon.core.promises import What, make
from antiphon.core.severity import Level, Severity
from antiphon.core.tracks import Stage, Track, TrackKind, TrackState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IRA = Actor(kind="person", uid="ira")
BUSINESS_OPEN = Track(kind=TrackKind.BUSINESS, state=TrackState.OPEN, opened_at=NOON)
KNOWN = Known(changes="Failover.")
TEXTS = {"how": "Failed over.", "verified": "Orders go through."}


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def uids():
    return (f"task{number:08}" for number in count())


BASE = Incident(
    uid="i1",
    number=1,
    title="Checkout is down",
    incident_type="disruption",
    severity=Severity.SEV2,
    impact=Level.HIGH,
    urgency=Level.HIGH,
    priority=Level.HIGH,
    detected_at=NOON,
    detected_by="Prometheus",
    declared_at=NOON,
    entities=("checkout",),
    sla_impact="Within the limits.",
    technical=Track(kind=TrackKind.TECHNICAL, state=TrackState.OPEN, stage=Stage.INVESTIGATING, opened_at=NOON),
)


def incident(**fields):
    return replace(BASE, **fields)


def decided(answer):
    assert isinstance(answer, Decision), answer
    return answer


def refused(answer):
    assert isinstance(answer, Refusal), answer
    return answer.sentence


def stable(**fields):
    return incident(stable_since=NOON, stable_reached_at=at(15), **fields)


def resolved(known=KNOWN, **fields):
    return decided(resolve(stable(**fields), known, **TEXTS, actor=IRA, now=at(20))).state


def open_promise(what=What.NEXT_UPDATE):
    return make(uid="p", incident="i1", audience="business", what=what, due_at=at(60), reason="x.", now=NOON).state


# --- stability ---------------------------------------------------------------------------------------------------


def test_the_countdown_starts_when_all_is_quiet_and_ends_after_fifteen_minutes():
    begun = step_stability(incident(), KNOWN, now=NOON)
    assert begun.events == (StabilityStarted(until=at(15)),)
    assert begun.state.wake_at == at(15)
    assert step_stability(begun.state, KNOWN, now=at(14.9)) == Decision(begun.state)
    reached = step_stability(begun.state, KNOWN, now=at(15))
    assert reached.events == (StabilityReached(),)
    assert reached.state.wake_at is None


def test_a_flap_resets_the_countdown_even_when_the_alert_is_quiet_again():
    fired = decided(alert_fired(incident(stable_since=NOON), "5xx above 10 %", uids=uids(), now=at(10)))
    assert isinstance(fired.events[0], StabilityReset)
    begun = step_stability(fired.state, KNOWN, now=at(10))
    assert begun.state.wake_at == at(25)
    assert decided(alert_fired(incident(), "x", uids=uids(), now=NOON)).events == ()


def test_a_flap_resets_the_countdown_after_the_technical_track_was_ended_too():
    done = replace(BASE.technical, state=TrackState.DONE)
    fired = decided(alert_fired(stable(technical=done), "5xx", uids=uids(), now=at(20)))
    assert step_stability(fired.state, KNOWN, now=at(20)).events == (StabilityStarted(until=at(35)),)


def test_an_incident_without_alerts_counts_from_monitoring():
    by_hand = replace(KNOWN, watched=False)
    assert step_stability(incident(), by_hand, now=NOON).events == ()
    watching = incident(
        technical=Track(kind=TrackKind.TECHNICAL, state=TrackState.OPEN, stage=Stage.MONITORING), stable_since=NOON
    )
    assert step_stability(watching, by_hand, now=at(15)).events == (StabilityReached(),)
    back = replace(watching, technical=replace(watching.technical, stage=Stage.IDENTIFIED))
    assert isinstance(step_stability(back, by_hand, now=at(5)).events[0], StabilityReset)


@given(st.lists(st.tuples(st.integers(0, 20 * 60), st.integers(0, 2)), max_size=20))
def test_stable_only_after_a_whole_quiet_countdown_and_twice_is_once(ticks):
    state, now, quiet_since = incident(firing=1), NOON, None
    for gap, firing in ticks:
        now += timedelta(seconds=gap)
        state = replace(state, firing=firing)
        stepped = step_stability(state, KNOWN, now=now)
        state = stepped.state
        quiet_since = None if firing else quiet_since or now
        assert state.stable_since == quiet_since
        if state.stable_reached_at:
            assert quiet_since is not None
            assert now - quiet_since >= timedelta(minutes=15)
        assert step_stability(state, KNOWN, now=now) == Decision(state) or state.stable_since == now


# --- resolved ----------------------------------------------------------------------------------------------------


def test_resolving_needs_quiet_a_countdown_and_both_texts_each_in_a_sentence():
    sentence = refused(resolve(incident(firing=2), KNOWN, how=" ", verified="", actor=IRA, now=at(5)))
    assert [part in sentence for part in ("2 alerts", "has not started", "how it was", "how that was")] == [True] * 4


def test_resolving_during_the_countdown_says_until_when():
    assert "until 12:15 UTC" in refused(resolve(incident(stable_since=NOON), KNOWN, **TEXTS, actor=IRA, now=at(14)))


def test_resolved_finishes_the_technical_track_when_all_its_criteria_hold():
    decision = decided(resolve(stable(), KNOWN, **TEXTS, actor=IRA, now=at(20)))
    assert [type(event) for event in decision.events] == [IncidentResolved, TrackDone, StateChanged]
    assert (decision.state.resolved_at, decision.state.technical.state) == (at(20), TrackState.DONE)


def test_resolved_leaves_the_technical_track_open_while_changes_are_not_written():
    decision = decided(resolve(stable(), Known(), **TEXTS, actor=IRA, now=at(20)))
    assert decision.state.technical.is_open
    assert "what was changed" in refused(close(decision.state, Known(), actor=IRA, now=at(21)))


def test_a_countdown_that_nobody_had_ended_yet_is_ended_by_resolving():
    decision = decided(resolve(incident(stable_since=NOON), KNOWN, **TEXTS, actor=IRA, now=at(15)))
    assert isinstance(decision.events[0], StabilityReached)
    assert isinstance(close(decision.state, KNOWN, actor=IRA, now=at(16)), Decision)


def test_a_business_only_incident_needs_no_quiet_but_its_two_texts():
    only = incident(technical=Track(kind=TrackKind.TECHNICAL), business=BUSINESS_OPEN, firing=1)
    assert isinstance(resolve(only, KNOWN, **TEXTS, actor=IRA, now=NOON), Decision)
    assert "how it was resolved" in refused(resolve(only, KNOWN, how="", verified="x", actor=IRA, now=NOON))


@pytest.mark.parametrize("actor", [SYSTEM, Actor(kind="sender", uid="key1"), Actor(kind="customer", uid="c")])
def test_only_somebody_ends_an_incident(actor):
    for answer in (
        resolve(stable(), KNOWN, **TEXTS, actor=actor, now=at(20)),
        close(resolved(), KNOWN, actor=actor, now=at(21)),
        cancel(incident(), KNOWN, reason="x", actor=actor, now=NOON),
    ):
        assert "Only a person" in refused(answer)


# --- closed ------------------------------------------------------------------------------------------------------


def test_closing_lists_everything_that_is_missing():
    known = Known(
        told=frozenset({"business", "technical"}),
        told_resolved=frozenset({"technical"}),
        promises=(open_promise(), open_promise(What.REVIEW)),
        workarounds=(Workaround(uid="w1", title="Read-only mode"),),
        duties=("early warning",),
    )
    sentence = refused(close(resolved(Known(), business=BUSINESS_OPEN, sla_impact=""), known, actor=IRA, now=at(30)))
    for part in (
        "Workarounds still in place: Read-only mode.",
        "what was changed",
        "Not yet told that it is resolved: business.",
        "Promises still open: next update for business by 13:00 UTC.",
        "service-level agreements",
        "early warning",
    ):
        assert part in sentence


def test_I29_told_open_means_told_closed_without_a_business_track_too():
    known = replace(KNOWN, told=frozenset({"technical"}))
    assert "Not yet told" in refused(close(resolved(), known, actor=IRA, now=at(30)))
    told = replace(known, told_resolved=frozenset({"technical"}))
    assert isinstance(close(resolved(), told, actor=IRA, now=at(30)), Decision)


def test_closing_ends_both_tracks_and_names_the_waivers():
    waived = decided(
        waive_workaround(Workaround(uid="w1", title="Read-only mode"), owner="ann", until=at(9999), now=NOON)
    )
    gone = remove_workaround(Workaround(uid="w2", title="Detour"), now=NOON)
    known = replace(KNOWN, workarounds=(waived.state, gone.state))
    decision = decided(close(resolved(Known(), business=BUSINESS_OPEN), known, actor=IRA, now=at(30)))
    assert [type(event) for event in decision.events] == [TrackDone, TrackDone, IncidentClosed, StateChanged]
    assert decision.events[-2] == IncidentClosed(waivers=("Read-only mode (ann, until 2026-03-09)",))
    assert (decision.state.closed_at, decision.state.business.state) == (at(30), TrackState.DONE)
    assert "declare a new one" in refused(close(decision.state, known, actor=IRA, now=at(31)))


def test_what_is_not_resolved_is_not_closed():
    assert "Resolve it first." in refused(close(stable(), KNOWN, actor=IRA, now=at(20)))


def test_the_gate_shown_is_the_next_one():
    assert [criterion.key for criterion in gates(incident(), KNOWN)] == ["quiet", "stable", "how", "verified"]
    assert gates(resolved(), KNOWN) == closed_gate(resolved(), KNOWN)
    assert all(criterion.met for criterion in closed_gate(resolved(), KNOWN))


def test_workarounds_are_removed_once_and_waived_with_owner_and_date():
    workaround = Workaround(uid="w1", title="Detour")
    gone = remove_workaround(workaround, now=NOON)
    assert gone.events == (WorkaroundRemoved(workaround="w1", title="Detour"),)
    assert remove_workaround(gone.state, now=at(1)).events == ()
    assert "removed already" in refused(waive_workaround(gone.state, owner="ann", until=at(1), now=NOON))
    assert "owns" in refused(waive_workaround(workaround, owner=" ", until=at(1), now=NOON))
    assert "ahead" in refused(waive_workaround(workaround, owner="ann", until=NOON, now=NOON))
    assert "ahead" in refused(waive_workaround(workaround, owner="ann", until=None, now=NOON))


# --- out by the side, and back in --------------------------------------------------------------------------------


def test_cancelling_needs_a_reason_and_nobody_who_was_told():
    cancelled = decided(cancel(incident(), KNOWN, reason="False alarm.", actor=IRA, now=NOON))
    assert cancelled.events[0] == IncidentCancelled(reason="False alarm.")
    assert "Say why" in refused(cancel(incident(), KNOWN, reason=" ", actor=IRA, now=NOON))
    told = replace(KNOWN, told=frozenset({"business"}))
    assert "Told of it already: business." in refused(cancel(incident(), told, reason="x", actor=IRA, now=NOON))
    assert "resolved already" in refused(cancel(resolved(), KNOWN, reason="x", actor=IRA, now=at(30)))
    for answer in (
        cancel(cancelled.state, KNOWN, reason="x", actor=IRA, now=NOON),
        resolve(cancelled.state, KNOWN, **TEXTS, actor=IRA, now=NOON),
        reopen(cancelled.state, reason="x", uids=uids(), now=NOON),
    ):
        assert "The incident is cancelled" in refused(answer)
    assert step_stability(cancelled.state, KNOWN, now=NOON).events == ()


def test_an_alert_that_fires_after_the_resolution_reopens_the_incident():
    back = decided(alert_fired(resolved(), "5xx above 10 %", uids=uids(), now=at(30)))
    assert [type(event) for event in back.events][:2] == [IncidentReopened, TrackOpened]
    state = back.state
    assert (state.resolved_at, state.stable_since, state.stable_reached_at, state.how) == (None, None, None, "")
    assert (state.technical.state, state.technical.stage) == (TrackState.OPEN, Stage.INVESTIGATING)
    assert "not resolved" in refused(reopen(state, reason="x", uids=uids(), now=at(31)))
    assert "until 12:46 UTC" in refused(resolve(state, KNOWN, **TEXTS, actor=IRA, now=at(31)))


def test_an_alert_that_fires_after_the_closing_does_not_touch_the_incident():
    closed = decided(close(resolved(), KNOWN, actor=IRA, now=at(30))).state
    fired = decided(alert_fired(replace(closed, stable_since=None), "x", uids=uids(), now=at(40)))
    assert fired.state.closed_at == at(30)
    assert fired.events == ()
