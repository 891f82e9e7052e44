"""The JSON has Statuspage's public v2 shape: the fields its clients know, and ours beside them."""

import json
import re
from typing import Any

import pytest

from antiphon.pages.render import render
from tests.contracts.pages.samples import NOW, incident, resolved, state

PAGE = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT = {
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date"),
    *("group_id", "page_id", "group", "only_show_if_degraded"),
}
INCIDENT = {
    *("id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink"),
    *("started_at", "page_id", "incident_updates", "components"),
}
UPDATE = {
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components"),
    *("deliver_notifications", "custom_tweet", "tweet_id"),
}
OURS = {"next_update_at", "x_audience"}
DOCUMENTS = {
    "summary": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
}


def document(name: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(state(**more), now=NOW)[f"api/v2/{name}.json"])
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_has_its_parts(name):
    body = document(name)
    assert set(body) == DOCUMENTS[name]
    assert set(body["page"]) == PAGE | {"x_as_of", "x_outdated_after", "x_subscribe"}


def test_objects_have_exactly_the_known_fields_and_ours():
    body = document("incidents")["incidents"][0]
    assert set(body) == INCIDENT | OURS
    assert [set(update) for update in body["incident_updates"]] == [UPDATE | OURS] * 2
    assert [set(part) for part in body["components"]] == [COMPONENT]
    groups = [part for part in document("components")["components"] if part["group"]]
    assert [part["components"] for part in groups] == [["databases000", "machines0000"]]


def test_update_names_components_by_code_and_null_when_it_names_none():
    newer, older = document("incidents")["incidents"][0]["incident_updates"]
    assert newer["affected_components"] is None
    assert older["affected_components"] == [
        {"code": "checkout0000", "name": "Checkout", "old_status": "operational", "new_status": "partial_outage"}
    ]


@pytest.mark.parametrize(("zone", "offset"), [("UTC", "Z"), ("America/New_York", r"-0[45]:00")])
def test_instants_have_milliseconds_and_an_offset(zone, offset):
    text = json.dumps(document("summary", zone=zone))
    instants = re.findall(r'"(\d{4}-\d\d-\d\dT[^"]*)"', text)
    assert instants
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}" + offset, instant) for instant in instants)


def test_incidents_are_the_newest_fifty_and_summary_has_the_unresolved_ones():
    many = (incident(), *(resolved(f"past{number:08}") for number in range(60)))
    assert len(document("incidents", incidents=many)["incidents"]) == 50
    assert [each["name"] for each in document("summary", incidents=many)["incidents"]] == ["Some orders cannot be paid"]


def test_indicator_uses_statuspages_words():
    assert document("status")["status"] == {"indicator": "major", "description": "Partial System Outage"}
    calm = document("status", components=(), incidents=(resolved(),))["status"]
    assert calm == {"indicator": "none", "description": "All Systems Operational"}
