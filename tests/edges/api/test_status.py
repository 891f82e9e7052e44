"""The status of an entity by the API: its shape, and what is not there."""

from datetime import timedelta

from antiphon.db.models import Entity, StatusSpan
from tests.edges.api.house import NOW, Caller


def test_what_works_has_nothing_to_explain():
    status, body = Caller("viewer").get("entities/checkout/status")
    assert status == 200
    assert (body["state"], body["since"], body["why"], body["uptime_90d"]) == ("operational", None, [], 100.0)
    assert len(body["days"]) == 90
    assert body["days"][-1] == {"day": "2026-03-02", "worst": "operational", "minutes_down": 0.0}


def test_what_is_down_says_why_and_since_when():
    why = [{"entity": "checkout", "state": "major_outage", "because": "incident #4"}]
    shop = Entity.objects.get(name="checkout")
    StatusSpan.objects.create(entity=shop, state="major_outage", why=why, began_at=NOW - timedelta(hours=2))
    body = Caller("viewer").get("entities/checkout/status")[1]
    assert (body["state"], body["since"], body["why"]) == ("major_outage", "2026-03-02T07:00:00Z", why)
    assert body["days"][-1]["minutes_down"] == 120.0
    assert body["uptime_90d"] == 99.907


def test_a_name_that_the_catalog_does_not_know():
    status, body = Caller("viewer").get("entities/team/x y/status")
    assert (status, body["error"]["sentence"]) == (404, "The catalog knows no team/x y.")
