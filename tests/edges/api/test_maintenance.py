"""Planned work by scripts: planned, changed and turned by a token; its words approved by a person who is signed in."""

import json
from datetime import timedelta
from typing import Any

from antiphon.db.public import PublicIncident
from tests.edges.api.house import NOW, Caller
from tests.edges.api.test_updates import Browser


def _planned(**words: Any) -> dict[str, Any]:
    told = {"title": "Move of the store", "entity": "checkout", "body": "Orders wait for some minutes."}
    window = {"starts_at": (NOW + timedelta(hours=1)).isoformat(), "ends_at": (NOW + timedelta(hours=2)).isoformat()}
    status, made = Caller().post("maintenance", {**told, **window, **words})
    assert status == 201, made
    return dict(made)


def test_a_plan_goes_all_its_way_by_scripts_and_one_person():
    plan = _planned()
    where = f"maintenance/{plan['uid']}"
    status, changed = Caller().send("PUT", where, json.dumps({**plan, "body": "Orders wait for half an hour."}))
    assert (status, changed["digest"] != plan["digest"]) == (200, True)
    lea = Browser("lea@antiphon.example")
    assert lea.post(f"{where}/approve", {"digest": plan["digest"]})[0] == 409, "they were changed since"
    status, approved = lea.post(f"{where}/approve", {"digest": changed["digest"]})
    assert (status, approved["announced"]) == (200, True)
    assert Caller().post(f"{where}/begin", {})[1]["state"] == "in_progress"
    assert Caller().post(f"{where}/begin", {})[0] == 409
    assert Caller().post(f"{where}/finish", {})[1]["state"] == "completed"
    assert PublicIncident.objects.get().status == "completed"


def test_what_is_not_there_is_404():
    lea = Browser("lea@antiphon.example")
    for verb in ("begin", "finish", "cancel"):
        assert Caller().post(f"maintenance/none/{verb}", {})[0] == 404
    assert lea.post("maintenance/none/approve", {"digest": "x"})[0] == 404
    assert Caller().send("PUT", "maintenance/none", json.dumps(_planned()))[0] == 404
