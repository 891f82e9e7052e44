"""What is hit, told to scripts: the numbers, what may be stated, and what may not."""

import pytest

from antiphon.core.revenue import MINUTE
from antiphon.db.models import Affected, Incident
from tests.edges.api import house
from tests.edges.api.house import NOW, Caller


def test_an_incident_tells_what_is_hit():
    house.declared(detected_at=NOW - 20 * MINUTE)
    status, body = Caller("viewer").get("incidents/1/impact")
    assert status == 200
    assert [each["name"] for each in body["applications"]] == ["checkout"]
    assert body["customers"]["total"] == body["customers"]["of"] == 1
    assert (body["customers"]["technical"], body["customers"]["business"], body["customers"]["untagged"]) == (1, 0, 1)
    assert body["customers"]["by_segment"]["technical"] == body["customers"]["strategic"] == ["bo-corp"]
    assert (body["revenue_per_minute"], body["revenue_lost"], body["currency"]) == (120.0, 2400.0, "EUR")
    (contract,) = body["contracts"]
    assert (contract["name"], contract["minutes_left"], contract["breached"]) == ("gold", 40.0, False)
    assert contract["breach_at"] == "2026-03-02T09:40:00Z"


def test_an_entity_tells_what_would_be():
    status, body = Caller("viewer").get("entities/mysql-cluster-03/impact")
    assert status == 200
    assert [each["path"] for each in body["applications"]] == [["mysql-cluster-03", "checkout"]]
    assert (body["revenue_per_minute"], body["revenue_lost"]) == (120.0, None)
    assert [each["minutes_left"] for each in body["contracts"]] == [60.0]
    assert Caller("viewer").get("entities/mysql-cluster-03/impact?share=0.25")[1]["revenue_per_minute"] == 30.0


def test_a_part_that_is_stated_at_the_declaration_counts_from_the_detection():
    house.declared(detected_at=NOW - 20 * MINUTE)
    said = {"entity": "checkout", "share": 0.5, "region": "eu-9", "colour": "red"}
    status, body = Caller("responder").post("incidents/1/affected", said)
    assert status == 201
    assert body["affected"] == [{"entity": "checkout", "share": 0.5, "region": "eu-9"}]
    assert (body["revenue_per_minute"], body["revenue_lost"]) == (60.0, 1200.0)
    assert body["ignored"] == ["colour"]
    assert "“eu-9”" in body["warning"]


def test_a_declaration_may_state_a_part():
    words = {"title": "Half of it", "severity": 2, "type": "disruption"}
    parts = [{"entity": "checkout", "share": 0.5}]
    status, body = Caller("responder").post("incidents", {**words, "affected": parts})
    assert (status, body["entities"], body["ignored"]) == (201, ["checkout"], [])
    assert Affected.objects.get().share == 0.5
    status, body = Caller("responder").post("incidents", {**words, "affected": [{"entity": "checkout", "share": 1.3}]})
    assert (status, Incident.objects.count()) == (422, 1)
    assert body["error"]["sentence"].startswith("130 % of the work cannot be hit")


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"entity": "checkout", "share": 0}, "share", "0 % of the work cannot be hit"),
        ({"entity": "checkout", "share": 130}, "share", "13000 % of the work cannot be hit"),
        ({"entity": "nowhere"}, "entity", "The catalog knows no nowhere"),
        ({"entity": "checkout", "region": "x" * 61}, "region", "longer than 60"),
        ({}, "entity", "Give “entity”."),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, object], field: str, sentence: str):
    house.declared()
    status, body = Caller("responder").post("incidents/1/affected", said)
    assert (status, body["error"]["field"]) == (422, field)
    assert sentence in body["error"]["sentence"]
    assert Affected.objects.get().share is None


def test_nobody_states_what_they_may_not():
    house.declared()
    assert Caller("viewer").post("incidents/1/affected", {"entity": "checkout", "share": 0.5})[0] == 403
    assert Caller("viewer").get("incidents/2/impact")[0] == 404
    assert Caller("viewer").get("entities/nowhere/impact")[0] == 404
    assert Caller("viewer").get("entities/checkout/impact?share=2")[0] == 422
