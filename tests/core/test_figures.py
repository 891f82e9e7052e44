"""Figures come from the record alone; what it cannot say yet is None, never zero."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.events import (
    IncidentDeclared,
    IncidentReopened,
    IncidentResolved,
    PageAcknowledged,
    PromiseBroken,
    PromiseKept,
    PromiseReleased,
    TaskDone,
    TrackMoved,
    TrackOpened,
    UpdatePublished,
    WorkaroundAdded,
)
from antiphon.core.figures import Kept, downtime, promises, spans
from antiphon.core.tracks import CONTAINMENT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


DECLARED = IncidentDeclared(
    title="Checkout is down",
    incident_type="disruption",
    area="database",
    severity=1,
    impact="critical",
    urgency="high",
    priority="critical",
    nature="real",
    detected_at=NOON,
    detected_by="Prometheus",
    entities=("checkout",),
    reason="x.",
)
RESOLVED = IncidentResolved(how="Failed over.", verified="Orders.")
TOLD = UpdatePublished(update="u1", moment="first_word", digests={}, recipients={}, next_update_at=None, texts={})
WHOLE = (
    (at(2), DECLARED),
    (at(2), TrackOpened(track="technical", reason="x.")),
    (at(4), PageAcknowledged(person="ann", via="sms")),
    (at(7), TrackOpened(track="business", reason="x.")),
    (at(9), TOLD),
    (at(20), WorkaroundAdded(workaround="w1", title="Read only")),
    (at(40), RESOLVED),
    (at(50), IncidentReopened(reason="x.")),
    (at(70), RESOLVED),
)


def read(record, **more):
    return {figure.key: figure.span and figure.span / timedelta(minutes=1) for figure in spans(record, **more)}


def test_the_six_spans_each_by_its_full_name():
    assert read(WHOLE, started_at=at(-3)) == {
        "detect": 3,
        "acknowledge": 2,
        "respond": 7,
        "engage": 5,
        "contain": 20,
        "resolve": 70,
    }
    assert all(figure.label.startswith("Time to") and figure.definition for figure in spans(WHOLE))


def test_what_the_record_cannot_say_is_none():
    assert set(read(()).values()) == {None}
    assert read(WHOLE[:-1])["resolve"] is None
    assert read(WHOLE)["detect"] is None


@pytest.mark.parametrize(
    ("event", "contained"),
    [
        (TaskDone(task="t", title=CONTAINMENT), 10),
        (TaskDone(task="t", title="Call"), None),
        (TrackMoved(track="technical", before="identified", after="monitoring", reason="x."), 10),
        (TrackMoved(track="technical", before="triage", after="identified", reason="x."), None),
    ],
)
def test_what_counts_as_contained(event, contained):
    assert read(((at(2), DECLARED), (at(10), event)))["contain"] == contained


def test_downtime_leaves_out_the_time_between_resolution_and_reopening():
    assert downtime(WHOLE, now=at(500)) == timedelta(minutes=60)
    assert downtime(WHOLE[:-1], now=at(55)) == timedelta(minutes=45)
    assert downtime(WHOLE, now=at(500), started_at=at(-5)) == timedelta(minutes=65)
    assert downtime((), now=NOON) == timedelta()
    assert downtime(((at(0), RESOLVED),), now=NOON) == timedelta()


@given(st.lists(st.sampled_from(["resolve", "reopen"]), max_size=8), st.integers(0, 60))
def test_downtime_never_exceeds_the_time_gone_by(moves, gap):
    events = {"resolve": RESOLVED, "reopen": IncidentReopened(reason="x.")}
    record = [(NOON, DECLARED)] + [(at(gap * n), events[move]) for n, move in enumerate(moves, start=1)]
    now = record[-1][0] + timedelta(minutes=1)
    assert timedelta() <= downtime(record, now=now) <= now - NOON


def test_promises_by_audience_released_ones_do_not_count():
    kept = PromiseKept(promise="p", audience="technical", what="next update", margin=timedelta())
    broken = PromiseBroken(promise="p", audience="business", what="next update", due_at=NOON)
    released = PromiseReleased(promise="p", audience="legal", what="next update", reason="x.")
    record = [(NOON, event) for event in (kept, broken, kept, released)]
    assert promises(record) == (Kept("business", 0, 1), Kept("technical", 2, 0))
