"""Days and uptime from spans, where a day is what the organisation's zone makes of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.status import State
from antiphon.core.uptime import DAYS, Day, Span, days, uptime

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def test_a_day_without_trouble_is_operational():
    found = days([], now=NOW, zone=UTC)
    assert len(found) == DAYS
    assert found[-1] == Day(date(2026, 11, 20), State.OPERATIONAL, 0.0)
    assert uptime([], now=NOW) == 100.0


def test_an_outage_over_midnight_counts_in_both_days_where_the_organisation_is():
    midnight = datetime(2026, 11, 19, 23, tzinfo=UTC)
    outage = Span(State.MAJOR_OUTAGE, midnight - HOUR, midnight + 2 * HOUR)
    assert [day.minutes_down for day in days([outage], now=NOW, zone=BERLIN)[-2:]] == [60.0, 120.0]


def test_the_worst_of_a_day_is_shown_and_only_outages_count():
    spans = [
        Span(State.MAINTENANCE, NOW - 5 * HOUR, NOW - 4 * HOUR),
        Span(State.PARTIAL_OUTAGE, NOW - 4 * HOUR, NOW - 3 * HOUR),
        Span(State.DEGRADED, NOW - HOUR, None),
    ]
    assert days(spans, now=NOW, zone=UTC)[-1] == Day(date(2026, 11, 20), State.PARTIAL_OUTAGE, 0.0)
    assert uptime(spans, now=NOW) == 100.0


def test_an_outage_that_runs_counts_until_now():
    running = [Span(State.MAJOR_OUTAGE, NOW - 9 * HOUR, None)]
    assert uptime(running, now=NOW) == round(100 - 100 * 9 / (DAYS * 24), 3)
    assert uptime([Span(State.MAJOR_OUTAGE, NOW - timedelta(days=400), None)], now=NOW) == 0.0


def test_a_day_in_which_clocks_go_back_has_twenty_five_hours():
    whole = [Span(State.MAJOR_OUTAGE, NOW - timedelta(days=60), None)]
    minutes = {day.day: day.minutes_down for day in days(whole, now=NOW, zone=BERLIN)}
    assert minutes[date(2026, 10, 25)] == 25 * 60
    assert minutes[date(2026, 10, 26)] == 24 * 60


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 500)), max_size=6))
def test_days_add_up_to_what_uptime_says(outages):
    spans, last = [], NOW - timedelta(days=DAYS - 1)
    for gap, long in outages:
        began = last + timedelta(minutes=gap)
        last = began + timedelta(minutes=long)
        spans.append(Span(State.MAJOR_OUTAGE, began, last))
    down = sum(day.minutes_down for day in days(spans, now=NOW, zone=UTC))
    assert abs(uptime(spans, now=NOW) - (100 - 100 * down / (DAYS * 24 * 60))) < 0.001
