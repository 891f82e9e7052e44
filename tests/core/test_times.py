"""Dates and times as people write them are read to the minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.times import read
from antiphon.core.variables import said_at

AT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("14:30 UTC", "11-21 14:30"),
        ("2:30 pm CET", "11-21 13:30"),
        ("2:30 p.m. EST", "11-21 19:30"),
        ("14.30 CET", "11-21 13:30"),
        ("1430 UTC", "11-21 14:30"),
        ("15h30 UTC", "11-21 15:30"),
        ("noon UTC", "11-21 12:00"),
        ("midnight UTC", "11-22 00:00"),
        ("in 30 minutes", "11-21 14:30"),
        ("in 30m", "11-21 14:30"),
        ("within half an hour", "11-21 14:30"),
        ("in an hour and a half", "11-21 15:30"),
        ("within 1 hour 30 minutes", "11-21 15:30"),
        ("every 45 minutes", "11-21 14:45"),
        ("60 minutes from now", "11-21 15:00"),
        ("2026-11-21 14:30 UTC", "11-21 14:30"),
        ("2026-11-21T14:30Z", "11-21 14:30"),
        ("2026-11-21T14:30:12+01:00", "11-21 13:30"),
        ("21 November 2026 at 14:30 (UTC+1)", "11-21 13:30"),
        ("Nov 21st, 2026, 14:30 GMT", "11-21 14:30"),
        ("14:30 UTC on 21 November", "11-21 14:30"),
        ("21.11.2026 14:30 UTC", "11-21 14:30"),
        ("11/21/2026 14:30 UTC", "11-21 14:30"),
        ("tomorrow at 9 am Europe/Berlin", "11-22 08:00"),
        ("yesterday at 23:50 UTC", "11-20 23:50"),
        ("Monday at 09:00 CET", "11-23 08:00"),
        ("16:45 PT", "11-22 00:45"),
        ("5 pm Pacific Time", "11-22 01:00"),
        ("10:00 UTC+5:45", "11-21 04:15"),
        ("00:20 UTC", "11-22 00:20"),
    ],
)
def test_a_time_is_read_to_the_minute(text, instant):
    found = read(f"It comes by {text}, we think.", at=AT, ahead=True)
    assert [f"{reading.at:%m-%d %H:%M}" for reading in found] == [instant]


@pytest.mark.parametrize(
    "text",
    ["25:00 UTC", "14:75", "13 pm", "30 February 2027 at 10:00 UTC", "9 am XYT", "14:30 Mars/Phobos",
     "02:30 Europe/Berlin on 28 March 2027", "in 30-60 minutes", "10:00 UTC+25", "9999-12-31 24:00 UTC",
     "2026-13-01T10:00Z", "99.99.2026 10:00 UTC"],
)  # fmt: skip
def test_a_time_that_cannot_be_is_found_and_said_so(text):
    (found,) = read(text, at=AT, ahead=True)
    assert found.at is None
    assert found.problem


@pytest.mark.parametrize("text", ["within the hour", "soon", "99.95 %", "for 30 minutes", "version 1.2.3", "port 8047"])
def test_what_names_no_time_is_not_read(text):
    assert read(text, at=AT) == ()


def test_a_range_takes_its_zone_from_its_end_and_a_bare_time_from_the_reader():
    first, last = read("from 14:17 to 14:41 UTC", at=AT)
    assert (first.zone, last.zone) == (True, True)
    (bare,) = read("at 14:30", at=AT, zone="Asia/Kathmandu")
    assert (bare.zone, bare.at) == (False, datetime(2026, 11, 21, 8, 45, tzinfo=UTC))


def test_a_time_of_day_is_the_nearest_one_unless_it_lies_ahead():
    late = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
    assert read("since 23:50 UTC", at=late)[0].at == late - timedelta(minutes=20)
    assert read("at 23:50 UTC", at=late, ahead=True)[0].at == late.replace(hour=23, minute=50)


@given(
    st.integers(946_684_800, 3_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Dubai"]
    ),
)
def test_what_we_write_is_read_back_to_the_same_minute(instant, zone):
    instant = instant.replace(second=0, microsecond=0)
    (found,) = read(said_at(instant, zone=zone), at=AT)
    assert found.at == instant
    assert found.zone


@given(st.text(alphabet="0123456789:.-/ amphTZUC+inwthourst", max_size=60), st.sampled_from(["UTC", "No/Where"]))
def test_nothing_that_people_write_breaks_the_reading(text, zone):
    for reading in read(text, at=AT, zone=zone, ahead=True):
        assert 0 <= reading.start < reading.end <= len(text)
