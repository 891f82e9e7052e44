"""Tracks open, finish and reopen by the table; what must hold first is said in sentences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import RoleAssigned, TaskAdded, TaskDone, TrackDone, TrackMoved, TrackOpened
from antiphon.core.tracks import (
    STAGE_MOVES,
    Progress,
    Stage,
    Task,
    Track,
    TrackKind,
    TrackState,
    add_measures,
    add_task,
    assign_lead,
    exit_criteria,
    finish,
    finish_task,
    move_stage,
    open_track,
    talk_every,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
READY = Progress(
    stable=True, how="Failed over.", verified="Orders go through.", changes="Failover.", sla_impact="Within the limits."
)


def uids():
    return (f"task{number:08}" for number in count())


def opened(kind=TrackKind.TECHNICAL, *, severity=1):
    decision = open_track(Track(kind=kind), severity=severity, reason="declared.", uids=uids(), now=NOON)
    assert isinstance(decision, Decision)
    return decision


def without_tasks(kind):
    return replace(opened(kind, severity=5).state, tasks=())


def test_opening_starts_in_triage_with_the_measures_of_the_severity():
    decision = opened()
    assert (decision.state.state, decision.state.stage, decision.state.opened_at) == ("open", "triage", NOON)
    assert isinstance(decision.events[0], TrackOpened)
    assert [type(event) for event in decision.events[1:]] == [TaskAdded] * len(decision.state.tasks)


def test_at_sev1_the_largest_accounts_are_called_within_half_an_hour():
    calls = [task for task in opened(TrackKind.BUSINESS).state.tasks if task.key == "call_largest"]
    assert [task.due_at for task in calls] == [NOON + timedelta(minutes=30)]


@given(st.integers(1, 4), st.sampled_from(TrackKind))
def test_measures_add_up_with_severity(severity, kind):
    worse = {task.key for task in opened(kind, severity=severity).state.tasks}
    milder = {task.key for task in opened(kind, severity=severity + 1).state.tasks}
    assert milder <= worse


def test_a_rise_in_severity_adds_only_what_is_missing():
    track = opened(TrackKind.BUSINESS, severity=3).state
    risen = add_measures(track, severity=1, uids=uids(), now=NOON)
    assert {task.key for task in risen.state.tasks} == {task.key for task in opened(TrackKind.BUSINESS).state.tasks}
    assert add_measures(risen.state, severity=1, uids=uids(), now=NOON) == Decision(risen.state)
    assert add_measures(Track(kind=TrackKind.BUSINESS), severity=1, uids=uids(), now=NOON).events == ()


def test_opening_twice_does_nothing_and_reopening_keeps_the_first_instant():
    track = opened().state
    assert open_track(track, severity=1, reason="again.", uids=uids(), now=NOON) == Decision(track)
    done = replace(track, state=TrackState.DONE, stage=Stage.MONITORING, done_at=NOON)
    again = open_track(done, severity=1, reason="again.", uids=uids(), now=NOON + timedelta(hours=1))
    assert isinstance(again, Decision)
    assert (again.state.opened_at, again.state.done_at, again.state.stage) == (NOON, None, Stage.MONITORING)


@pytest.mark.parametrize("kind", TrackKind)
def test_a_track_nobody_needs_satisfies_its_gates(kind):
    criteria = exit_criteria(Track(kind=kind), Progress(firing=3, untold=("business",), unsettled=("x",)))
    assert all(criterion.met for criterion in criteria)


@pytest.mark.parametrize("kind", TrackKind)
def test_done_when_everything_holds(kind):
    track = without_tasks(kind)
    decision = finish(track, READY, reason="everything holds.", now=NOON)
    assert isinstance(decision, Decision)
    assert (decision.state.state, decision.state.done_at) == ("done", NOON)
    assert isinstance(decision.events[0], TrackDone)
    assert finish(decision.state, READY, reason="again.", now=NOON) == Decision(decision.state)


@pytest.mark.parametrize(
    ("kind", "lacking", "sentence"),
    [
        (TrackKind.TECHNICAL, {"firing": 1}, "1 alert of the incident is still firing"),
        (TrackKind.TECHNICAL, {"firing": 2}, "2 alerts of the incident are"),
        (TrackKind.TECHNICAL, {"stable": False}, "has not started"),
        (TrackKind.TECHNICAL, {"stable": False, "stable_until": NOON}, "until 12:00 UTC"),
        (TrackKind.TECHNICAL, {"how": " "}, "how it was resolved"),
        (TrackKind.TECHNICAL, {"verified": ""}, "how that was verified"),
        (TrackKind.TECHNICAL, {"changes": ""}, "what was changed"),
        (TrackKind.BUSINESS, {"untold": ("business",)}, "Not yet told that it is resolved: business."),
        (TrackKind.BUSINESS, {"unsettled": ("next update",)}, "Promises still open: next update."),
        (TrackKind.BUSINESS, {"sla_impact": ""}, "service-level agreements"),
        (TrackKind.BUSINESS, {"duties": ("NIS2 early warning",)}, "NIS2 early warning"),
    ],
)
def test_each_missing_thing_is_one_sentence(kind, lacking, sentence):
    refusal = finish(without_tasks(kind), replace(READY, **lacking), reason="done.", now=NOON)
    assert isinstance(refusal, Refusal)
    assert sentence in refusal.sentence
    assert refusal.sentence.count(".") >= 1


def test_open_tasks_keep_a_track_open():
    refusal = finish(opened().state, READY, reason="done.", now=NOON)
    assert isinstance(refusal, Refusal)
    assert "Tasks still open: Contain it first" in refusal.sentence


def test_a_track_nobody_needs_cannot_be_done():
    refusal = finish(Track(kind=TrackKind.BUSINESS), READY, reason="done.", now=NOON)
    assert refusal == Refusal("The business track is not needed and cannot become done.", field="track")


def test_tasks_are_added_and_ticked_off_once():
    track = without_tasks(TrackKind.BUSINESS)
    task = Task(uid="t1", track=TrackKind.BUSINESS, title="Answer the board")
    added = add_task(track, task)
    assert isinstance(added, Decision)
    ticked = finish_task(added.state, "t1", now=NOON)
    assert isinstance(ticked, Decision)
    assert ticked.events == (TaskDone(task="t1", title="Answer the board"),)
    assert ticked.state.open_tasks == ()
    assert finish_task(ticked.state, "t1", now=NOON + timedelta(hours=1)) == Decision(ticked.state)
    assert isinstance(finish_task(ticked.state, "t2", now=NOON), Refusal)
    assert isinstance(add_task(track, replace(task, title=" ")), Refusal)
    assert isinstance(add_task(Track(kind=TrackKind.BUSINESS), task), Refusal)


@given(st.sampled_from(Stage), st.sampled_from(Stage))
def test_stages_move_by_the_table(before, after):
    track = replace(opened().state, stage=before)
    answer = move_stage(track, after, reason="found it.")
    if before is after:
        assert answer == Decision(track)
    elif after in STAGE_MOVES[before]:
        moved = TrackMoved(track="technical", before=before, after=after, reason="found it.")
        assert answer == Decision(replace(track, stage=after), (moved,))
    else:
        assert isinstance(answer, Refusal)


def test_the_business_track_has_no_stages():
    assert isinstance(move_stage(opened(TrackKind.BUSINESS).state, Stage.MONITORING, reason="x."), Refusal)


def test_the_lead_is_named_once():
    led = assign_lead(opened().state, "lea")
    assert led.events == (RoleAssigned(role="technical lead", person="lea"),)
    assert assign_lead(led.state, "lea") == Decision(led.state)


def test_the_technical_track_talks_continuously_and_the_business_track_by_severity():
    assert talk_every(TrackKind.TECHNICAL, severity=1) is None
    assert [talk_every(TrackKind.BUSINESS, severity=s) for s in (1, 2)] == [
        timedelta(minutes=15),
        timedelta(minutes=30),
    ]
