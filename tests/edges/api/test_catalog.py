"""The catalog changed by scripts: each field remembers the token, and what cannot be is refused as in a form."""

import json

import pytest

from antiphon.db.models import Contract, Entity
from tests.edges.api.house import Caller

CHECKOUT = "entities/checkout"


def put(path, body):
    return Caller("responder").send("PUT", path, json.dumps(body))


def test_an_entity_is_added_linked_changed_and_removed():
    call = Caller("responder")
    status, body = call.post("entities", {"name": "search", "kind": "service", "title": "Search", "colour": "red"})
    assert (status, body["title"], body["ignored"]) == (201, "Search", ["colour"])
    assert body["sources"] == {"kind": "api:responder token", "title": "api:responder token"}
    status, body = call.post("entities/search/links", {"kind": "depends_on", "target": "mysql-cluster-03"})
    assert status == 201
    link = {"source": "search", "target": "mysql-cluster-03", "kind": "depends_on", "origin": "api:responder token"}
    assert body["links"] == [link]
    facts = {
        "users": 1200,
        "regions": ["eu"],
        "redundancy": [{"of": ["mysql-cluster-03"], "up": 1}],
        "revenue_profile": [{"days": [0, 1], "from": "09:00", "to": "18:00", "factor": 2}],
        "critical_periods": [{"name": "q", "starts_at": "2026-03-30T00:00Z", "ends_at": "2026-04-02T00:00Z"}],
        "documents": [{"title": "Board", "url": "https://b.example", "kind": "dashboard"}],
        "zone": "Europe/Berlin",
        "extra": {"cost centre": 4711},
    }
    status, body = put("entities/search", facts)
    assert status == 200, body
    assert {key: body[key] for key in ("users", "regions", "redundancy", "revenue_profile", "documents", "extra")} == {
        key: facts[key] for key in ("users", "regions", "redundancy", "revenue_profile", "documents", "extra")
    }
    assert put("entities/search", {"regions": None, "users": None})[1]["users"] is None
    assert Entity.objects.get(name="search").title == "Search"
    assert call.send("DELETE", "entities/search/links?kind=depends_on&target=mysql-cluster-03")[0] == 409
    put("entities/search", {"redundancy": []})
    assert call.send("DELETE", "entities/search/links?kind=depends_on&target=mysql-cluster-03")[0] == 200
    assert call.send("DELETE", "entities/search/links?kind=depends_on&target=mysql-cluster-03")[0] == 404


def test_removing_is_final_and_contracts_stand_in_the_way():
    call = Caller("responder")
    assert call.send("DELETE", CHECKOUT)[0] == 409
    Contract.objects.all().delete()
    assert call.send("DELETE", CHECKOUT) == (204, None)
    assert call.get(CHECKOUT)[0] == 404


@pytest.mark.parametrize(
    ("body", "field", "mend"),
    [
        ({"revenue_per_minute": -1}, "revenue_per_minute", "cannot be negative"),
        ({"tier": 12}, "tier", "from 1"),
        ({"owner": "nobody"}, "owner", "neither a team"),
        ({"zone": "Mars/Base"}, "zone", "no such time zone"),
        ({"zone": "../etc"}, "zone", "no such time zone"),
        ({"runbook": "javascript:1"}, "runbook", "starts with https"),
        ({"redundancy": [{"of": ["lab"], "up": 1}]}, "redundancy", "add that link first"),
        ({"redundancy": [{"of": ["mysql-cluster-03"], "up": 2}]}, "redundancy", "2 of 1 cannot work"),
        ({"revenue_profile": [{"days": [0], "from": "18:00", "to": "09:00", "factor": 2}]}, "revenue_profile",
         "split one"),
        ({"revenue_profile": [{"days": [0], "from": "25:00", "to": "09:00", "factor": 2}]}, "revenue_profile.0.from",
         "does not fit"),
        ({"critical_periods": [{"name": "q", "starts_at": "2026-04-02T00:00Z", "ends_at": "2026-04-01T00:00Z"}]},
         "critical_periods", "ends before"),
        ({"extra": {"a": "\x00"}}, "extra", "NUL"),
        ({"users": -3}, "users", "from 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field(body, field, mend):
    before = Entity.objects.values().get(name="checkout")
    status, answer = put(CHECKOUT, body)
    assert (status, answer["error"]["field"]) == (422, field), answer
    assert mend in answer["error"]["sentence"]
    assert Entity.objects.values().get(name="checkout") == before


def test_names_that_are_taken_or_unknown():
    call = Caller("responder")
    assert call.post("entities", {"name": "CHECKOUT", "kind": "service"})[0] == 422
    assert call.post("entities", {"name": "x", "kind": "spaceship"})[1]["error"]["field"] == "kind"
    assert put("entities/nothing", {})[0] == 404
    status, body = call.post(f"{CHECKOUT}/links", {"kind": "depends_on", "target": "nothing"})
    assert (status, body["error"]["field"]) == (422, "target")
