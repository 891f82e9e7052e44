"""The next update becomes a promise to the minute, or an error that says why it does not."""

from datetime import UTC, datetime

import pytest

from antiphon.core.audiences import Mark
from tests.core.lint.reading import AT, CLOSE, PLAIN, read, rules


@pytest.mark.parametrize(
    ("announcement", "rule"),
    [
        ("We will update you soon.", "next_update_vague"),
        ("Next update within the hour.", "next_update_vague"),
        ("We will post another update as soon as we know more.", "next_update_vague"),
        ("Next update by end of day.", "next_update_vague"),
        ("We will provide an update if there is notable impact.", "next_update_vague"),
        ("The next update comes at 25:10 UTC.", "next_update_vague"),
        ("Next update at 13:30 UTC.", "next_update_past"),
        ("Next update on 20 November 2026 at 15:00 UTC.", "next_update_past"),
        ("Next update at 14:30 UTC. A further update comes at 15:30 UTC.", "next_update_twice"),
        ("Next update: 14:40 UTC (16:40 CET).", "next_update_twice"),
        ("Next update at 10:40 EST or 15:10 UTC.", "next_update_twice"),
        ("Questions: support@example.com.", "next_update_missing"),
    ],
)
def test_a_next_update_that_nobody_can_hold_us_to_is_an_error(announcement, rule):
    assert rule in rules(read(f"{PLAIN} {announcement}"))


@pytest.mark.parametrize(
    ("announcement", "instant"),
    [
        ("Next update: 14:30 UTC", "14:30"),
        ("Next update at 3:30 pm CET.", "14:30"),
        ("The next update comes in 30 minutes.", "14:40"),
        ("We will provide another update within the next 30 minutes.", "14:40"),
        ("By 15:00 UTC we will send another update.", "15:00"),
        ("We'll be back with more information at 2026-11-21 15:15 UTC.", "15:15"),
        ("## Next update\n\n21 November 2026, 15:30 UTC", "15:30"),
        ("Updates follow every 20 minutes.", "14:30"),
        ("You will hear from us again by 16:00 CET, or sooner if the state changes.", "15:00"),
        ("Next update: Nov. 21, 15:00 UTC.", "15:00"),
        ("We expect to provide another update within the next hour.", "15:10"),
        ("We will update you on the fault that began at 14:02 UTC by 15:00 UTC.", "15:00"),
        ("Next update at 14:30 UTC, then every 20 minutes.", "14:30"),
        ("Expect our next message by 7:30 AM PT.", "15:30"),
        ("Please check back at 15:00 UTC.", "15:00"),
        ("We are investigating and will provide an update within 30 minutes.", "14:40"),
        ("Our team will provide an update by 4 pm CET.", "15:00"),
        ("Next update between 14:30 and 15:00 UTC.", "15:00"),
        ("The next update comes in 30-60 minutes.", "15:10"),
        ("Next update in 1:30 h.", "15:40"),
        ("Next update: 14:40 UTC (15:40 CET).", "14:40"),
        ("Next update at 15:40 CET / 9:40 AM EST.", "14:40"),
    ],
)
def test_a_named_time_becomes_a_promise_to_the_minute(announcement, instant):
    found = read(f"{PLAIN}{chr(10)}{announcement}")
    assert f"{found.next_update_at:%H:%M}" == instant
    assert "next_update_twice" not in rules(found)


@pytest.mark.parametrize(
    ("announcement", "words"),
    [
        ("The next update comes in 30-60 minutes.", "in 30-60 minutes"),
        ("Next update between 14:30 and 15:00 UTC.", "between 14:30 and 15:00 UTC"),
        ("Next update 14:30-15:00 UTC.", "14:30-15:00 UTC"),
    ],
)
def test_of_a_range_the_later_end_is_promised_and_the_range_is_marked(announcement, words):
    text = f"{PLAIN} {announcement}"
    found = read(text)
    assert [text[f.start : f.end] for f in found.findings if f.rule == "next_update_range"] == [words]
    assert found.errors == ()


def test_other_times_are_no_promise():
    text = "Last update: 14:05 UTC. We moved the payments at 14:20 UTC. Full recovery may take two hours."
    assert read(text).next_update_at is None


def test_the_text_and_the_update_must_announce_the_same_time():
    text = f"{PLAIN} {CLOSE}"
    assert "next_update_differs" in rules(read(text, next_update_at=AT))
    assert "next_update_differs" not in rules(read(text, next_update_at=datetime(2026, 11, 21, 14, 40, 30, tzinfo=UTC)))
    late = "Next update at 23:00 UTC."
    assert "next_update_late" in rules(read(f"{PLAIN} {late}", severity=1), Mark.WARNING)
