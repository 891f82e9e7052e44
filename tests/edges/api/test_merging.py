"""A script merges an incident into another."""

from typing import Any

import pytest

from antiphon.actions import closing
from antiphon.core.decision import Actor
from antiphon.db import record
from antiphon.db.models import Event, Incident
from tests.edges.api.house import NOW, Caller, declared

WHY = "Both are the same outage."


def merge(into: Any, *, number: int = 1, **words: Any) -> tuple[int, Any]:
    return Caller().post(f"incidents/{number}/merge", {"into": into, "reason": WHY, **words})


def test_a_merged_incident_names_the_one_that_goes_on_and_is_named_by_it():
    first, second = declared(), declared("Orders fail")
    status, body = merge(2, shoe=1)
    assert (status, body["state"], body["merged_into"], body["merged"]) == (200, "merged", 2, [])
    assert (body["ignored"], body["cancelled_at"]) == (["shoe"], "2026-03-02T09:00:00Z")
    del body["ignored"]
    assert Caller("viewer").get("incidents/1") == (200, body)
    status, body = Caller("viewer").get("incidents/2")
    assert (body["state"], body["merged_into"], body["merged"]) == ("triage", None, [1])
    both = Caller("viewer").get("incidents")[1]["items"]
    assert [(each["number"], each["merged_into"], each["merged"]) for each in both] == [(2, None, [1]), (1, 2, [])]
    for incident in (first, second):
        stream = record.incident_stream(incident.uid)
        assert any(WHY in one.event.sentence() for one in record.read(stream))


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"into": 1}, "into", "cannot be merged into itself"),
        ({"into": 9}, "into", "There is no incident #9"),
        ({"into": 0}, "into", "greater than or equal to 1"),
        ({"into": 2**31}, "into", "less than or equal to"),
        ({"into": "two"}, "into", "integer"),
        ({"into": None}, "into", "integer"),
        ({"into": 3}, "into", "#3 is cancelled"),
        ({"into": 4}, "into", "these never become one"),
        ({"reason": " "}, "reason", "Say why"),
        ({"reason": "a\x00b"}, "reason", "NUL"),
        ({"reason": "x" * 20_001}, "reason", "longer than"),
    ],
)
def test_what_does_not_fit_is_said_with_its_field_and_nothing_is_written(change, field, says):
    declared()
    declared("Orders fail")
    over = declared("A false alarm")
    declared("A drill", nature="drill")
    closing.cancel(incident=over.uid, reason="None.", actor=Actor("person", "ann", "responder"), now=NOW)
    before = Event.objects.count()
    status, body = merge(**({"into": 2} | change))
    assert (status, body["error"]["field"]) == (422, field)
    assert says in body["error"]["sentence"]
    assert Event.objects.count() == before


def test_what_is_over_is_merged_no_more():
    declared()
    declared("Orders fail")
    assert merge(2)[0] == 200
    status, body = merge(2)
    assert (status, body["error"]["sentence"]) == (409, "The incident is merged: declare a new one and link it.")
    status, body = merge(1, number=2)
    assert (status, body["error"]["field"]) == (422, "into")
    assert merge(2, number=3)[0] == 404


def test_one_that_is_resolved_takes_nothing_in():
    declared()
    declared("Orders failed")
    Incident.objects.filter(number=2).update(resolved_at=NOW)
    status, body = merge(2)
    assert (status, body["error"]["sentence"]) == (422, "Incident #2 is resolved: choose one that goes on.")


def test_a_restricted_incident_is_named_to_admins_only():
    declared()
    declared("Board matter")
    Incident.objects.filter(number=2).update(restricted=True)
    status, body = merge(2)
    assert (status, body["error"]["sentence"].startswith("There is no incident #2")) == (422, True)
    assert Caller("admin").post("incidents/1/merge", {"into": 2, "reason": WHY})[0] == 200
    seen = {role: Caller(role).get("incidents/1")[1]["merged_into"] for role in ("responder", "admin")}
    assert seen == {"responder": None, "admin": 2}
