"""When somebody's copy waits for a digest: never what is urgent, never for longer than was promised."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audiences import OUTSIDE, Audience, Moment
from antiphon.core.digest import MARGIN, Heard, Pace, Saying, urgent, waits_until

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
PACE = Pace()
minutes = st.integers(-120, 240).map(lambda count: NOW + timedelta(minutes=count))
sayings = st.builds(
    Saying,
    incident=st.integers(1, 4),
    audience=st.sampled_from(list(Audience)),
    moment=st.sampled_from(list(Moment)),
    severity=st.integers(1, 5),
    legal=st.booleans(),
    due_by=st.none() | minutes,
)
heards = st.builds(
    Heard,
    messages=st.integers(0, 9),
    last_at=st.none() | st.integers(-60, 0).map(lambda count: NOW + timedelta(minutes=count)),
    incidents=st.frozensets(st.integers(1, 4)),
    waits_until=st.none() | st.integers(1, 60).map(lambda count: NOW + timedelta(minutes=count)),
)
paces = st.builds(Pace, messages=st.integers(0, 5), minutes=st.integers(1, 90))


@given(sayings, heards, paces)
def test_what_is_urgent_never_waits_and_nothing_waits_past_its_promise(saying, heard, pace):
    until = waits_until(saying, heard, pace, now=NOW)
    if saying.legal or saying.audience not in OUTSIDE or not pace.messages:
        assert until is None
    if saying.severity == 1 and saying.moment in (Moment.FIRST_WORD, Moment.HOLDING):
        assert until is None
    if until is not None:
        assert until > NOW
        assert saying.due_by is None or until <= saying.due_by - MARGIN
        assert heard.waits_until is not None or until <= NOW + pace.window
        assert not urgent(saying, pace)


@given(sayings, heards)
def test_whoever_heard_little_or_of_one_incident_alone_waits_for_nothing(saying, heard):
    calm = Heard(messages=min(heard.messages, PACE.messages - 1), last_at=heard.last_at, incidents=heard.incidents)
    assert waits_until(saying, calm, PACE, now=NOW) is None
    one = Heard(messages=9, last_at=NOW, incidents=frozenset({saying.incident}))
    assert waits_until(saying, one, PACE, now=NOW) is None


def _saying(**known) -> Saying:
    usual = {"incident": 4, "audience": "business", "moment": "progress", "severity": 2, "legal": False, "due_by": None}
    return Saying(**{**usual, **known})


MANY = Heard(messages=3, last_at=NOW - timedelta(minutes=10), incidents=frozenset({1, 2, 3}))


@pytest.mark.parametrize(
    ("saying", "heard", "wait"),
    [
        (_saying(), MANY, 20),
        (_saying(moment="resolution"), MANY, 20),
        (_saying(moment="first_word", severity=2), MANY, 20),
        (_saying(moment="first_word", severity=1), MANY, None),
        (_saying(legal=True), MANY, None),
        (_saying(due_by=NOW + timedelta(minutes=8)), MANY, 7),
        (_saying(due_by=NOW - timedelta(minutes=1)), MANY, None),
        (_saying(), Heard(waits_until=NOW + timedelta(minutes=3)), 3),
        (_saying(audience="legal"), MANY, None),
    ],
)
def test_examples(saying, heard, wait):
    until = waits_until(saying, heard, PACE, now=NOW)
    assert until == (None if wait is None else NOW + timedelta(minutes=wait))


@pytest.mark.parametrize("kept", [{}, {"digest": 7}, {"digest": {"messages": "many"}}, {"digest": {"minutes": None}}])
def test_settings_that_cannot_be_read_are_the_usual(kept):
    assert Pace.of(kept) == PACE
    assert Pace.of({"digest": {"messages": 5}}) == Pace(messages=5)
