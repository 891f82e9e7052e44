"""What the auditor found, on the first page and under Settings, and the address outside."""

from datetime import timedelta

from antiphon.db import dead_man
from antiphon.db.models import Audit, AuditFinding, CustomerReport
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text


def found(incident=None, **known):
    words = {"rule": "overdue_step", "sentence": "The next step was not taken.", "mend": "Call Ben by hand."}
    times = {"found_at": NOW, "seen_at": NOW}
    return AuditFinding.objects.create(key=f"{known}", incident=incident, url="/incidents/1", **words, **times, **known)


def test_what_is_wrong_stands_on_the_first_page_until_it_is_gone(house, browser):
    assert "Antiphon found" not in text(browser("Ben").get("/"))
    row = found(houses.declare(house, now=NOW))
    shown = text(browser("Ben").get("/"))
    assert "The next step was not taken." in shown
    assert "Call Ben by hand." in shown
    AuditFinding.objects.filter(pk=row.pk).update(gone_at=NOW)
    assert "The next step was not taken." not in text(browser("Ben").get("/"))
    assert "The next step was not taken." in text(browser("Ann").get("/settings/watch"))


def test_what_is_found_of_a_restricted_incident_is_shown_to_those_who_may_see_it(house, browser):
    incident = houses.declare(house, now=NOW)
    incident.restricted = True
    incident.save()
    found(incident)
    assert "not taken" not in text(browser("Vic").get("/"))
    assert "not taken" in text(browser("Ann").get("/"))


def test_an_audit_that_stopped_is_said_where_everybody_looks(house, browser):
    Audit.objects.create(id=1, at=NOW - timedelta(minutes=6))
    assert "No audit since 13:54 UTC" in text(browser("Vic").get("/"))


def test_the_address_outside_is_set_never_shown_and_taken_away(house, browser):
    ann, ping = browser("Ann"), "https://hc.example/ping/3f-secret"
    assert ann.post("/settings/watch/change", {"url": ping}).status_code == 302
    assert dead_man.url() == ping
    shown = text(ann.get("/settings/watch"))
    assert "An address is set." in shown
    assert "3f-secret" not in ann.get("/settings/watch").content.decode()
    assert ann.post("/settings/watch/change", {"url": ""}).status_code == 302
    assert dead_man.url() == ping
    for wrong in ("ftp://hc.example", "https://user:secret@hc.example", "hc.example/ping"):
        assert ann.post("/settings/watch/change", {"url": wrong}).status_code == 422
    assert browser("Cora").post("/settings/watch/change", {"url": ping}).status_code == 403
    assert ann.post("/settings/watch/change", {"off": "on"}).status_code == 302
    assert dead_man.url() == ""


def test_a_customer_who_told_us_is_noted(house, browser):
    number = houses.declare(house, now=NOW).number
    there, back = f"/incidents/{number}/reports", f"/incidents/{number}/who-knows-what"
    assert "A customer told us" in text(browser("Cora").get(back))
    assert "A customer told us" not in text(browser("Vic").get(back))
    for wrong in ({"customer": "nobody", "at": "13:00"}, {"customer": "customer-1", "at": "soon"}, {}):
        answer = browser("Cora").post(there, wrong)
        assert answer.status_code == 422
        assert wrong.get("customer", "") in answer.content.decode()
    sent = {"customer": "customer-1", "at": "13:58", "reference": "T-77"}
    assert browser("Cora").post(there, sent).status_code == 302
    assert CustomerReport.objects.get().at == NOW - timedelta(minutes=2)
    assert "Told us first: Customer 1" in text(browser("Cora").get(back))
