"""An update by scripts: drafted, read over and edited by a token; approved and sent by people who are signed in."""

import json
from typing import Any

import pytest
from django.test import Client

from antiphon.db.models import Delivery, Entity, Person, RoleAssignment, Update
from tests.edges.api.house import ANN, NOW, Caller, declared, entity

TEXT = (
    "Paying in the shop fails for about one customer in ten since 09:00 UTC; it was detected then. We expect that some "
    "payments keep failing until the load is moved. Next update at 09:40 UTC, or sooner if the state changes. "
    "Status page: https://status.example. Support: reply to this message."
)


class Browser:
    """Somebody who is signed in, as their browser calls: with cookie and CSRF token."""

    def __init__(self, email: str, role: str = "responder") -> None:
        self.person, _ = Person.objects.get_or_create(email=email, defaults={"name": email, "role": role})
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(self.person)
        self.client.cookies["csrftoken"] = "c" * 32

    def post(self, path: str, body: Any, *, csrf: bool = True) -> tuple[int, Any]:
        headers = {"X-CSRFToken": "c" * 32} if csrf else {}
        answer = self.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)
        return answer.status_code, answer.json()


def drafted(**words: Any) -> dict[str, Any]:
    """A draft with one business text that nothing is wrong with."""
    declared()
    status, update = Caller().post("incidents/1/updates", {"moment": "first_word", "audiences": ["business"], **words})
    assert status == 201, update
    address = f"incidents/1/updates/{update['uid']}/versions/business"
    words = {"subject": "Paying fails for some customers", "body": TEXT, "channels": {}}
    status, update = Caller().send("PUT", address, json.dumps(words))
    assert status == 200, update
    assert not [each for each in update["versions"][0]["findings"] if each["level"] == "error"]
    return dict(update)


def digests(update: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {"digests": {each["key"]: each["digest"] for each in update["versions"]}}


def test_people_approve_and_send_what_a_token_drafted_and_nobody_does_it_twice():
    update = drafted()
    at = f"incidents/1/updates/{update['uid']}"
    cora = Browser("cora@antiphon.example", "communicator")
    assert cora.post(f"{at}/publish", digests(update))[0] == 409
    assert (update["versions"][0]["given"], update["versions"][0]["needs"]) == ([], ["technical"])
    status, approved = Browser(ANN).post(f"{at}/approve", digests(update))
    assert (status, approved["state"]) == (200, "approved")
    assert (approved["versions"][0]["approval"]["by"], approved["versions"][0]["approval"]["holds"]) == ("Ann", True)
    assert approved["versions"][0]["given"] == [approved["versions"][0]["approval"]]
    assert approved["versions"][0]["needs"] == []
    status, sent = cora.post(f"{at}/publish", digests(update))
    assert (status, sent["state"], sent["next_update_at"]) == (200, "published", update["next_update_at"])
    mails = Delivery.objects.filter(purpose="update").count()
    status, again = cora.post(f"{at}/publish", digests(update))
    assert (status, again["error"]["sentence"]) == (409, "This update is published: prepare a new one.")
    assert Delivery.objects.filter(purpose="update").count() == mails


def test_a_changed_letter_is_neither_approved_nor_sent_by_what_was_read_before():
    update = drafted()
    at = f"incidents/1/updates/{update['uid']}"
    words = {"subject": "Paying fails for some customers", "body": TEXT.replace("one customer", "one buyer")}
    assert Caller().send("PUT", f"{at}/versions/business", json.dumps(words))[0] == 200
    status, body = Browser(ANN).post(f"{at}/approve", digests(update))
    assert (status, "changed since you read it" in body["error"]["sentence"]) == (409, True)
    status, body = Browser("ada@antiphon.example", "admin").post(f"{at}/publish", digests(update))
    assert (status, body["error"]["field"]) == (422, "digests")


def test_an_approval_is_taken_back_and_a_draft_put_away():
    update = drafted()
    at = f"incidents/1/updates/{update['uid']}"
    ann = Browser(ANN)
    ann.post(f"{at}/approve", digests(update))
    status, body = ann.post(f"{at}/revoke", {"key": "business", "reason": "A figure is wrong."})
    assert (status, body["state"], body["versions"][0]["approval"]) == (200, "draft", None)
    status, body = Caller().post(f"{at}/discard", {})
    assert (status, body["state"]) == (200, "discarded")
    assert Caller().post(f"{at}/ask", {})[0] == 409


def test_a_person_needs_the_role_and_a_page_of_ours_to_have_asked():
    update = drafted()
    at = f"incidents/1/updates/{update['uid']}"
    vic = Browser("vic@antiphon.example", "viewer")
    assert vic.post(f"{at}/approve", digests(update))[0] == 403
    status, body = Browser(ANN).post(f"{at}/approve", digests(update), csrf=False)
    assert (status, body["error"]["field"]) == (403, "X-CSRFToken")
    RoleAssignment.objects.create(
        incident=Update.objects.get(uid=update["uid"]).incident,
        person=vic.person,
        role="technical lead",
        assigned_at=NOW,
    )
    assert vic.post(f"{at}/approve", digests(update))[0] == 200
    assert Browser(ANN).post(f"{at}/approve", {"digests": {}})[0] == 422


def test_words_are_looked_over_without_being_kept():
    update = drafted()
    address = f"incidents/1/updates/{update['uid']}/versions/business"
    assert Caller().send("POST", f"{address}/lint")[0] == 200
    status, body = Caller().send("PUT", address, json.dumps({"subject": "Paying fails"}))
    assert (status, body["error"]) == (422, {"sentence": "Give “body”.", "field": "body"})
    status, body = Caller().send("PUT", address)
    assert (status, body["error"]["sentence"]) == (422, "Send a JSON object as the body.")
    status, body = Caller().post(f"{address}/lint", {})
    assert (status, body["next_update_at"]) == (200, "2026-03-02T09:40:00Z")
    status, body = Caller().post(f"{address}/lint", {"body": "Service is down. We are investigating.", "colour": "red"})
    assert {"empty_phrase", "next_update_missing"} <= {each["rule"] for each in body["findings"]}
    assert (body["next_update_at"], body["ignored"]) == (None, ["colour"])
    assert Caller("viewer").get("incidents/1/updates")[1]["items"][0]["versions"][0]["body"] == TEXT
    status, body = Caller().post(f"{address}nobody/lint", {})
    assert (status, body["error"]["field"]) == (404, "key")


def test_another_time_voids_the_approval():
    update = drafted()
    at = f"incidents/1/updates/{update['uid']}"
    Browser(ANN).post(f"{at}/approve", digests(update))
    status, body = Caller().send(
        "PUT", f"{at}/next-update", json.dumps({"next_update_at": "2026-03-02T10:10:00+01:00"})
    )
    assert (status, body["next_update_at"], body["state"]) == (200, "2026-03-02T09:10:00Z", "draft")
    assert Caller().send("PUT", f"{at}/next-update", json.dumps({"next_update_at": "2026-03-02T08:59Z"}))[0] == 422


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"audiences": ["business", "technicl"]}, "audiences"),
        ({"audiences": ["responders"]}, "audiences"),
        ({"next_update_at": "2026-03-02T08:59:00Z"}, "next_update_at"),
        ({"next_update_at": 1_772_442_000}, "next_update_at"),
        ({"next_update_at": "2026-03-02T09:30:00 Mars/Olympus"}, "next_update_at"),
    ],
)
def test_a_draft_that_would_leave_somebody_out_or_is_late_already_is_not_made(words: dict[str, Any], field: str):
    declared()
    status, body = Caller().post("incidents/1/updates", {"moment": "first_word", **words})
    assert (status, body["error"]["field"]) == (422, field)
    assert not Update.objects.exists()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_an_address_that_is_not_there_says_so_in_the_one_shape(method: str):
    client = Client(enforce_csrf_checks=True)
    answer = client.generic(method, "/api/v1/incidents/1/updtes", b"{}", content_type="application/json")
    assert (answer.status_code, set(answer.json()["error"])) == (404, {"sentence", "field"})


def test_a_customer_is_found_by_the_title_that_the_matrix_shows_unless_two_share_it():
    update = drafted()
    said = {"customer": "Bo-corp", "at": "2026-03-02T08:58:00Z"}
    assert Caller().post("incidents/1/reports", said)[0] == 201
    at = f"incidents/1/updates/{update['uid']}/versions"
    assert Caller().post(at, {"audience": "business", "reader": "BO-CORP"})[0] == 201
    entity("another", kind="customer")
    Entity.objects.filter(name="another").update(title="Bo-Corp")
    status, body = Caller().post("incidents/1/reports", {**said, "customer": "Bo-Corp"})
    assert (status, body["error"]["field"]) == (422, "customer")
