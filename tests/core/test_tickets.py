"""Tickets as other programs export them: understood by any of their columns' names, whatever the cells hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.tickets import NAMES, Fault, Written, fields, understand

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ROW = {"id": "7", "email": "bo@corp.example", "text": "Hello"}
CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.dictionaries(
    st.sampled_from([*(name for names in NAMES.values() for name in names), "fields", "other"]), CELLS, max_size=9
)


def at(text: str) -> datetime | None:
    found = understand({**ROW, "created": text}, line=1, zone="Europe/Berlin", now=NOW)
    return found.at if isinstance(found, Written) else None


@given(ROWS)
def test_any_row_is_a_ticket_or_a_fault_that_says_how_to_mend_it(row):
    found = understand(row, line=3, zone="Europe/Berlin", now=NOW)
    if isinstance(found, Fault):
        assert found.line == 3
        assert found.what.endswith(".")
        assert found.fix.endswith(".")
        return
    assert 0 < len(found.reference) <= 120
    assert found.requester or found.customer
    assert found.at <= NOW
    kept = found.reference + found.requester + found.customer + found.text
    assert "\x00" not in kept
    kept.encode()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00.000+0100", "2026-03-01T09:00:00Z"),
        ("2026-03-01 10:00:00", "2026-03-01T09:00:00Z"),  # in the organisation's zone
        ("2026-03-01 10:00:00 UTC", "2026-03-01T10:00:00Z"),
        ("01/Mar/26 3:04 PM", "2026-03-01T14:04:00Z"),
        ("01.03.2026 10:00", "2026-03-01T09:00:00Z"),
        ("1772359200000", "2026-03-01T10:00:00Z"),
        ("2026-12-01T00:00:00Z", "2026-11-20T10:00:00Z"),  # never in the future
        ("", "2026-11-20T10:00:00Z"),
    ],
)
def test_dates_are_read_as_help_desks_write_them(text, instant):
    assert at(text) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01", "9999-12-31T23:59:59Z", "2026-02-30", "99999999999999"])
def test_a_date_that_cannot_be_is_a_fault(text):
    assert at(text) is None


def test_columns_are_known_by_any_of_their_names():
    head = ["Ticket ID", "Requester E-mail Address", "Organisation name", "Summary", "First comment", "Created at"]
    assert set(fields(head)) == set(NAMES)
    assert fields(["Nothing", "of", "it"]) == {}


def test_jira_keeps_its_fields_inside_and_people_as_objects():
    row = {"key": "A-1", "fields": {"summary": "Down", "reporter": {"emailAddress": "Bo@Corp.example"}}}
    found = understand(row, line=1, zone="UTC", now=NOW)
    assert isinstance(found, Written)
    assert (found.reference, found.requester, found.text) == ("A-1", "bo@corp.example", "Down")
