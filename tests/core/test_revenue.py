"""What is lost while something fails, by the minute: compared with counting every minute, on days of every length."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.revenue import DAY, FLAT, MINUTE, Hours, Profile, counted, factor, minutes, profile_of, reachable

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
DST_DAYS = (
    datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC), datetime(2011, 12, 30, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC),
)  # fmt: skip
quarters = st.integers(0, 96).map(lambda n: n * timedelta(minutes=15))
spans = st.tuples(quarters, quarters).filter(lambda both: both[0] < both[1])
hours = st.builds(
    lambda days, span, times: Hours(tuple(sorted(days)), span[0], span[1], times),
    st.sets(st.integers(0, 6), min_size=1),
    spans,
    st.sampled_from((0.0, 0.5, 2.0, 3.25)),
)
profiles = st.builds(Profile, st.lists(hours, max_size=4).map(tuple), st.sampled_from(ZONES))
instants = st.builds(
    lambda day, minute: day + timedelta(minutes=minute), st.sampled_from(DST_DAYS), st.integers(-1500, 3000)
)


@given(profiles, instants, st.integers(0, 1800))
def test_it_equals_counting_every_minute(profile: Profile, start: datetime, length: int):
    each = sum(factor(profile, at=start + n * MINUTE) for n in range(length))
    assert minutes(profile, start=start, end=start + length * MINUTE) == pytest.approx(each)


@given(profiles, instants, st.lists(st.integers(0, 10**10), min_size=1, max_size=5))
def test_parts_of_a_time_add_up_to_it(profile: Profile, start: datetime, micros: list[int]):
    cuts = [start, *sorted(start + timedelta(microseconds=each) for each in micros)]
    parts = [minutes(profile, start=one, end=two) for one, two in pairwise(cuts)]
    assert all(part >= 0 for part in parts)
    assert sum(parts) == pytest.approx(minutes(profile, start=cuts[0], end=cuts[-1]), abs=1e-6)


def test_shop_hours_follow_summer_time():
    shop = profile_of([{"days": [6], "from": "02:00", "to": "04:00", "factor": 3}], "Europe/Berlin")
    short, long = (datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin")), datetime(2026, 10, 25, tzinfo=UTC))
    assert minutes(shop, start=short, end=short.replace(hour=12)) == 2 * 60 + 60 * 3 + 8 * 60  # 02:00 does not exist
    assert minutes(shop, start=long - timedelta(hours=2), end=long + timedelta(hours=22)) == 24 * 60 + 2 * 180
    assert [factor(shop, at=long + timedelta(minutes=n)) for n in (-1, 0, 60, 179, 180)] == [1, 3, 3, 3, 1]


def test_the_last_minute_that_can_be_written_ends_at_midnight():
    late = profile_of([{"days": [0], "from": "23:00", "to": "23:59", "factor": 2}], "UTC")
    monday = datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert minutes(late, start=monday, end=monday + timedelta(hours=2)) == 180


def test_years_are_no_work():
    start = datetime(2016, 1, 1, tzinfo=UTC)
    assert minutes(FLAT, start=start, end=start + 3650 * DAY) == 3650 * 1440
    assert minutes(FLAT, start=start, end=start - DAY) == 0


# --- each sum once ------------------------------------------------------------------------------------------------


def test_what_is_earned_through_others_counts_there():
    shop = {"shop": ("pay", "search")}
    assert counted({"shop": 50, "pay": 30, "search": 10}, shop) == {"shop": 10, "pay": 30, "search": 10}
    assert counted({"shop": 50, "pay": 30, "search": 40}, shop) == {"shop": 0, "pay": 30, "search": 40}
    assert counted({"shop": 50, "mail": 20}, {}) == {"shop": 50, "mail": 20}


def test_a_circle_is_one_earner():
    assert counted({"a": 5, "b": 7}, {"a": ("b",), "b": ("a",)}) == {"a": 0, "b": 7}
    assert counted({"a": 7, "b": 7, "c": 3}, {"a": ("b", "c"), "b": ("a", "c")}) == {"a": 4, "b": 0, "c": 3}


names = st.sampled_from("abcdefg")


@given(st.dictionaries(names, st.integers(0, 50).map(float)), st.sets(st.tuples(names, names)), st.randoms())
def test_no_sum_counts_twice_and_none_is_lost(earning: dict[str, float], links: set[tuple[str, str]], random):
    beyond = reachable(sorted(earning), lambda name: [target for source, target in sorted(links) if source == name])
    once = counted(earning, beyond)
    assert all(0 <= once[name] <= earning[name] for name in earning)
    assert sum(once.values()) <= sum(earning.values()) + 1e-9
    assert sum(once.values()) >= max(earning.values(), default=0) - 1e-9
    for name, others in beyond.items():  # one and all that earn through it: what it states, or what they do
        family = once[name] + sum(once[other] for other in others)
        assert family >= earning[name] - 1e-9
    shuffled = list(earning)
    random.shuffle(shuffled)
    assert counted({name: earning[name] for name in shuffled}, beyond) == pytest.approx(once)
    assert reachable(shuffled, lambda name: [two for one, two in links if one == name]) == beyond
