"""The first run: from a printed link to an alert that opened a test incident, with real SMTP and the real door."""

import asyncio
import re
import threading
import time

import pytest
from django.test import Client

from antiphon import clock, config
from antiphon.actions import people
from antiphon.clock import Clock
from antiphon.core.declaring import RuleSet
from antiphon.db import graph
from antiphon.db.gate import OpenGate
from antiphon.db.models import Delivery, Incident, Integration, Organisation, Page, Person, Policy
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from antiphon.ingest import formats
from antiphon.intake.door import Door
from antiphon.intake.limits import Limit, Limits
from antiphon.intake.spool import Spool
from antiphon.intake.store import open_store
from antiphon.web import test_alerts
from antiphon.wiring.front import _knocking
from tests.edges.web.conftest import NOW

PERSON = {
    "name": "Ann Miller",
    "email": "ann@northwind.example",
    "password": "correct horse battery",
    "organisation": "Northwind <Pay>",
    "zone": "Europe/Berlin",
}


@pytest.fixture
def empty(transactional_db, settings):
    """A house that nobody has moved into yet."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    graph.forget()
    clock.use(Clock(read=lambda: NOW, rate=lambda: 1.0))
    yield Client()
    clock.use(clock.SYSTEM_CLOCK)


@pytest.fixture
def door(transactional_db, tmp_path):
    """The door for alerts on the test's own database, on a loop of its own."""
    from django.db import connection

    url = config.from_environment().database_url
    name = connection.settings_dict["NAME"]
    place = re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", url) if url else name
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    door = Door(
        store=open_store(place),
        gate=OpenGate(),
        spool=Spool(tmp_path / "spool"),
        limits=Limits(Limit(), seconds=time.monotonic),
        formats=formats(),
        rules=lambda: RuleSet(()),
        clock=clock.now,
        wake=lambda: None,
    )
    asyncio.run_coroutine_threadsafe(door.open(), loop).result(5)
    test_alerts.use(_knocking(door, loop))
    yield door
    test_alerts.use(None)
    asyncio.run_coroutine_threadsafe(door.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def found(pattern: str, page: str) -> str:
    match = re.search(pattern, page)
    assert match, pattern
    return match[1]


def body(response):
    return response.content.decode()


def test_the_wizard_from_the_link_to_a_test_incident(empty, door):
    token = people.setup_link(now=NOW)
    assert empty.get(f"/link/{token}").headers["Location"] == f"/setup/{token}"
    assert "You, the first person" in body(empty.get(f"/setup/{token}"))

    wrong = empty.post(f"/setup/{token}", {**PERSON, "zone": "Middle Earth", "password": "short"})
    assert "is no time zone" in body(wrong)
    assert "at least 12" in body(wrong)
    assert 'value="Ann Miller"' in body(wrong)
    assert Person.objects.count() == 0

    assert empty.post(f"/setup/{token}", PERSON).headers["Location"] == "/setup/steps/address"
    ann = Person.objects.get()
    assert (ann.role, Policy.objects.get().catch_all) == ("admin", ann)
    assert Client().post(f"/setup/{token}", {**PERSON, "email": "mallory@x.example"}).status_code == 410

    assert "http://testserver" in body(empty.get("/setup/steps/address"))
    assert "Write an address" in body(empty.post("/setup/steps/address", {"base_url": "nonsense"}))
    empty.post("/setup/steps/address", {"base_url": "https://incidents.northwind.example/"})
    assert Organisation.only().base_url == "https://incidents.northwind.example"

    mail = {"host": "mail.example", "port": "587", "security": "none", "username": "u", "from_address": "a@b.example"}
    refused = body(empty.post("/setup/steps/mail", {**mail, "do": "test", "from_name": "Antiphon"}))
    assert "A password is never sent unencrypted" in refused
    sent = empty.post("/setup/steps/mail", {**mail, "username": "", "do": "test", "from_name": "Antiphon"})
    assert Delivery.objects.get().address == ann.email
    assert "Queued" in body(empty.get(sent.headers["Location"]))

    made = body(empty.post("/setup/steps/key", {"name": "prometheus", "kind": "alertmanager"}))
    secret = found(r'name="key" value="(\w+)"', made)
    assert f"https://incidents.northwind.example/in/{secret}" in made
    assert secret not in body(empty.get("/settings/keys"))

    arrived = body(empty.post("/setup/steps/key", {"do": "test", "key": secret}))
    assert "It arrived" in arrived
    Engine(duties.registry()).settle(now=NOW)
    incident = Incident.objects.get()
    assert incident.nature == "test"
    marker = found(r"marker=(\w+)", arrived)
    now_there = body(empty.get(f"/settings/keys/arrived?marker={marker}"))
    assert f"opened test incident #{incident.number}" in now_there
    assert "every 1s" not in now_there
    assert Page.objects.get().person == ann
    assert not Delivery.objects.filter(outside=True).exists()

    assert empty.post("/setup/steps/key", {"do": "done"}).headers["Location"] == "/"
    assert Organisation.only().set_up_at == NOW


def test_a_second_link_opens_nothing_once_somebody_is_admin(empty):
    first, _ = people.setup_link(now=NOW), None
    assert empty.post(f"/setup/{first}", PERSON).status_code == 302
    second = people.setup_link(now=NOW)
    assert Client().get(f"/setup/{second}").status_code == 410
    assert Client().post(f"/setup/{second}", {**PERSON, "email": "mallory@x.example"}).status_code == 410
    assert Person.objects.count() == 1


@pytest.mark.parametrize("kind", ["alertmanager", "pagerduty"])
def test_a_button_sends_a_test_alert_through_the_door(house, browser, door, kind):
    client = browser("Ann")
    client.post("/settings/keys/add", {"name": "monitor", "kind": kind})
    key = Integration.objects.get()
    followed = client.post(f"/settings/keys/{key.uid}/test").headers["Location"]
    Engine(duties.registry()).settle(now=NOW)
    page = body(client.get(followed))
    assert "opened test incident #1" in page
    assert Incident.objects.get().nature == "test"
    client.post(f"/settings/keys/{key.uid}/off")
    assert "switched off" in body(client.post(f"/settings/keys/{key.uid}/test"))


def test_without_a_door_the_button_says_so(house, browser):
    client = browser("Ann")
    client.post("/settings/keys/add", {"name": "monitor", "kind": "alertmanager"})
    page = client.post(f"/settings/keys/{Integration.objects.get().uid}/test")
    assert page.status_code == 422
    assert "no door for alerts" in body(page)
