"""Times, durations and promises as people read them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from antiphon.web import show

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Promise:
    opened_at: datetime
    due_at: datetime
    state: str = "open"


def promise(opened: int, due: int, state: str = "open") -> Promise:
    """A promise by minutes from NOW."""
    return Promise(NOW + timedelta(minutes=opened), NOW + timedelta(minutes=due), state)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (38 * 60, "38 min"),
        (90 * 60, "1 h 30 min"),
        (3 * 3600, "3 h"),
        (76 * 3600, "3 d 4 h"),
        (-300, "5 min"),
    ],
)
def test_a_duration_is_said_in_the_unit_people_say(seconds: int, words: str):
    assert show.duration(timedelta(seconds=seconds)) == words


def test_a_time_is_utc_with_the_readers_zone_beside_it():
    at = NOW + timedelta(minutes=30)
    assert show.absolute(at, now=NOW) == "14:30 UTC"
    assert show.absolute(at + timedelta(days=1), now=NOW) == "2026-03-05 14:30 UTC"
    assert show.everywhere(at, zone=ZoneInfo("Europe/Berlin")) == "2026-03-04 14:30:00 UTC · 15:30 Europe/Berlin"
    assert show.everywhere(at, zone=UTC) == "2026-03-04 14:30:00 UTC"


@pytest.mark.parametrize(
    ("given", "tone", "left", "words"),
    [
        (promise(-30, 30), "open", 50, "in 30 min"),
        (promise(-49, 13), "open", 21, "in 13 min"),
        (promise(-48, 12), "closing", 20, "in 12 min"),
        (promise(-60, 0), "overdue", 0, "0 s overdue"),
        (promise(-60, -4), "overdue", 0, "4 min overdue"),
        (promise(-60, -4, "broken"), "overdue", 0, "4 min overdue"),
        (promise(-60, -4, "kept"), "kept", 0, "kept"),
        (promise(-60, 5, "released"), "released", 0, "no longer needed"),
        (promise(0, 0), "overdue", 0, "0 s overdue"),
    ],
)
def test_a_promise_empties_turns_amber_in_its_last_fifth_then_red(given: Promise, tone: str, left: float, words: str):
    ring = show.ring(given, now=NOW)
    assert (ring.tone, round(ring.left), ring.words) == (tone, left, words)
