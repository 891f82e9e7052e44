"""Dates and times as people write them are read to the minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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
        ("half past two pm UTC", "11-21 14:30"),
        ("half past three in the afternoon CET", "11-21 14:30"),
        ("a quarter to three p.m. UTC", "11-21 14:45"),
        ("quarter past 8 in the morning UTC tomorrow", "11-22 08:15"),
        ("tomorrow at twenty past nine am UTC", "11-22 09:20"),
        ("three o'clock in the morning UTC", "11-22 03:00"),
        ("this evening at half past eight UTC", "11-21 20:30"),
        ("this evening at 8 UTC", "11-21 20:00"),
        ("tonight at 9 UTC", "11-21 21:00"),
        ("Monday evening at 7:30 UTC", "11-23 19:30"),
        ("tomorrow afternoon, 12:30 UTC", "11-22 12:30"),
        ("Monday next week at 10:00 UTC", "11-23 10:00"),
        ("Saturday next week at 10:00 UTC", "11-28 10:00"),
        ("at the top of the hour", "11-21 15:00"),
        ("by the bottom of the hour", "11-21 14:30"),
        ("every hour on the hour", "11-21 15:00"),
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
        ("10:00 UTC+5:45", "11-22 04:15"),
        ("00:20 UTC", "11-22 00:20"),
        ("2:30 PM PT", "11-21 22:30"),
        ("09:00 CET on 22 November", "11-22 08:00"),
        ("Nov 22, 09:00 UTC", "11-22 09:00"),
        ("2026-11-22 09:00:00-05:00", "11-22 14:00"),
        ("2026-11-22T09:00:00.000Z", "11-22 09:00"),
        ("2026/11/22 09:00 UTC", "11-22 09:00"),
        ("tomorrow at 10:00 EST", "11-22 15:00"),
        ("10:00 tomorrow EST", "11-22 15:00"),
        ("tomorrow morning at 9:00 UTC", "11-22 09:00"),
        ("within the next hour", "11-21 15:00"),
        ("within the next half hour", "11-21 14:30"),
        ("within another hour", "11-21 15:00"),
        ("in ~45 minutes", "11-21 14:45"),
        ("in 1h30", "11-21 15:30"),
        ("in two weeks", "12-05 14:00"),
        ("Mon, 23 Nov 2026 18:00 +0100", "11-23 17:00"),
        ("22-Nov-2026 09:00 UTC", "11-22 09:00"),
        ("21 November (18:00 UTC)", "11-21 18:00"),
        ("Nov. 22 @ 9am GMT", "11-22 09:00"),
        ("11/22 at 9:00 AM PT", "11-22 17:00"),
        ("Sunday 22 November 2026, 9 a.m. Eastern Standard Time", "11-22 14:00"),
        ("5:40p pacific time", "11-22 01:40"),
        ("3pm Pacific", "11-21 23:00"),
        ("14:30 London time", "11-21 14:30"),
        ("1430 hrs UTC", "11-21 14:30"),
        ("14:30h CET", "11-21 13:30"),
        ("3 o’clock UTC", "11-21 15:00"),
        ("15 o'clock UTC", "11-21 15:00"),
        ("next Friday at 10:00 UTC", "11-27 10:00"),
        ("next Sunday at 10:00 UTC", "11-22 10:00"),
        ("17:05 PM UTC", "11-21 17:05"),
        ("14:30z", "11-21 14:30"),
        ("every hour", "11-21 15:00"),
        ("3:30\u202fPM\u00a0CET", "11-21 14:30"),
        ("2026\u201111\u201122 09:00 UTC", "11-22 09:00"),
        ("in 30-60 minutes", "11-21 15:00"),
    ],
)
def test_a_time_is_read_to_the_minute(text, instant):
    found = read(f"It comes by {text}, we think.", at=AT, ahead=True)
    assert [f"{reading.at:%m-%d %H:%M}" for reading in found] == [instant]


@pytest.mark.parametrize(
    "text",
    ["25:00 UTC", "14:75", "13 pm", "30 February 2027 at 10:00 UTC", "9 am XYT", "14:30 Mars/Phobos",
     "02:30 Europe/Berlin on 28 March 2027", "10:00 UTC+25", "9999-12-31 24:00 UTC",
     "2026-13-01T10:00Z", "99.99.2026 10:00 UTC"],
)  # fmt: skip
def test_a_time_that_cannot_be_is_found_and_said_so(text):
    (found,) = read(text, at=AT, ahead=True)
    assert found.at is None
    assert found.problem


@pytest.mark.parametrize(
    "text",
    [
        "within the hour",
        "soon",
        "by end of day",
        "open 24/7",
        "mysql-12:30",
        "99.95 %",
        "for 30 minutes",
        "version 1.2.3",
        "port 8047",
    ],
)
def test_what_names_no_time_is_not_read(text):
    assert read(text, at=AT) == ()


def test_a_range_takes_its_zone_from_its_end_and_a_bare_time_from_the_reader():
    first, last = read("from 14:17 to 14:41 UTC", at=AT)
    assert (first.zone, last.zone) == (True, True)
    (bare,) = read("at 14:30", at=AT, zone="Asia/Kathmandu")
    assert (bare.zone, bare.at) == (False, datetime(2026, 11, 21, 8, 45, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("from 14:30-15:00 UTC", "14:30", "15:00"),
        ("14:30 - 15:00 UTC", "14:30", "15:00"),
        ("9:25AM through 9:27AM PST", "17:25", "17:27"),
        ("2:00 to 2:30 pm UTC", "14:00", "14:30"),
        ("11:30 to 1:00 pm UTC", "11:30", "13:00"),
        ("02:00 UTC to 2:30 pm CET", "02:00", "13:30"),
        ("2-3 pm CET", "13:00", "14:00"),
        ("Sunday, November 22nd 23:00 to Monday, November 23rd 1:00 UTC", "23:00", "01:00"),
    ],
)
def test_both_ends_of_a_range_are_read(text, first, last):
    found = read(text, at=AT, ahead=True)
    assert [f"{reading.at:%H:%M}" for reading in found] == [first, last]
    assert all(reading.zone for reading in found)


@pytest.mark.parametrize(
    ("text", "zone", "at", "assumed"),
    [
        ("14:30 CST", "UTC", AT, "UTC−6"),
        ("14:30 IST", "UTC", AT, "UTC+5:30"),
        ("14:30 IST", "Europe/Dublin", AT, ""),
        ("14:30 BST", "Europe/London", AT, ""),
        ("14:30 CET", "UTC", AT, ""),
        ("14:30 CET", "UTC", AT.replace(month=7), "CEST"),
        ("14:30 EST", "UTC", AT.replace(month=7), "EDT"),
        ("14:30 local time", "Asia/Kathmandu", AT, "Asia/Kathmandu"),
        ("03/04/2026 10:00 UTC", "UTC", AT, "3 April"),
        ("03.04.2026 10:00 UTC", "UTC", AT, ""),
        ("25 October 2026 at 02:30 Europe/Berlin", "UTC", AT, "twice"),
        ("half past three UTC", "UTC", AT, "15:30"),
        ("half past three pm UTC", "UTC", AT, ""),
        ("14:30 UTC on Sunday 21 November", "UTC", AT, "no Sunday"),
        ("14:30 UTC on Saturday 21 November", "UTC", AT, ""),
        ("Sun, 21.11.2026 14:30 UTC", "UTC", AT, "Saturday 21 November"),
        ("next Sunday at 10:00 UTC", "UTC", AT, "22 November"),
        ("next Monday at 10:00 UTC", "UTC", AT, ""),
    ],
)
def test_what_can_be_read_in_two_ways_says_how_it_was_read(text, zone, at, assumed):
    (found,) = read(text, at=at, zone=zone)
    assert assumed in found.assumed
    assert bool(assumed) == bool(found.assumed)


def test_the_houses_own_letters_mean_the_house():
    (found,) = read("14:30 IST on 21 July 2026", at=AT, zone="Europe/Dublin")
    assert found.at == datetime(2026, 7, 21, 13, 30, tzinfo=UTC)


def test_a_day_of_the_week_is_the_coming_one_ahead_and_the_nearest_one_behind():
    assert read("Friday at 18:00 UTC", at=AT, ahead=True)[0].at == datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
    assert read("since Friday 18:00 UTC", at=AT)[0].at == datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "five to ten minutes",
        "a quarter to two thirds of orders",
        "ten past attempts",
        "half past",
        "the top of the page",
        "in tag order",
        "in min mode",
        "halb zwei Drittel",
    ],
)
def test_numbers_beside_each_other_are_no_time_of_day(text):
    assert read(text, at=AT) == ()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("in 30 Minuten", "11-21 14:30"),
        ("in 1,5 Stunden", "11-21 15:30"),
        ("in einer halben Stunde", "11-21 14:30"),
        ("innerhalb der nächsten Stunde", "11-21 15:00"),
        ("in den nächsten 20 bis 30 Minuten", "11-21 14:30"),
        ("halbstündlich", "11-21 14:30"),
        ("um 15.30 Uhr", "11-21 14:30"),
        ("um halb vier nachmittags", "11-21 14:30"),
        ("um Viertel vor acht abends", "11-21 18:45"),
        ("heute Abend um 8 Uhr", "11-21 19:00"),
        ("am Montag um 10 Uhr", "11-23 09:00"),
        ("am nächsten Dienstagabend um 7:30 Uhr", "11-24 18:30"),
        ("am Mittwoch nächster Woche, 10 Uhr", "11-25 09:00"),
        ("am Samstag, 28. November, 10 Uhr MEZ", "11-28 09:00"),
        ("am Sonnabend um 18 Uhr", "11-21 17:00"),
    ],
)
def test_german_times_are_read_to_the_minute(text, instant):
    found = read(f"Die nächste Meldung kommt {text}.", at=AT, zone="Europe/Berlin", ahead=True)
    assert [f"{reading.at:%m-%d %H:%M}" for reading in found] == [instant]
    assert not found[0].assumed


def test_small_words_beside_a_time_are_no_zone():
    (found,) = read("by 14:30 at the latest", at=AT)
    assert (found.zone, found.problem) == (False, "")


def test_a_time_of_day_is_the_nearest_one_unless_it_lies_ahead():
    late = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
    assert read("since 23:50 UTC", at=late)[0].at == late - timedelta(minutes=20)
    assert read("at 23:50 UTC", at=late, ahead=True)[0].at == late.replace(hour=23, minute=50)
    evening = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert read("at 09:00 CET", at=evening, ahead=True)[0].at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert read("at 19:30 UTC", at=evening, ahead=True)[0].at == evening - timedelta(minutes=30)


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


FORMS = (
    "%d %B %Y at %H:%M {zone}", "%b %d, %H:%M {zone}", "%A, %d %b %Y %H:%M {offset}", "%H:%M {zone} on %d %B",
    "%Y-%m-%d %H:%M {zone}", "%Y-%m-%dT%H:%M{iso}", "%I:%M %p {zone} on %B %d", "%d.%m.%Y %H:%M {offset}",
    "%B %d, %Y at %I:%M%p ({zone})", "%Y/%m/%d %H:%M {zone}", "%a %d %b, %H:%M {zone}", "%H:%M:%S {offset}, %d %b %Y",
    "%d-%b-%Y %H:%M {zone}", "%m/%d/%Y %I:%M %p {zone}",
)  # fmt: skip


@given(
    st.sampled_from(FORMS),
    st.integers(1, 60 * 24 * 90).map(lambda minutes: AT + timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Los_Angeles"]),
)
def test_every_common_form_in_every_zone_is_read_to_the_minute(form, instant, zone):
    local = instant.astimezone(ZoneInfo(zone))
    said = f"{local:{form}}".format(
        zone=f"{local:%Z}", offset=f"{local:%z}", iso=f"{local:%z}" if zone != "UTC" else "Z"
    )
    found = read(f"The next update comes by {said}.", at=AT, ahead=True)
    if form.startswith("%m/%d") and local.day <= 12 and local.day != local.month:
        assert all(reading.assumed for reading in found)
    else:
        assert [reading.at for reading in found] == [instant]


@given(
    st.text(alphabet="0123456789:.-/ amphTZUC+inwthourst\u017f\u212a\u0130\u0131\u2011\u00a0", max_size=60),
    st.sampled_from(["UTC", "No/Where"]),
)
def test_nothing_that_people_write_breaks_the_reading(text, zone):
    for reading in read(text, at=AT, zone=zone, ahead=True):
        assert 0 <= reading.start < reading.end <= len(text)
