"""The incident: declared with a reason, its state derived, its priority following unless a person set it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import EntityAffected, IncidentDeclared, PriorityChanged, SeverityChanged, StateChanged
from antiphon.core.incidents import (
    STABLE_FOR,
    Incident,
    IncidentState,
    add_entity,
    change_priority,
    change_severity,
    clear_entity,
    declare,
    set_stage,
    state_events,
)
from antiphon.core.severity import Level, Severity
from antiphon.core.tracks import Stage, Track, TrackKind, TrackState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GIVEN = {
    "uid": "inc",
    "number": 7,
    "title": " Shop is down ",
    "severity": 2,
    "incident_type": "disruption",
    "reason": "rule “at once”",
    "detected_at": NOON - timedelta(minutes=2),
    "detected_by": "alert ShopDown",
    "entities": ("shop", "shop"),
    "now": NOON,
}


def declared(**more) -> Decision[Incident]:
    decision = declare(**{**GIVEN, **more})
    assert isinstance(decision, Decision)
    return decision


def incident(**more) -> Incident:
    return replace(declared().state, **more)


def technical(stage=Stage.TRIAGE, state=TrackState.OPEN):
    return Track(kind=TrackKind.TECHNICAL, state=state, stage=stage)


def test_declaring_classifies_and_says_why():
    decision = declared()
    assert decision.state.title == "Shop is down"
    assert decision.state.entities == ("shop",)
    assert (decision.state.impact, decision.state.urgency, decision.state.priority) == ("high", "high", "high")
    event = decision.events[0]
    assert isinstance(event, IncidentDeclared)
    assert event.sentence() == "Declared SEV2: Shop is down. rule “at once”."


def test_impact_and_urgency_can_be_stated_and_a_future_detection_is_now():
    found = declared(impact="low", urgency="critical", detected_at=NOON + timedelta(hours=1), reason="").state
    assert (found.priority, found.detected_at) == ("medium", NOON)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("severity", 6),
        ("incident_type", "oops"),
        ("nature", "play"),
        ("impact", "huge"),
        ("urgency", "now"),
    ],
)
def test_what_cannot_be_declared_is_refused_at_its_field(field, value):
    refusal = declare(**{**GIVEN, field: value})
    assert isinstance(refusal, Refusal)
    assert refusal.field == field


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "triage"),
        ({"technical": technical()}, "triage"),
        ({"technical": technical(Stage.MONITORING)}, "monitoring"),
        ({"business": Track(kind=TrackKind.BUSINESS, state=TrackState.OPEN)}, "investigating"),
        ({"technical": technical(), "resolved_at": NOON}, "resolved"),
        ({"resolved_at": NOON, "closed_at": NOON}, "closed"),
        ({"cancelled_at": NOON}, "cancelled"),
        ({"merged_into": "other"}, "merged"),
    ],
)
def test_the_state_is_derived(more, state):
    assert incident(**more).state == IncidentState(state)
    assert incident(**more).over == (state in ("closed", "cancelled", "merged"))


def test_it_wakes_when_the_countdown_runs_out():
    quiet = incident(stable_since=NOON)
    assert quiet.wake_at == quiet.stable_at == NOON + STABLE_FOR
    assert incident().wake_at is None
    assert incident(stable_since=NOON, stable_reached_at=NOON + STABLE_FOR).wake_at is None
    assert incident(stable_since=NOON, resolved_at=NOON).wake_at is None
    assert incident(nature="drill").practice
    assert not incident().practice


def test_priority_follows_severity_unless_a_person_set_it():
    raised = change_severity(incident(), 1, reason="Checkout is down too")
    assert isinstance(raised, Decision)
    assert (raised.state.impact, raised.state.priority) == ("critical", "critical")
    assert [type(event) for event in raised.events] == [SeverityChanged, PriorityChanged]
    own = change_priority(incident(), impact="low", urgency="low", reason="a workaround holds")
    assert isinstance(own, Decision)
    assert own.state.priority == Level.LOW
    after = change_severity(own.state, 1, reason="worse")
    assert isinstance(after, Decision)
    assert (after.state.severity, after.state.priority) == (Severity.SEV1, Level.LOW)
    assert [type(event) for event in after.events] == [SeverityChanged]


@given(st.sampled_from(list(Severity)))
def test_the_same_severity_changes_nothing(severity):
    first = change_severity(incident(), severity, reason="x")
    assert isinstance(first, Decision)
    again = change_severity(first.state, severity, reason="x")
    assert again == Decision(first.state)


def test_changes_need_sense_a_reason_and_an_open_incident():
    over = incident(closed_at=NOON)
    refused = [
        change_severity(incident(), 0, reason="x"),
        change_severity(incident(), 1, reason=""),
        change_severity(over, 1, reason="x"),
        change_priority(incident(), impact="huge", urgency="low", reason="x"),
        change_priority(incident(), impact="low", urgency="huge", reason="x"),
        change_priority(over, impact="low", urgency="low", reason="x"),
        add_entity(incident(), " ", reason="x"),
        add_entity(over, "db", reason="x"),
        clear_entity(incident(), "shop", reason=""),
        set_stage(incident(), "lost", reason="x"),
        set_stage(incident(), "identified", reason="x"),
        set_stage(over, "identified", reason="x"),
    ]
    assert all(isinstance(refusal, Refusal) and refusal.sentence.endswith(".") for refusal in refused)


def test_entities_come_and_go():
    more = add_entity(incident(), "db", reason="it hangs on it")
    assert isinstance(more, Decision)
    assert more.state.entities == ("shop", "db")
    assert more.events == (EntityAffected(entity="db", reason="it hangs on it"),)
    assert add_entity(more.state, "db", reason="again") == Decision(more.state)
    less = clear_entity(more.state, "shop", reason="it works")
    assert isinstance(less, Decision)
    assert less.state.entities == ("db",)
    assert clear_entity(less.state, "shop", reason="it works") == Decision(less.state)


def test_the_stage_moves_the_state():
    moved = set_stage(incident(technical=technical()), "identified", reason="a full disk")
    assert isinstance(moved, Decision)
    assert moved.state.state == "identified"
    assert moved.events[-1] == StateChanged(before="triage", after="identified", reason="a full disk")
    assert state_events(moved.state, moved.state, reason="x") == ()
