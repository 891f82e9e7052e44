"""What holds for every alert format: a new file in `ingest/` with its payloads is tested here."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.core.observations import State, Unreadable, believable, map_severity
from antiphon.db.fields import to_micros
from antiphon.ingest import alertmanager, formats, pagerduty

NOW = to_micros(datetime(2026, 5, 4, 10, 1, tzinfo=UTC))
FOLDER = Path(__file__).parent
FIRING = sorted(FOLDER.glob("*/*.firing.json"))
MINUTE = 60_000_000


def parse(path):
    return formats()[path.parent.name].parse(path.read_bytes(), now=NOW)


def test_every_format_has_recorded_payloads():
    assert {path.parent.name for path in FIRING} == set(formats())


@pytest.mark.parametrize("path", FIRING, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_firing_and_resolved_share_a_fingerprint(path):
    [fired] = parse(path)
    [resolved] = parse(path.with_name(path.name.replace("firing", "resolved")))
    assert (fired.state, resolved.state) == (State.FIRING, State.RESOLVED)
    assert fired.read().fingerprint == resolved.read().fingerprint
    assert fired.read().title


def spoiled(bodies):
    """Cut, spliced, nested and corrupted variants of real payloads."""
    body = st.sampled_from(bodies)
    places = st.integers(0, 10_000)
    cut = st.builds(lambda b, at: b[: at % len(b)], body, places)
    spliced = st.builds(
        lambda b, at, junk: b[: at % len(b)] + junk + b[at % len(b) :], body, places, st.binary(max_size=9)
    )
    odd = st.sampled_from([b"null", b"1", b"[[]]", b'{"a":', b"[" * 99_999, b'"\\ud800"', b"\xff", b"{}", b"[{}]"])
    swapped = st.builds(_swap, body, st.sampled_from([None, 1, "", [], {}, "x" * 9999, -1e308]))
    return st.one_of(cut, spliced, odd, swapped)


def _swap(body, value):
    said = json.loads(body)
    target = said[0] if isinstance(said, list) else said
    for name in list(target):
        target[name] = value
        break
    return json.dumps(said).encode()


@pytest.mark.parametrize("kind", sorted(formats()))
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_hostile_bytes_raise_only_unreadable(kind, data):
    bodies = [path.read_bytes() for path in FIRING if path.parent.name == kind]
    try:
        for observation in formats()[kind].parse(data.draw(spoiled(bodies)), now=NOW):
            observation.read()
    except Unreadable:
        pass


def one(**alert):
    [said] = alertmanager.parse(json.dumps([alert]).encode(), now=NOW)
    return said


def test_an_end_in_the_future_is_not_a_resolve_and_no_end_lasts_five_minutes():
    assert one(labels={"a": "b"}, endsAt="2026-05-04T10:01:00.000001Z").state == State.FIRING
    assert one(labels={"a": "b"}, endsAt="2026-05-04T10:01:00Z").state == State.RESOLVED
    assert one(labels={"a": "b"}).ends_at == NOW + 5 * MINUTE


def test_unknown_fields_and_odd_values_are_kept():
    read = one(labels={"a": "b", "n": 7, "gone": None, "empty": ""}, silenceURL="http://s", values={"B": 2.5}).read()
    assert read.labels == {"a": "b", "n": "7"}
    assert json.loads(read.extra) == {"silenceURL": "http://s", "values": {"B": 2.5}}
    assert "n" in read.note


def test_one_unreadable_alert_leaves_the_others_of_its_request():
    good, bad = alertmanager.parse(b'[{"labels":{"a":"b"}},{"labels":{}}]', now=NOW)
    assert good.read().labels == {"a": "b"}
    with pytest.raises(Unreadable, match="alert 1: at least one label pair required"):
        bad.read()


def test_a_clock_that_is_off_is_noted():
    assert "in the future; taken as now" in one(labels={"a": "b"}, startsAt="2026-05-04T13:01:00Z").read().note
    assert believable(NOW + 3 * 60 * MINUTE, None, now=NOW) == (NOW, "startsAt was 3 h in the future; taken as now.")
    assert believable(NOW - 30_000_000, None, now=NOW) == (NOW - 30_000_000, "")


def test_severity_words_map_by_the_senders_own_table_first():
    assert map_severity("P1", {"p1": "critical"}) == ("critical", "")
    assert map_severity("page", {}) == ("critical", "")
    word, note = map_severity("purple", {})
    assert word == "warning"
    assert "purple" in note


def test_a_trigger_without_a_key_gets_the_same_key_whenever_these_bytes_are_read_again():
    body = b'{"event_action":"trigger","payload":{"summary":"s","source":"h","severity":"info"}}'
    [first], [again] = pagerduty.parse(body, now=NOW), pagerduty.parse(body, now=NOW)
    assert pagerduty.dedup_key(first) == pagerduty.dedup_key(again)
    [later] = pagerduty.parse(body, now=NOW + 1)
    assert pagerduty.dedup_key(first) != pagerduty.dedup_key(later)


@pytest.mark.parametrize(
    ("event", "where"),
    [
        ({"event_action": "open"}, "event_action"),
        ({"event_action": "resolve"}, "dedup_key"),
        ({"event_action": "trigger"}, "payload"),
        ({"event_action": "trigger", "payload": {"summary": "s", "source": "h"}}, "payload.severity"),
        ({"event_action": "resolve", "dedup_key": "x" * 256}, "dedup_key"),
    ],
)
def test_a_bad_event_names_its_place(event, where):
    with pytest.raises(Unreadable) as caught:
        pagerduty.parse(json.dumps(event).encode(), now=NOW)
    assert caught.value.where == where
