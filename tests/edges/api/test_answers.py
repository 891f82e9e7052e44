"""Faults of ours and a database that is busy are answered in the same shape as everything else."""

import json

import pytest
from django.db import IntegrityError, OperationalError

from antiphon.actions.locked import NoSuchIncident
from antiphon.api.answers import refused
from antiphon.api.door import api
from antiphon.core.decision import Refusal


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (OperationalError("database is locked"), 503, "try again in a moment"),
        (IntegrityError("UNIQUE"), 500, "on this server's log"),
        (NoSuchIncident("gone"), 404, "no such incident"),
    ],
)
def test_what_goes_wrong_is_said_without_its_innards(rf, fault: Exception, status: int, says: str):
    answer = api.on_exception(rf.post("/api/v1/incidents"), fault)
    body = json.loads(answer.content)
    assert (answer.status_code, set(body["error"])) == (status, {"sentence", "field"})
    assert says in body["error"]["sentence"]
    assert str(fault) not in body["error"]["sentence"]
    assert (answer.headers.get("Retry-After") == "1") == (status == 503)


@pytest.mark.parametrize(
    ("field", "status", "shown"),
    [
        ("incident_type", 422, "type"),
        ("title", 422, "title"),
        ("stable", 409, "stable"),
        ("", 409, ""),
        ("actor", 403, "actor"),
    ],
)
def test_a_no_is_422_only_where_the_request_can_be_mended(field: str, status: int, shown: str):
    no = refused(Refusal("No.", field), inputs={"type", "title"})
    assert (no.status, no.refusal.field) == (status, shown)
