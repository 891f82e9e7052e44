"""What scripts read beside incidents, and the facts and answers they give."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antiphon.actions import updates
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Alert, Person, Rota, RotaOverride
from antiphon.queries import alerts
from tests.edges.api.house import ANN, NOW, Caller, alerted, declared, grouped


def test_the_verdict_shows_evidence_confidence_and_how_it_came_to_be():
    declared(entities=["mysql-cluster-03"])
    status, verdict = Caller("viewer").get("incidents/1/verdict")
    assert status == 200
    assert verdict["kind"] == "both"
    strategic = verdict["answers"][4]
    assert (strategic["number"], strategic["answer"], strategic["by"]) == (5, "yes", "catalog")
    assert strategic["evidence"][0]["source"] == "entity:bo-corp"
    assert strategic["question"].endswith("?")
    assert 0 < strategic["confidence"] <= 1
    assert [each["kind"] for each in verdict["history"]] == ["verdict.reached"]


def test_a_person_overrides_the_verdict_with_a_reason():
    declared()
    status, body = Caller().post("incidents/1/verdict/override", {"kind": "technical", "reason": ""})
    assert (status, body["error"]["field"]) == (422, "reason")
    status, body = Caller().post("incidents/1/verdict/override", {"kind": "technical", "reason": "A lab.", "who": "me"})
    assert (status, body["kind"], body["pinned"], body["ignored"]) == (200, "technical", True, ["who"])
    assert body["override"]["reason"] == "A lab."
    assert [(each["before"], each["after"]) for each in body["history"]] == [
        ("", "both"),
        ("both", "technical"),
    ]


def test_an_answer_needs_a_person_behind_it():
    declared()
    given = {"number": 4, "answer": "yes", "reason": "Personal data leaked."}
    status, body = Caller().post("incidents/1/verdict/answers", given | {"on_behalf_of": "nobody@antiphon.example"})
    assert (status, body["error"]["field"]) == (422, "on_behalf_of")
    status, body = Caller().post("incidents/1/verdict/answers", given | {"on_behalf_of": ANN, "answer": "perhaps"})
    assert (status, body["error"]["field"]) == (422, "answer")
    status, body = Caller().post("incidents/1/verdict/answers", given | {"on_behalf_of": ANN})
    assert status == 200
    assert body["answers"][3]["answer"] == "yes"
    assert body["answers"][3]["evidence"][0] == {"source": "person", "text": "Personal data leaked."}


def test_facts_are_entered_corrected_and_listed():
    declared()
    status, body = Caller().post("incidents/1/facts", {"name": "symptoms", "text": "Paying fails.", "mood": "bad"})
    assert (status, body["ignored"]) == (201, ["mood"])
    first = body["items"][0]
    assert (first["name"], first["confidence"], "business" in first["audiences"]) == ("symptoms", "confirmed", True)
    status, body = Caller().post("incidents/1/facts", {"corrects": first["uid"], "text": "Paying fails by card."})
    assert status == 201
    assert [bool(each["superseded_by"]) for each in body["items"]] == [True, False]
    assert Caller("viewer").get("incidents/1/facts") == (200, {"items": body["items"]})
    status, body = Caller().post("incidents/1/facts", {"name": "gossip", "text": "Who knows."})
    assert (status, body["error"]["field"]) == (422, "name")
    status, body = Caller().post("incidents/1/facts", {"name": "symptoms", "text": "x", "audiences": ["press"]})
    assert (status, body["error"]["field"]) == (422, "audiences")


def test_the_timeline_is_read_in_steps():
    declared()
    status, whole = Caller("viewer").get("incidents/1/timeline")
    assert status == 200
    assert [each["seq"] for each in whole["items"]] == list(range(1, len(whole["items"]) + 1))
    first = whole["items"][0]
    assert (first["kind"], first["at"], first["body"]["severity"]) == ("incident.declared", "2026-03-02T09:00:00Z", 2)
    assert first["sentence"].startswith("Declared SEV2: Checkout is down.")
    step = Caller("viewer").get("incidents/1/timeline", limit=3)[1]
    assert (len(step["items"]), step["next"]) == (3, 3)
    rest = Caller("viewer").get("incidents/1/timeline", after=3)[1]
    assert (step["items"] + rest["items"], rest["next"]) == (whole["items"], None)


def test_promises_and_updates_show_what_each_audience_reads():
    made = declared()
    promised = Caller("viewer").get("incidents/1/promises")[1]["items"]
    assert {"technical", "business"} <= {each["audience"] for each in promised}
    assert promised == Caller("viewer").get("incidents/1")[1]["promises"]
    Caller().post("incidents/1/facts", {"name": "symptoms", "text": "Paying fails for about one customer in ten."})
    ann = Person.objects.get(email=ANN)
    drafted = updates.draft(
        incident=made.uid,
        moment="first_word",
        actor=Actor("person", ann.uid, "responder"),
        now=NOW,
        audiences=["business"],
    )
    assert not isinstance(drafted, Refusal), drafted
    status, body = Caller("viewer").get("incidents/1/updates")
    assert status == 200
    (update,) = body["items"]
    (version,) = update["versions"]
    assert (update["state"], update["moment"], version["audience"]) == ("draft", "first_word", "business")
    assert version["approval"] is None
    assert version["digest"]


def test_alerts_show_why_nothing_opened():
    held = grouped("held", "true for 2 of 30 minutes")
    opened = grouped("declared", "declared", incident=declared())
    alerted("Disk full", group=held)
    alerted("Checkout 5xx", group=opened)
    alerted("Old", state=Alert.State.RESOLVED)
    call = Caller("viewer")
    titles = lambda **query: [each["title"] for each in call.get("alerts", **query)[1]["items"]]  # noqa: E731
    assert titles() == ["Old", "Checkout 5xx", "Disk full"]
    assert titles(state="firing") == ["Checkout 5xx", "Disk full"]
    assert titles(group_state="held") == ["Disk full"]
    assert titles(incident=1) == titles(q="5XX") == ["Checkout 5xx"]
    assert titles(integration="prometheus", severity="critical", limit=1) == ["Old"]
    first = call.get("alerts", limit=1)[1]
    assert titles(cursor=first["next"]) == ["Checkout 5xx", "Disk full"]
    seen = call.get("alerts", group_state="held")[1]["items"][0]
    assert (seen["state"], seen["labels"], seen["count"]) == ("firing", {"alertname": "Disk full"}, 1)
    assert (seen["group"]["state"], seen["group"]["reason"]) == ("held", "true for 2 of 30 minutes")
    assert (seen["group"]["rule"], seen["group"]["incident"]) == ("databases", None)
    assert call.get("alerts", q="Old")[1]["items"][0]["group"] is None
    assert call.get("alerts", incident=1)[1]["items"][0]["group"]["incident"] == 1


def test_an_alert_of_a_restricted_incident_does_not_name_it():
    made = declared()
    made.restricted = True
    made.save()
    alerted("Payroll", group=grouped("declared", "on payroll", incident=made))
    seen = Caller("viewer").get("alerts")[1]["items"][0]["group"]
    assert (seen["incident"], seen["reason"]) == (None, "Part of an incident that is restricted to others.")
    assert Caller("viewer").get("alerts", incident=1)[1]["items"] == []
    assert Caller("admin").get("alerts", incident=1)[1]["items"][0]["group"]["reason"] == "on payroll"


def test_alerts_cost_the_same_statements_however_many():
    group = grouped("held", "true for 2 of 30 minutes")
    for n in range(30):
        alerted(f"Disk {n} full", group=group)
    with CaptureQueriesContext(connection) as queries:
        assert len(Caller("viewer").get("alerts")[1]["items"]) == 30
    assert len(queries) <= 6


def test_a_search_of_alerts_goes_on_in_stretches_to_the_last(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(alerts, "LOOKED_AT", 2)
    for n in range(5):
        alerted(f"Disk {n} full")
    call = Caller("viewer")
    cursor: dict[str, Any] = {}
    pages: list[list[str]] = []
    while not pages or cursor["cursor"] is not None:
        page = call.get("alerts", q="disk 0", **cursor)[1]
        pages.append([each["title"] for each in page["items"]])
        cursor = {"cursor": page["next"]}
    assert pages[:2] == [[], []]
    assert [title for page in pages for title in page] == ["Disk 0 full"]
    assert len(call.get("alerts", q="disk", state="firing")[1]["items"]) == 5, "of the open ones there is an index"


def test_the_catalog_is_found_by_kind_and_words():
    call = Caller("viewer")
    names = lambda **query: [each["name"] for each in call.get("entities", **query)[1]["items"]]  # noqa: E731
    assert names() == ["bo-corp", "checkout", "lab", "mysql-cluster-03"]
    assert names(kind="customer") == names(q="BO-") == ["bo-corp"]
    page = call.get("entities", limit=2)[1]
    assert (page["next"], names(cursor="checkout")) == ("checkout", ["lab", "mysql-cluster-03"])
    status, shop = call.get("entities/checkout")
    assert (status, shop["customer_facing"], shop["revenue_per_minute"], shop["tier"]) == (200, True, 120.0, None)
    assert {(link["source"], link["kind"], link["target"]) for link in shop["links"]} == {
        ("checkout", "depends_on", "mysql-cluster-03"),
        ("bo-corp", "contracted_for", "checkout"),
    }
    assert [(each["name"], each["resolution_minutes"]) for each in shop["contracts"]] == [("gold", 60)]
    status, body = call.get("entities/team/x y")
    assert (status, body["error"]["sentence"]) == (404, "The catalog knows no team/x y.")


def test_on_call_says_who_has_duty_now_or_then():
    ben = Person.objects.create(email="ben@antiphon.example", name="Ben")
    RotaOverride.objects.create(
        rota=Rota.objects.get(), person=ben, starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=2)
    )
    status, body = Caller("viewer").get("on-call")
    assert (status, body["at"]) == (200, "2026-03-02T09:00:00Z")
    (shift,) = body["items"][0]["shifts"]
    assert (shift["person"]["name"], shift["end"], shift["override"]) == ("Ann", "2026-03-02T10:00:00Z", False)
    later = Caller("viewer").get("on-call", at="2026-03-02T11:30:00+01:00")[1]
    (shift,) = later["items"][0]["shifts"]
    assert (shift["person"]["email"], shift["override"]) == ("ben@antiphon.example", True)
    assert Caller("viewer").get("on-call", at="tomorrow")[0] == 422


def test_each_answer_has_its_history():
    declared(entities=["mysql-cluster-03"])
    given = {"number": 5, "answer": "no", "reason": "They moved away.", "on_behalf_of": ANN}
    assert Caller().post("incidents/1/verdict/answers", given)[0] == 200
    _, verdict = Caller("viewer").get("incidents/1/verdict")
    strategic = verdict["answers"][4]
    assert (strategic["disputed"], strategic["program"], strategic["answer"]) == (True, "yes", "no")
    assert [each["answer"] for each in strategic["history"]] == ["yes", "no"]
    assert strategic["history"][1]["evidence"][0] == {"source": "person", "text": "They moved away."}
    assert strategic["history"][0]["seq"] < strategic["history"][1]["seq"]
    assert len(verdict["answers"][3]["history"]) == 1
    assert "finance" in verdict["nobody_holds"]
