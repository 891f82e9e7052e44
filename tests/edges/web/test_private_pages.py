"""A private status page opens by its link and to staff, tells strangers nothing, and is never cached."""

from pathlib import Path

import pytest

from antiphon import config
from antiphon.actions import status_pages
from antiphon.actions.status_pages import Shown
from antiphon.db import addresses
from antiphon.db.public import PublicPage
from antiphon.pages.keep import render_to
from tests.edges.web.conftest import NOW

pytestmark = pytest.mark.patient

PAGE = "/status/p/acme/"


@pytest.fixture
def acme(house, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("ANTIPHON_DATA", str(tmp_path))
    shown = Shown(slug="acme", name="For Acme", audience="business", private=True)
    page = status_pages.save(shown=shown, actor=house.actor("Ann"), now=NOW)
    assert isinstance(page, PublicPage), page
    here = config.from_environment()
    render_to(here.public_folder, now=NOW, private=here.private_folder)
    return page


def _key(page: PublicPage) -> str:
    return addresses.page_key(page.uid, page.link_version)


def test_a_stranger_learns_nothing(acme, browser):
    stranger = browser("")
    there, nowhere = stranger.get(PAGE), stranger.get("/status/p/nobody/")
    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content
    assert there["Cache-Control"] == nowhere["Cache-Control"] == "no-store"
    assert stranger.get(f"{PAGE}?key=wrong").status_code == 404
    assert stranger.get(f"{PAGE}api/v2/summary.json").status_code == 404


@pytest.mark.parametrize("name", ["%00.html", "a" * 300 + ".html", "%2e%2e/status/index.html"])
def test_a_name_that_no_file_can_have_is_no_fault(acme, browser, name: str):
    assert browser("Ann").get(f"{PAGE}{name}").status_code == 404


def test_the_link_opens_it_and_the_browser_remembers(acme, browser):
    reader = browser("")
    opened = reader.get(f"{PAGE}?key={_key(acme)}")
    assert (opened.status_code, opened["Location"]) == (302, PAGE)
    cookie = opened.cookies["status-page"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (PAGE, True, "Lax")
    shown = reader.get(PAGE)
    assert b"For Acme" in shown.content
    assert shown["Cache-Control"] == "no-store"
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert reader.get(f"{PAGE}style.css")["Content-Type"].startswith("text/css")


def test_a_link_without_its_last_slash_opens_it_too(acme, browser):
    answer = browser("").get(f"{PAGE.rstrip('/')}?key={_key(acme)}", follow=True)
    assert b"For Acme" in answer.content
    assert "key=" not in answer.redirect_chain[-1][0]


def test_a_script_gets_the_same_json_by_the_key(acme, browser):
    answer = browser("").get(f"{PAGE}api/v2/summary.json?key={_key(acme)}")
    assert answer.json()["page"]["name"] == "For Acme"


def test_a_renewed_link_shuts_out_who_came_by_the_old_one(acme, browser, house):
    reader, old = browser(""), _key(acme)
    reader.get(f"{PAGE}?key={old}")
    status_pages.renew_link(page=acme.uid, actor=house.actor("Ann"), now=NOW)
    assert reader.get(PAGE).status_code == 404
    assert browser("").get(f"{PAGE}?key={old}").status_code == 404


def test_staff_sees_it_signed_in(acme, browser):
    assert b"For Acme" in browser("Vic").get(PAGE).content


@pytest.mark.parametrize(
    "name",
    ["../../secret.key", "%2e%2e/secret.key", ".rendered", "..%2f..%2fsecret.key", "nothing.html", "index.html/x.html"],
)
def test_no_way_leads_out_of_its_folder(acme, browser, name):
    answer = browser("Ann").get(f"{PAGE}{name}")
    assert answer.status_code == 404


def test_the_settings_list_pages_add_change_renew_and_remove(acme, browser):
    admin = browser("Ann")
    assert _key(acme) in admin.get("/settings/pages").content.decode()
    typed = {"name": "Partners", "slug": "partners", "audience": "technical", "components": "checkout"}
    refused = admin.post("/settings/pages/add", typed)
    assert refused.status_code == 422
    assert "make it private" in refused.content.decode()
    assert "partners" in refused.content.decode(), "what was typed is kept"
    admin.post("/settings/pages/add", {**typed, "private": "on"})
    made = PublicPage.objects.get(slug="partners")
    assert [each.name for each in made.components.all()] == ["Checkout"]
    admin.post(f"/settings/pages/{made.uid}/edit", {**typed, "private": "on", "name": "Our partners"})
    made.refresh_from_db()
    assert made.name == "Our partners"
    admin.post(f"/settings/pages/{made.uid}/remove")
    assert not PublicPage.objects.filter(slug="partners").exists()
    assert browser("Ben").post(f"/settings/pages/{acme.uid}/remove").status_code == 403
