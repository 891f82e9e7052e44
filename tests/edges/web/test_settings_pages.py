"""Settings: secrets are shown once, refusals keep what was typed, and what is off is off."""

import json
import re

import pytest

from antiphon import config
from antiphon.actions import people
from antiphon.core.decision import SYSTEM
from antiphon.core.observations import key_hash
from antiphon.db import channel_settings
from antiphon.db.models import (
    AlertLog,
    ApiToken,
    ChannelSettings,
    Contact,
    Event,
    HoldingMessage,
    Integration,
    Person,
)
from antiphon.web.mailboxes import FILE, FOLDER
from tests.edges.web.conftest import NOW
from tests.edges.web.test_catalog_pages import alert, monitor  # noqa: F401 (a fixture)


def found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    assert match, pattern
    return match[1]


def text(response):
    assert response.status_code == 200, response.status_code
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_a_key_is_shown_once_and_kept_as_a_hash(house, browser):
    client = browser("Ann")
    made = text(client.post("/settings/keys/add", {"name": "prometheus", "kind": "alertmanager"}))
    key = found(r"/in/(\w{32})\b", made)
    assert Integration.objects.get().key_hash == key_hash(key)
    assert "alertmanagers:" in made
    assert key not in text(client.get("/settings/keys"))
    assert all(key not in f"{row.body} {row.personal}" for row in Event.objects.all())
    again = text(client.post("/settings/keys/add", {"name": "prometheus", "kind": "alertmanager"}))
    assert "already" in again
    assert 'value="prometheus"' in again
    client.post(f"/settings/keys/{Integration.objects.get().uid}/off")
    assert not Integration.objects.get().enabled
    assert "New key" not in text(browser("Ben").get("/settings/keys"))


def test_a_token_is_shown_once_and_can_be_revoked(house, browser):
    client = browser("Ann")
    made = text(client.post("/settings/tokens", {"name": "grafana", "role": "viewer", "days": "30"}))
    token = found(r"(antiphon_[\w-]{20,})", made)
    row = ApiToken.objects.get()
    assert row.hash == key_hash(token)
    assert token not in text(client.get("/settings/tokens"))
    client.post(f"/settings/tokens/{row.uid}/revoke")
    row.refresh_from_db()
    assert row.revoked_at == NOW


def test_somebody_new_gets_a_link_to_be_handed_over(house, browser):
    client = browser("Ann")
    new = {"name": "<b>Dora</b>", "email": "dora@northwind.example", "role": "viewer", "zone": ""}
    page = text(client.post("/settings/people", new))
    token = found(r"/one-time/([\w-]+)", page)
    assert "<b>Dora" not in page
    dora = browser("")
    dora.post(f"/one-time/{token}")
    assert dora.get("/catalog").status_code == 200
    person = Person.objects.get(email="dora@northwind.example")
    client.post(f"/settings/people/{person.uid}/role", {"role": "responder"})
    assert dora.get("/catalog").status_code == 302
    client.post(f"/settings/people/{person.uid}/off")
    person.refresh_from_db()
    assert (person.role, person.is_active) == ("responder", False)
    ann = house.people["Ann"]
    assert client.post(f"/settings/people/{ann.uid}/role", {"role": "viewer"}).status_code == 422
    assert "is no time zone" in text(client.post("/settings/people", {**new, "email": "e@x.example", "zone": "Mars"}))


def test_ones_own_password_asks_for_the_present_one_and_ends_other_sessions(house, browser):
    ben, wrong = house.people["Ben"], {"do": "password", "present": "wrong", "password": "another long one"}
    people.set_password(person=ben, password="correct horse battery", actor=SYSTEM, now=NOW)
    here, elsewhere = browser("Ben"), browser("Ben")
    assert "not your present password" in text(here.post("/settings/me", wrong))
    here.post("/settings/me", {**wrong, "present": "correct horse battery"})
    assert here.get("/settings/me").status_code == 200
    assert elsewhere.get("/settings/me").status_code == 302
    ben.refresh_from_db()
    assert ben.check_password("another long one")


def test_ones_own_ways_to_be_reached(house, browser):
    client = browser("Vic")
    assert "lacks an address" in text(client.post("/settings/me", {"do": "reach", "ways": "mail"}))
    assert "is no channel" in text(client.post("/settings/me", {"do": "reach", "ways": "pigeon loft"})).replace(
        "&#x27;", "'"
    )
    client.post("/settings/me", {"do": "reach", "ways": "mail night@x.example\nmail vic@northwind.example"})
    assert [row.address for row in house.people["Vic"].contact_methods.all()] == [
        "night@x.example",
        "vic@northwind.example",
    ]


def test_a_secret_of_a_channel_is_never_shown_and_stays_when_left_empty(house, browser):
    client = browser("Ann")
    mail = {
        "host": "mail.example",
        "port": "587",
        "security": "starttls",
        "username": "us",
        "password": "hush-hush",
        "from_address": "a@b.example",
        "from_name": "Antiphon",
    }
    client.post("/settings/mail", mail)
    assert (channel_settings.load("mail") or {})["password"] == "hush-hush"
    assert "hush-hush" not in json.dumps(ChannelSettings.objects.get().values)
    assert "hush-hush" not in client.get("/settings/mail").content.decode()
    client.post("/settings/mail", {**mail, "password": "", "host": "other.example"})
    kept = channel_settings.load("mail") or {}
    assert (kept["password"], kept["host"]) == ("hush-hush", "other.example")
    refused = client.post("/settings/mail", {**mail, "from_address": "nonsense", "password": "typed"}).content.decode()
    assert "does not have the form it needs" in refused
    assert "typed" not in refused


def test_a_rule_is_tried_on_the_past_week(house, browser, monitor):  # noqa: F811
    alert(monitor, "Slow", service="checkout")
    alert(monitor, "Odd", severity="info", service="checkout")
    logged = AlertLog.objects.count()
    page = text(browser("Vic").get("/catalog")) and text(
        browser("Ben").get('/settings/rules?expression=severity == "warning"&minutes=30')
    )
    assert "It fits 1 of 2 alerts" in page
    assert "1 alert of this week fitted no rule" in page
    assert AlertLog.objects.count() == logged
    bad = text(browser("Ben").get("/settings/rules?expression=severity ==&minutes=5"))
    assert "It cannot be read here" in bad


def test_a_holding_message_is_approved_exactly_as_it_was_read(house, browser):
    row = HoldingMessage.objects.create(
        audience="business", incident_type="disruption", subject="We look into it", body="<i>soon</i>", digest="d1"
    )
    client, path = browser("Cora"), f"/settings/holding/{row.pk}/approve"
    page = text(client.get("/settings/holding"))
    assert "&lt;i&gt;soon" in page
    HoldingMessage.objects.update(body="other", digest="d2")
    assert "changed while you read it" in client.post(path, {"digest": "d1"}).content.decode()
    assert browser("Ben").post(path, {"digest": "d2"}).status_code == 403
    client.post(path, {"digest": "d2"})
    row.refresh_from_db()
    assert (row.approved_by, row.approved_at) == (house.people["Cora"], NOW)


@pytest.fixture
def sink(house, tmp_path, monkeypatch):
    """The demo's sink in a data folder of its own."""
    monkeypatch.setenv("ANTIPHON_DATA", str(tmp_path))
    return config.from_environment().data / FOLDER / FILE


def test_mailboxes_are_the_demos_alone_and_parted_by_audience(house, browser, sink):
    assert browser("Ann").get("/mailboxes").status_code == 404
    sink.parent.mkdir()
    assert "Nothing has arrived yet" in text(browser("Ann").get("/mailboxes"))
    mails = [
        {
            "to": row.email.upper(),
            "from": "i@x.example",
            "subject": f"<b>{row.segment}</b>",
            "text": "Dear you",
            "at": NOW,
        }
        for row in Contact.objects.order_by("id")
    ]
    lines = "".join(json.dumps(mail, default=lambda at: at.isoformat()) + "\n" for mail in mails)
    sink.write_text(lines + '{"to": "still being wri')
    page = text(browser("Ann").get("/mailboxes"))
    assert re.search(r'Technical <span class="count">3</span>', page)
    assert "and 2 others" in page
    assert "&lt;b&gt;technical" in page
    assert "untagged" not in page
    assert "untagged" in text(browser("Ann").get("/mailboxes?box=business"))


@pytest.mark.parametrize("path", ["/nothing", "/catalog/nothing", "/alerts/x/y", "/settings/people/x/role"])
def test_what_is_not_there_says_so_in_plain_words(house, browser, path):
    page = browser("Ann").post(path) if path.endswith("role") else browser("Ann").get(path)
    assert page.status_code == 404
    assert "Nothing is here" in page.content.decode()


def test_a_page_that_breaks_says_what_goes_on(house, browser, monkeypatch):
    def broken(**_words):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("antiphon.web.catalog.queries.listed", broken)
    client = browser("Ann")
    client.raise_request_exception = False
    page = client.get("/catalog")
    assert page.status_code == 500
    assert "secret detail" not in page.content.decode()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "Paging and promises run" in page.content.decode()
