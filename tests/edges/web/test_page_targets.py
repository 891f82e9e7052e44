"""Settings, status pages: where they are pushed; stores by form, folders and commands only to be seen."""

from typing import Any

from antiphon.db import page_targets
from antiphon.db.models import PageTarget
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text

STORE = {
    "name": "second site",
    "endpoint": "https://s3.example.org",
    "bucket": "status",
    "region": "eu-test-1",
    "folder": "",
    "access_key": "AKIA",
    "secret_key": "hush-hush",
}


def test_a_store_is_added_changed_and_removed(house: Any, browser: Any) -> None:
    ann = browser("Ann")
    assert "None yet." in text(ann.get("/settings/pages"))
    assert ann.post("/settings/pages/targets/add", STORE).status_code == 302
    row = PageTarget.objects.get()
    page = text(ann.get("/settings/pages"))
    assert "second site" in page
    assert "https://s3.example.org/status" in page
    there = f"/settings/pages/targets/{row.uid}"
    for shown in (page, text(ann.get(f"{there}/edit"))):
        assert "hush-hush" not in shown
    PageTarget.objects.update(trouble="The store answered HTTP 500.", failures=4, pushed_at=NOW)
    assert "Tried 4 times" in text(ann.get("/settings/pages"))
    assert ann.post(f"{there}/edit", {**STORE, "secret_key": "", "folder": "site"}).status_code == 302
    row.refresh_from_db()
    known = page_targets.load(row)
    assert (getattr(known, "prefix", ""), getattr(known, "secret_key", "")) == ("site", "hush-hush")
    assert row.shown == {}
    assert ann.post(f"{there}/remove").status_code == 302
    assert not PageTarget.objects.exists()
    assert ann.post(f"{there}/remove").status_code == 422
    assert ann.get(f"{there}/edit").status_code == 404


def test_only_an_admin_sets_one_and_nonsense_is_said_at_its_field(house: Any, browser: Any) -> None:
    assert browser("Cora").post("/settings/pages/targets/add", STORE).status_code == 403
    ann = browser("Ann")
    for wrong in (
        {"endpoint": "file:///etc"},
        {"endpoint": "https://user:pw@s3.example.org/x"},
        {"bucket": "a b"},
        {"secret_key": ""},
        {"folder": "../.."},
        {"name": ""},
        {"name": "x" * 61},
        {"access_key": "é"},
    ):
        answer = ann.post("/settings/pages/targets/add", {**STORE, **wrong})
        assert answer.status_code == 422, wrong
        assert "hush-hush" not in answer.content.decode()
    assert not PageTarget.objects.exists()


def test_what_the_configuration_set_is_shown_and_not_changed_by_a_form(house: Any, browser: Any) -> None:
    PageTarget.objects.create(name="rsync", kind="command", values={"argv": ["rsync", "{changed}", "host:/srv"]})
    page = text(browser("Ann").get("/settings/pages"))
    assert "rsync {changed} host:/srv" in page
    assert "set by the configuration file" in page
    uid = PageTarget.objects.get().uid
    assert browser("Ann").get(f"/settings/pages/targets/{uid}/edit").status_code == 404
    assert browser("Ann").post(f"/settings/pages/targets/{uid}/edit", STORE).status_code == 404
