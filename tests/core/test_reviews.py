"""The review is due, promised to those who were told, and starts from the milestones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from antiphon.core.events import IncidentResolved, NoteAdded, ReviewOpened, StateChanged, TrackOpened
from antiphon.core.reviews import after_business_days, open_review, timeline

FRIDAY = datetime(2026, 3, 27, 15, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def reviewed(*told):
    return open_review(
        uid="r1", incident="i1", resolved_at=FRIDAY, told=told, zone=BERLIN, uids=iter(["p1"]), now=FRIDAY
    )


def test_technical_customers_are_promised_their_version_within_48_hours():
    (promise,) = reviewed("technical", "business").promises
    assert (promise.audience, promise.what, promise.due_at) == ("technical", "review", FRIDAY + timedelta(hours=48))


def test_nobody_told_nobody_promised():
    opened = reviewed("business")
    assert opened.promises == ()
    assert opened.events == (ReviewOpened(due_at=opened.state.due_at),)


def test_five_business_days_at_the_same_wall_time_though_the_clocks_change():
    assert reviewed().state.due_at == datetime(2026, 4, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(("days", "until"), [(0, 27), (1, 30), (2, 31)])
def test_weekends_do_not_count(days, until):
    assert after_business_days(FRIDAY, days, zone=BERLIN).day == until


def test_the_timeline_tells_milestones_once():
    minute = timedelta(minutes=1)
    record = (
        (FRIDAY, TrackOpened(track="technical", reason="declared.")),
        (FRIDAY + minute, NoteAdded(text="Looking.")),
        (FRIDAY + 2 * minute, StateChanged(before="triage", after="investigating", reason="x.")),
        (FRIDAY + 9 * minute, IncidentResolved(how="Failed over.", verified="Orders.")),
        (FRIDAY + 9 * minute, StateChanged(before="monitoring", after="resolved", reason="x.")),
    )
    assert [(entry.kind, entry.after / minute) for entry in timeline(record)] == [
        ("track.opened", 0),
        ("incident.state_changed", 2),
        ("incident.resolved", 9),
    ]
    assert timeline(()) == ()
