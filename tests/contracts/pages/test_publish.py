"""From a publication to the folder, on a real database."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from antiphon.db.public import Listed, PublicPage, UnknownComponent, list_components, open_page, publish
from antiphon.pages.files import read_stamp
from antiphon.pages.keep import refresh, render_to
from antiphon.pages.load import load, revision
from tests.contracts.pages.samples import NOW, STARTED

pytestmark = pytest.mark.django_db
LISTED = [Listed("checkout0000", "Checkout"), Listed("hosting00000", "Hosting"), Listed("databases000", "Databases")]


@pytest.fixture
def page() -> PublicPage:
    page = open_page(slug="status", name="Northwind status", url="https://n.example/status/", zone="UTC", now=NOW)
    list_components(page, LISTED, now=NOW)
    return page


def tell(page: PublicPage, status: str, *, now: datetime = NOW, **more: Any) -> None:
    told: dict[str, Any] = {
        "incident_uid": "k3v9x2m4p7q1",
        "number": 17,
        "title": "Some orders cannot be paid",
        "impact": "major",
        "body": f"We are **{status}**.",
        "started_at": STARTED,
        "next_update_at": now + timedelta(minutes=30),
        "components": {},
    }
    publish(page, status=status, now=now, **(told | more))


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "api/v2/summary.json").read_bytes())
    return found


def test_publication_moves_the_revision_and_is_shown_at_the_next_refresh(page, tmp_path):
    shown = refresh(tmp_path, now=NOW, last_revision=-1)
    tell(page, "investigating", components={"checkout0000": "partial_outage"})
    assert refresh(tmp_path, now=NOW, last_revision=shown) == revision() == shown + 1
    assert summary(tmp_path)["incidents"][0]["name"] == "Some orders cannot be paid"
    assert summary(tmp_path)["components"][0]["status"] == "partial_outage"
    assert b"We are <strong>investigating</strong>." in (tmp_path / "index.html").read_bytes()


def test_page_is_rendered_anew_each_minute_and_not_in_between(page, tmp_path):
    shown = refresh(tmp_path, now=NOW, last_revision=-1)
    at = (tmp_path / "index.html").stat().st_ino
    refresh(tmp_path, now=NOW + timedelta(seconds=10), last_revision=shown)
    assert (tmp_path / "index.html").stat().st_ino == at
    refresh(tmp_path, now=NOW + timedelta(seconds=60), last_revision=shown)
    assert b"14:06 UTC" in (tmp_path / "index.html").read_bytes()


def test_state_of_an_incident_is_that_of_its_last_publication(page):
    later = [NOW + timedelta(minutes=minutes) for minutes in (0, 10, 20, 30)]
    tell(page, "monitoring", now=later[0])
    tell(page, "resolved", now=later[1], next_update_at=None)
    found = load().incidents[0]
    assert (found.monitoring_at, found.resolved_at, found.is_open) == (later[0], later[1], False)
    tell(page, "postmortem", now=later[2], next_update_at=None)
    assert load().incidents[0].resolved_at == later[1]
    tell(page, "investigating", now=later[3])
    again = load().incidents[0]
    assert (again.monitoring_at, again.resolved_at, again.is_open) == (None, None, True)
    assert [update.status for update in again.updates] == ["investigating", "postmortem", "resolved", "monitoring"]


def test_group_shows_the_worst_of_its_members(page):
    grouped = [*LISTED[:2], Listed("databases000", "Databases", group="hosting00000")]
    list_components(page, grouped, now=NOW)
    tell(page, "identified", components={"databases000": "degraded_performance"})
    _, hosting, databases = load().components
    assert (hosting.status, hosting.members) == ("degraded_performance", ("databases000",))
    list_components(page, grouped, now=NOW)
    assert load().components[2].status == databases.status == "degraded_performance"


def test_publication_about_a_component_that_is_not_listed_changes_nothing(page):
    before = load()
    with pytest.raises(UnknownComponent, match="lists no component 'nowhere00000'"), transaction.atomic():
        tell(page, "identified", components={"checkout0000": "major_outage", "nowhere00000": "major_outage"})
    assert load() == before


@pytest.mark.parametrize("wrong", [{"status": "triage"}, {"status": "resolved", "impact": "SEV1"}])
def test_i26_database_refuses_inside_words_for_states(page, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(page, **wrong)


def test_page_that_nobody_set_up_and_a_zone_that_does_not_exist_still_render(tmp_path):
    render_to(tmp_path, now=NOW)
    assert b"No known problems" in (tmp_path / "index.html").read_bytes()
    open_page(slug="status", name="Status", url="", zone="Mars/Olympus", now=NOW)
    assert load().zone == "UTC"


def test_reading_a_page_costs_the_same_for_one_incident_and_many(page, django_assert_num_queries):
    for number in range(1, 30):
        tell(page, "investigating", incident_uid=f"i{number:011}", number=number)
    with django_assert_num_queries(6):
        assert len(load().incidents) == 29


@pytest.mark.django_db(transaction=True)
def test_i30_database_in_trouble_leaves_the_old_files_standing(page, tmp_path):
    shown = refresh(tmp_path, now=NOW, last_revision=-1)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.html")}
    with connection.schema_editor() as schema:
        schema.alter_db_table(PublicPage, "public_page", "public_page_away")
    try:
        assert refresh(tmp_path, now=NOW + timedelta(minutes=5), last_revision=shown) == shown
    finally:
        with connection.schema_editor() as schema:
            schema.alter_db_table(PublicPage, "public_page_away", "public_page")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.html")} == before
    refresh(tmp_path, now=NOW + timedelta(minutes=6), last_revision=shown)
    stamp = read_stamp(tmp_path)
    assert stamp is not None
    assert stamp.as_of.minute == 11
