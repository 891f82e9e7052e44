"""Exactly one owner per layer, at every instant, in every zone (RELIABILITY I17, I18)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import oncall
from antiphon.core.oncall import (
    DAILY,
    WEEKLY,
    Hours,
    Layer,
    Override,
    Rota,
    check,
    next_change,
    on_call,
    shifts,
)

ZONES = ("Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "Europe/Berlin", "UTC")
PEOPLE = ("Ann", "Ben", "Cem")


def rota(zone="Europe/Berlin", *, length=WEEKLY, handoff=time(9), first=date(2026, 1, 5), members=PEOPLE, **more):
    layer = Layer(name="first", members=members, first=first, handoff=handoff, length=length, **more)
    return Rota(name="platform", zone=zone, layers=(layer,))


def who(plan, at):
    return [shift.person for shift in on_call(plan, at=at)]


def wall(zone, year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


lengths = st.sampled_from(
    [timedelta(hours=1), timedelta(hours=7), timedelta(hours=12), DAILY, timedelta(days=3), WEEKLY, 2 * WEEKLY]
)
instants = st.integers(0, 27 * 366 * 86400).map(lambda s: datetime(2009, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
zones = st.sampled_from(ZONES)
handoffs = st.times().map(lambda t: t.replace(fold=0))


@st.composite
def layers(draw, name="first"):
    windows = st.builds(Hours, st.times(), st.times(), st.frozensets(st.integers(0, 6), min_size=1))
    return Layer(
        name=name,
        members=draw(st.sampled_from([PEOPLE, PEOPLE[:1], PEOPLE[:2]])),
        first=draw(st.dates(date(2008, 1, 1), date(2030, 1, 1))),
        handoff=draw(handoffs),
        length=draw(lengths),
        hours=tuple(draw(st.lists(windows, max_size=2))) if draw(st.booleans()) else (),
    )


@st.composite
def rotas(draw):
    plan = Rota(name="r", zone=draw(zones), layers=(draw(layers()), draw(layers("second"))))
    base = draw(instants)
    overrides = tuple(
        Override(
            uid=f"o{number}",
            person=f"Stand-in {number}",
            start=base + timedelta(hours=draw(st.integers(0, 200))),
            end=base + timedelta(hours=draw(st.integers(201, 400))),
            layer=draw(st.sampled_from([None, "first", "second"])),
            replaces=draw(st.sampled_from([None, *PEOPLE])),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return replace(plan, overrides=overrides), base


@given(zones, lengths, handoffs, instants)
def test_I17_exactly_one_owner_and_no_gap_between_shifts(zone, length, handoff, at):
    plan = rota(zone, length=length, handoff=handoff, first=date(2011, 12, 1))
    (shift,) = on_call(plan, at=at)
    assert shift.start <= at < shift.end
    (after,) = on_call(plan, at=shift.end)
    (before,) = on_call(plan, at=shift.start - timedelta(microseconds=1))
    assert after.start == shift.end
    assert before.end == shift.start
    assert next_change(plan, after=at) == shift.end


@given(rotas(), st.integers(0, 400 * 60))
def test_the_list_of_shifts_and_the_lookup_agree(planned, minutes):
    plan, base = planned
    start, end = base, base + timedelta(days=10)
    listed = shifts(plan, start=start, end=end)
    at = min(base + timedelta(minutes=minutes), end - timedelta(microseconds=1))
    assert tuple(s for s in listed if s.start <= at < s.end) == on_call(plan, at=at)
    for layer in plan.layers:
        mine = [shift for shift in listed if shift.layer == layer.name]
        assert all(one.end <= two.start for one, two in pairwise(mine))
        if not layer.hours:
            assert all(one.end == two.start for one, two in pairwise(mine))
            assert mine[0].start <= start
            assert mine[-1].end >= end


@given(rotas(), st.integers(0, 60))
def test_nobody_changes_before_the_next_change(planned, percent):
    plan, base = planned
    change = next_change(plan, after=base)
    assert change is not None
    assert change > base
    between = base + (change - base) * (percent / 61)
    assert on_call(plan, at=between) == on_call(plan, at=base)


def test_handover_stays_at_nine_when_the_clocks_change():
    plan = rota(length=DAILY)
    listed = shifts(plan, start=wall("Europe/Berlin", 2026, 3, 28, 12), end=wall("Europe/Berlin", 2026, 3, 31, 12))
    assert {shift.end.astimezone(ZoneInfo("Europe/Berlin")).hour for shift in listed} == {9}
    assert [(shift.end - shift.start).total_seconds() / 3600 for shift in listed] == [23, 24, 24, 24]


def test_a_handover_that_does_not_occur_is_at_the_first_instant_after_the_gap():
    plan = rota(length=DAILY, handoff=time(2, 30))
    changed = wall("Europe/Berlin", 2026, 3, 29, 3)
    assert next_change(plan, after=changed - timedelta(hours=1)) == changed


def test_a_handover_that_occurs_twice_is_at_the_first_of_the_two():
    plan = rota(length=DAILY, handoff=time(2, 30))
    first = wall("Europe/Berlin", 2026, 10, 25, 2, 30)
    assert next_change(plan, after=first - timedelta(hours=1)) == first
    assert next_change(plan, after=first) == wall("Europe/Berlin", 2026, 10, 26, 2, 30)


def test_half_an_hour_of_lord_howe():
    plan = rota("Australia/Lord_Howe", length=DAILY, handoff=time(2, 15), first=date(2026, 10, 1))
    changed = wall("Australia/Lord_Howe", 2026, 10, 4, 2, 30)
    assert next_change(plan, after=changed - timedelta(minutes=1)) == changed


def test_the_day_that_apia_never_had_belongs_to_nobody_at_midnight():
    plan = rota("Pacific/Apia", length=DAILY, handoff=time(0), first=date(2011, 12, 29))
    skipped = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert who(plan, skipped - timedelta(seconds=1)) == ["Ann"]
    assert who(plan, skipped) == ["Cem"]
    listed = shifts(plan, start=skipped - DAILY, end=skipped + DAILY)
    assert [shift.person for shift in listed] == ["Ann", "Cem"]


def test_before_its_first_turn_a_rota_has_somebody_too():
    plan = rota(first=date(2026, 6, 1))
    assert who(plan, wall("Europe/Berlin", 2026, 6, 1, 9)) == ["Ann"]
    assert who(plan, wall("Europe/Berlin", 2026, 6, 1, 8, 59)) == ["Cem"]


def test_a_far_year_is_looked_up_as_fast_as_tomorrow(monkeypatch):
    calls = []

    def counted(wall, zone, _real=oncall._instant):
        calls.append(wall)
        return _real(wall, zone)

    monkeypatch.setattr(oncall, "_instant", counted)
    assert who(rota(length=timedelta(hours=1)), datetime(2400, 1, 1, tzinfo=UTC))
    assert len(calls) < 12


def test_overrides_the_later_wins_and_only_where_it_applies():
    monday = wall("Europe/Berlin", 2026, 1, 5, 9)
    hour = timedelta(hours=1)
    plan = replace(
        rota(),
        overrides=(
            Override(uid="o1", person="Dee", start=monday + hour, end=monday + 5 * hour),
            Override(uid="o2", person="Eve", start=monday + 2 * hour, end=monday + 3 * hour, replaces="Ann"),
            Override(uid="o3", person="Fay", start=monday, end=monday + 9 * hour, replaces="Ben"),
            Override(uid="o4", person="Gil", start=monday, end=monday + 9 * hour, layer="second"),
        ),
    )
    listed = shifts(plan, start=monday, end=monday + 6 * hour)
    assert [(s.person, s.override) for s in listed] == [
        ("Ann", None),
        ("Dee", "o1"),
        ("Eve", "o2"),
        ("Dee", "o1"),
        ("Ann", None),
    ]


def test_hours_leave_a_layer_unowned_outside_and_run_past_midnight():
    nights = Hours(time(22), time(6), frozenset({4}))
    plan = rota(hours=(nights,))
    friday = wall("Europe/Berlin", 2026, 1, 9, 23)
    (shift,) = on_call(plan, at=friday)
    assert (shift.start, shift.end) == (friday - timedelta(hours=1), friday + timedelta(hours=7))
    assert on_call(plan, at=shift.end) == ()
    assert next_change(plan, after=shift.end) == wall("Europe/Berlin", 2026, 1, 12, 9)


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        (Rota(name="r", zone="UTC", layers=()), "no layer"),
        (rota(members=()), "no members"),
        (rota("Mars/Olympus"), "time zone"),
        (rota("../etc/passwd"), "time zone"),
        (rota(length=timedelta(minutes=5)), "at least an hour"),
        (rota(hours=(Hours(time(1), time(2), frozenset()),)), "no day"),
        (
            replace(
                rota(),
                overrides=(
                    Override(
                        uid="o",
                        person="Dee",
                        start=datetime(2026, 1, 2, tzinfo=UTC),
                        end=datetime(2026, 1, 1, tzinfo=UTC),
                    ),
                ),
            ),
            "end after",
        ),
    ],
)
def test_a_rota_that_cannot_work_is_refused(plan, word):
    (problem,) = check(plan)
    assert word in problem


def test_a_rota_that_works_has_no_problem():
    assert check(rota()) == ()
    assert next_change(Rota(name="r", zone="UTC", layers=()), after=datetime(2026, 1, 1, tzinfo=UTC)) is None
