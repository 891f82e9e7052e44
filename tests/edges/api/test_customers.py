"""Customers and tickets over the API: what a program may feed and see, and what only a person may say."""

from typing import Any

import pytest

from antiphon.db.models import Contact, Person, SegmentSuggestion, Ticket
from tests.edges.api.house import ANN, Caller

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = "Where do I put the SSH key, and is there an API token? curl ends with HTTP 502 and ECONNREFUSED."
MANY: dict[str, list[dict[str, str]]] = {"tickets": [{}] * 501}
CORA = "cora@antiphon.example"


def ticket(n: int, **known: Any) -> dict[str, Any]:
    return {"id": n, "email": "bo@customer.example", "description": KEYS, **known}


def feed(*tickets: dict[str, Any], by: str = "responder") -> tuple[int, Any]:
    return Caller(by).post("tickets", {"origin": "desk", "tickets": list(tickets)})


def test_one_or_many_tickets_suggest_and_change_nothing() -> None:
    assert Caller("responder").post("tickets", ticket(1))[1]["new"] == 1
    status, said = feed(ticket(1), ticket(2), ticket(2))
    assert (status, said["new"], said["unchanged"], said["suggested"], said["errors"]) == (200, 2, 1, 1, [])
    [bo] = [each for each in contacts() if each["name"] == "Bo"]
    assert (bo["segment"], bo["reads"], bo["suggestion"]["segment"]) == ("untagged", "business", "technical")
    assert bo["suggestion"]["why"][0]["says"] == "asked for API access or SSH keys"


def contacts(**query: str) -> list[dict[str, Any]]:
    status, found = Caller("viewer").get("customers", **query)
    assert status == 200, found
    return [contact for customer in found["items"] for contact in customer["contacts"]]


def test_lists_are_narrowed_by_what_is_asked() -> None:
    feed(ticket(1), ticket(2))
    assert [each["name"] for each in contacts(segment="technical")] == ["Tess"]
    assert [each["name"] for each in contacts(suggested="any")] == ["Bo"]
    assert [each["name"] for each in contacts(suggested="business")] == []
    assert [each["name"] for each in contacts(q="tess@")] == ["Tess"]
    assert Caller("viewer").get("customers", segment="chief")[0] == 422
    assert Caller("viewer").get("customers", suggested="x\x00")[0] == 422


def test_a_bad_ticket_is_listed_and_the_rest_taken() -> None:
    status, said = feed(ticket(1), {"id": 2}, ticket(3, email="who@nowhere.example"), {}, ticket(5, created_at="soon"))
    assert (status, said["new"]) == (200, 1)
    assert [each["line"] for each in said["errors"]] == [2, 4, 5, 3]
    assert "nowhere" not in str(said)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tickets": []},
        {"tickets": "x"},
        {"tickets": [1]},
        {"origin": "", "tickets": [{}]},
        [1],
        {"tickets": [{}] * 501},
    ],
)
def test_what_is_no_ticket_is_refused(body: Any) -> None:
    assert Caller("responder").post("tickets", body)[0] == 422
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"id": {"a": [1]}},
        {"description": {"body": KEYS}},
        {"description": [KEYS]},
        {"email": {"email": 7}},
        {"id": "\x00"},
    ],
)
def test_odd_values_are_no_fault_of_ours(odd: dict[str, Any]) -> None:
    assert feed(ticket(1, **odd))[0] == 200


def test_a_person_answers_for_a_tag_and_must_be_one_who_may() -> None:
    feed(ticket(1), ticket(2))
    bo = Contact.objects.get(name="Bo")
    body = {"contacts": [bo.uid], "segment": "technical"}
    cora = Person.objects.create(email=CORA, name="Cora", role="communicator")
    assert Caller("responder").post("customers/segments", {**body, "on_behalf_of": CORA})[0] == 403
    assert Caller("admin").post("customers/segments", body)[0] == 422
    assert Caller("admin").post("customers/segments", {**body, "on_behalf_of": ANN})[0] == 403  # a responder
    assert Caller("admin").post("customers/segments", {**body, "on_behalf_of": CORA, "segment": "x"})[0] == 422
    bo.refresh_from_db()
    assert bo.segment == "untagged"
    done = Caller("admin").post("customers/segments", {**body, "on_behalf_of": CORA, "more": 1})
    assert done == (200, {"changed": 1, "ignored": ["more"]})
    bo.refresh_from_db()
    assert (bo.segment, bo.origins["segment"]) == ("technical", f"person:{cora.uid}")
    assert SegmentSuggestion.objects.get().state == "confirmed"


def test_a_viewer_feeds_nothing() -> None:
    assert feed(ticket(1), by="viewer")[0] == 403
