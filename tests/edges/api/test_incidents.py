"""A script declares an incident, reads it, and moves it on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from antiphon.actions import closing, incidents
from antiphon.core.decision import Actor
from antiphon.core.incidents import STABLE_FOR
from antiphon.db.models import Escalation, Incident
from tests.edges.api.house import ANN, NOW, Caller, declared

PERSON = Actor("person", "ann", "responder")
DECLARATION = {
    "title": "Checkout is down",
    "severity": "SEV2",
    "type": "disruption",
    "area": "payments",
    "entities": ["checkout"],
    "started_at": "2026-03-02T09:50:00+01:00",
}


def test_a_declared_incident_is_shown_whole_at_once():
    status, made = Caller().post("incidents", DECLARATION | {"colour": "red"})
    assert status == 201
    assert made["ignored"] == ["colour"]
    assert (made["number"], made["severity"], made["sev"]) == (1, "SEV2", 2)
    assert (made["nature"], made["type"], made["area"]) == ("real", "disruption", "payments")
    assert (made["detected_at"], made["declared_at"]) == ("2026-03-02T08:50:00Z", "2026-03-02T09:00:00Z")
    assert made["verdict"]["kind"] == "both"
    assert [answer["number"] for answer in made["verdict"]["answers"]] == [1, 2, 3, 4, 5, 6]
    first = made["verdict"]["answers"][0]
    assert first["answer"] == "yes"
    assert first["evidence"][0]["source"] == "entity:checkout"
    assert [(track["kind"], track["state"]) for track in made["tracks"]] == [
        ("technical", "open"),
        ("business", "open"),
    ]
    assert {promise["state"] for promise in made["promises"]} == {"open"}
    assert all(promise["due_at"].endswith("Z") for promise in made["promises"])
    assert made["entities"] == ["checkout"]
    del made["ignored"]
    assert Caller("viewer").get("incidents/1") == (200, made)
    assert Caller("viewer").get("incidents") == (200, {"items": [made], "next": None})


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"severity": 7}, "severity", "There is no SEV7"),
        ({"severity": "bad"}, "severity", "integer"),
        ({"title": " "}, "title", "Give the incident a title"),
        ({"title": "x" * 301}, "title", "longer than 300"),
        ({"title": "a\x00b"}, "title", "NUL"),
        ({"type": "riot"}, "type", "“riot” is not a type"),
        ({"nature": "dream"}, "nature", "“dream” is not a nature"),
        ({"entities": ["unheard-of"]}, "entities", "The catalog knows no unheard-of"),
        ({"started_at": "2026-03-02T09:50:00"}, "started_at", "zone"),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at", "no instant to work with"),
    ],
)
def test_what_does_not_fit_is_said_with_its_field_and_nothing_is_written(change, field, says):
    status, body = Caller().post("incidents", DECLARATION | change)
    assert (status, body["error"]["field"]) == (422, field)
    assert says in body["error"]["sentence"]
    assert not Incident.objects.exists()


def test_everything_missing_is_said_at_once():
    status, body = Caller().post("incidents", {})
    assert (status, body["error"]["sentence"]) == (422, "Give “title”. Give “severity”. Give “type”.")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"title": ', "line 1, column 11"),
        (b'{"title": "\xff"}', "byte 11"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_wrong_json_is_said_with_its_place(body: bytes, says: str):
    status, answer = Caller().send("POST", "incidents", body)
    assert status == 400
    assert says in answer["error"]["sentence"]


def test_a_body_too_large_is_refused():
    assert Caller().send("POST", "incidents", b'"' + b"x" * 3_000_000 + b'"')[0] == 413


@pytest.mark.parametrize("path", ["incidents/2", "incidents/zero", "incidents/0", f"incidents/{10**30}", "nowhere", ""])
def test_what_is_not_there_is_404_in_the_same_shape(path: str):
    declared()
    status, body = Caller().get(path)
    assert (status, set(body["error"])) == (404, {"sentence", "field"})


def test_another_method_is_405_in_the_same_shape():
    status, body = Caller().send("DELETE", "incidents")
    assert (status, body["error"]["sentence"]) == (
        405,
        "This address does not take DELETE; it takes GET, POST.",
    )


def test_head_is_get_without_the_body():
    declared()
    client = Client(headers={"authorization": "Bearer viewer"})
    get, head = client.get("/api/v1/incidents"), client.head("/api/v1/incidents")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == get["Content-Type"]
    assert client.head("/api/v1/incidents/1/notes").status_code == 405


def test_the_list_is_filtered_and_paged():
    for n in range(5):
        declared(f"Fault {n}", severity=1 + n % 2, entities=["checkout"] if n else ["mysql-cluster-03"])
    numbers = lambda **query: [each["number"] for each in Caller().get("incidents", **query)[1]["items"]]  # noqa: E731
    assert numbers() == [5, 4, 3, 2, 1]
    assert numbers(severity="SEV2") == [4, 2]
    assert numbers(severity=[1, 2], state="triage") == [5, 4, 3, 2, 1]
    assert numbers(state="closed") == []
    assert numbers(q="fault 3") == [4]
    assert numbers(q="mysql") == [1]
    assert numbers(q="#2") == [2]
    assert Caller().get("incidents", state="asleep")[0] == 422
    page = Caller().get("incidents", limit=2)[1]
    assert ([each["number"] for each in page["items"]], page["next"]) == ([5, 4], 4)
    assert numbers(limit=3, cursor=4) == [3, 2, 1]
    assert Caller().get("incidents", limit=3, cursor=4)[1]["next"] is None


def test_fifty_incidents_cost_no_more_statements_than_two():
    for n in range(50):
        declared(f"Fault {n}", severity=4)
    with CaptureQueriesContext(connection) as few:
        assert len(Caller().get("incidents", limit=2)[1]["items"]) == 2
    with CaptureQueriesContext(connection) as many:
        assert len(Caller().get("incidents", limit=50)[1]["items"]) == 50
    assert len(many) == len(few) <= 12


def test_acknowledging_takes_a_person_and_stops_the_paging():
    declared()
    status, body = Caller().post("incidents/1/acknowledge", {})
    assert (status, body["error"]["field"]) == (422, "on_behalf_of")
    status, body = Caller().post("incidents/1/acknowledge", {"on_behalf_of": ANN.upper()})
    assert (status, body["acknowledged"]) == (200, True)
    assert Escalation.objects.get(track="technical").state == "acknowledged"
    assert Caller().post("incidents/1/acknowledge", {"on_behalf_of": ANN})[1]["acknowledged"] is False


def test_the_way_to_closed_with_each_gate_that_is_not_passed():
    made = declared(nature="drill", entities=["lab"], severity=4)
    call = Caller("admin")
    assert call.post("incidents/1/stage", {"stage": "asleep"})[0] == 422
    assert call.post("incidents/1/stage", {"stage": "monitoring"})[1]["state"] == "monitoring"
    status, body = call.post("incidents/1/resolve", {"how": "restarted", "verified": "by orders"})
    assert (status, body["error"]["field"]) == (409, "stable")
    incidents.step(made.pk, now=NOW + STABLE_FOR)
    status, body = call.post("incidents/1/resolve", {"how": " ", "verified": "by orders"})
    assert (status, body["error"]["field"]) == (422, "how")
    status, body = call.post("incidents/1/resolve", {"how": "restarted", "verified": "by orders"})
    assert (status, body["state"], body["how"]) == (200, "resolved", "restarted")
    status, body = call.post("incidents/1/close", {})
    assert (status, body["error"]["field"]) == (409, "changes")
    incidents.record_change(incident=made.uid, title="Restarted it.", effect="", actor=PERSON, now=NOW)
    status, body = call.post("incidents/1/close", {"why": "done"})
    assert (status, body["state"], body["ignored"]) == (200, "closed", ["why"])


def test_closing_takes_no_body_at_all():
    made = declared(nature="test", severity=5, entities=["mysql-cluster-03"])
    assert not closing.cancel(incident=made.uid, reason="a test", actor=PERSON, now=NOW + timedelta(minutes=1))
    status, body = Caller().send("POST", "incidents/1/close")
    assert (status, body["error"]["sentence"]) == (409, "The incident is cancelled: declare a new one and link it.")
