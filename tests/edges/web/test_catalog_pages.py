"""Alerts, the catalog and who is on call, as people work with them."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from antiphon import clock
from antiphon.actions.catalog.entities import save_entity
from antiphon.clock import Clock
from antiphon.core.decision import SYSTEM, Refusal
from antiphon.core.observations import State
from antiphon.db import revisions
from antiphon.db.models import (
    Alert,
    AlertDetail,
    AlertGroup,
    AlertLog,
    Delivery,
    Entity,
    Incident,
    Integration,
    Link,
    Rota,
    RotaOverride,
    Rule,
    UnreadableAlert,
    Verdict,
)
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from antiphon.queries import alert_board
from tests.edges.web.conftest import NOW
from tests.edges.web.house import declare

pytestmark = pytest.mark.patient

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def monitor(house):
    return Integration.objects.create(
        name="monitor", kind="alertmanager", key_hash="0" * 64, key_hint="abcd", created_at=NOW
    )


def alert(monitor, name, severity="warning", began=NOW, **labels):
    """An alert as the intake writes it, looked at by the engine at once."""
    row = Alert.objects.create(
        integration=monitor,
        fingerprint=f"{Alert.objects.count():016x}",
        state=State.FIRING.value,
        severity=severity,
        starts_at=began,
        first_seen_at=began,
        last_seen_at=NOW,
        changed_at=began,
    )
    words = {"alertname": name, "severity": severity, **labels}
    AlertDetail.objects.create(alert=row, labels=json.dumps(words), annotations="{}", title=name)
    AlertLog.objects.create(alert=row, at=began, kind="fired")
    Engine(duties.registry()).settle(now=NOW)
    return row


def text(response):
    assert response.status_code == 200, response.status_code
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.parametrize("which", ["ended", "all"])
def test_every_alert_of_an_entity_is_on_one_page_of_its_own(house, monitor, monkeypatch, which):
    monkeypatch.setattr(alert_board, "GROUPS", 2)
    monkeypatch.setattr(alert_board, "ROWS", 3)
    there = set()
    for number, size in enumerate((4, 0, 3, 7, 1)):
        at = NOW + timedelta(minutes=number)
        group = AlertGroup.objects.create(key=str(number), entity="checkout", state="quiet", first_at=at, updated_at=at)
        for _ in range(size):
            row = alert(monitor, "Slow", began=at)
            Alert.objects.filter(pk=row.pk).update(group_id=group.pk, state=State.RESOLVED.value)
            there.add(row.fingerprint)
    shown: list[str] = []
    cursor: int | None = 0
    while not shown or cursor:
        page = alert_board.board(which, before=cursor or 0, entity="checkout", reader=SYSTEM)
        shown += [row.url.rpartition("/")[2] for row in page.alerts]
        cursor = page.older
    assert (len(shown), set(shown)) == (len(there), there)


def test_each_alert_says_what_became_of_it(house, browser, monitor):
    alert(monitor, "Slow", began=NOW - timedelta(minutes=4), service="checkout")
    alert(monitor, "Disk", severity="critical", service="payment-api")
    alert(monitor, "Odd", severity="info", service="intranet")
    page = text(browser("Vic").get("/alerts"))
    assert "Held for 4 of 30 min" in page
    assert 'class="ring' in page
    assert 'href="/incidents/1"' in page
    assert "No rule matches" in page
    assert "Decide now" not in page
    assert "Slow" in text(browser("Vic").get("/alerts?state=held"))
    assert "Disk" not in text(browser("Vic").get("/alerts?state=held"))
    assert "Slow" in text(browser("Vic").get("/alerts?state=all&entity=checkout"))
    assert "Nothing" not in text(browser("Vic").get("/alerts?before=99999999999999999999&state=nonsense"))


def test_hostile_words_are_shown_as_words(house, browser, monitor):
    row = alert(monitor, HOSTILE, service=HOSTILE, **{"x'\"><b>": HOSTILE})
    AlertDetail.objects.filter(alert=row).update(generator_url="javascript:alert(1)")
    UnreadableAlert.objects.create(
        integration=monitor, at=NOW, sender_error=HOSTILE, raw=HOSTILE.encode() + b"\xff\x00"
    )
    Entity.objects.create(kind="service", name=HOSTILE, title=HOSTILE, runbook="javascript:alert(1)", updated_at=NOW)
    revisions.bump(revisions.CATALOG)
    client = browser("Ann")
    paths = ["/alerts", f"/alerts/{monitor.uid}/{row.fingerprint}", "/alerts?state=unreadable", "/catalog"]
    paths += ["/catalog/" + HOSTILE.replace("/", "%2F"), f"/catalog?q={HOSTILE}", f"/catalog/add?name={HOSTILE}"]
    for path in paths:
        answer = client.get(path)
        if answer.status_code == 404:
            continue
        page = text(answer)
        assert "<script>alert" not in page, path
        assert 'href="javascript:' not in page, path


def test_an_unknown_service_can_be_added_and_its_alert_then_opens_something(house, browser, monitor):
    alert(monitor, "Down", severity="critical", service="billing")
    assert not Incident.objects.exists()
    client = browser("Ben")
    page = text(client.get("/alerts"))
    assert "Unknown service billing" in page
    assert 'href="/catalog/add?name=billing"' in page
    assert 'value="billing"' in text(client.get("/catalog/add?name=billing"))
    saved = client.post("/catalog/add", {"name": "billing", "kind": "service", "environment": "production"})
    assert saved.headers["Location"] == "/catalog/billing"
    Engine(duties.registry()).settle(now=NOW)
    assert Incident.objects.get().affected.get().entity == "billing"


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_person_answers_for_a_group_that_asks(house, browser, monitor, word):
    Rule.objects.create(name="ask", ask=True)
    revisions.bump(revisions.RULES)
    alert(monitor, "Strange", service="checkout")
    assert "Waits for an answer" in text(browser("Vic").get("/alerts?state=asking"))
    group = AlertGroup.objects.get()
    assert browser("Vic").post(f"/alerts/groups/{group.uid}/answer", {"answer": word}).status_code == 403
    cora = browser("Cora").post(f"/alerts/groups/{group.uid}/answer", {"answer": word})
    assert cora.status_code == (302 if word == "yes" else 422)
    if word == "no":
        browser("Ben").post(f"/alerts/groups/{group.uid}/answer", {"answer": "no", "reason": "planned"})
    group.refresh_from_db()
    assert group.state == ("declared" if word == "yes" else "suppressed")
    assert Incident.objects.exists() == (word == "yes")


def test_what_the_catalog_refuses_keeps_what_was_typed(house, browser):
    client = browser("Ben")
    good = {"name": "search", "kind": "service", "environment": "production"}
    for wrong, sentence in (
        ({"revenue_per_minute": "-5"}, "cannot be negative"),
        ({"revenue_per_minute": "nan"}, "Enter a number"),
        ({"name": "CHECKOUT"}, "has “checkout” already (application)"),
        ({"owner": "nobody"}, "neither a team in the catalog nor a person"),
        ({"runbook": "javascript:alert(1)"}, "starts with https://"),
        ({"tier": "17"}, "from 1 (most important) to 9"),
        ({"environment": "My Env"}, "Write a word such as production"),
        ({"kind": "spaceship"}, "Select a valid choice"),
    ):
        page = text(client.post("/catalog/add", {**good, "description": "kept words", **wrong}))
        assert sentence in page.replace("&#x27;", "'"), page
        assert "kept words" in page
    assert not Entity.objects.filter(name="search").exists()


def test_links_are_added_removed_and_refused(house, browser):
    client = browser("Ben")
    path = "/catalog/checkout/links"
    assert client.post(path, {"kind": "depends_on", "target": "intranet"}).status_code == 302
    assert "already" in text(client.post(path, {"kind": "depends_on", "target": "intranet"}))
    assert "knows no “nonsense”" in text(client.post(path, {"kind": "depends_on", "target": "nonsense"}))
    assert "cannot be linked with itself" in text(client.post(path, {"kind": "depends_on", "target": "checkout"}))
    link = Link.objects.get(target__name="intranet")
    client.post(f"/catalog/checkout/links/{link.pk}/remove")
    assert not Link.objects.filter(pk=link.pk).exists()
    assert client.post("/catalog/checkout/remove").status_code == 422
    assert client.post("/catalog/intranet/remove").status_code == 302
    assert not Entity.objects.filter(name="intranet").exists()


def test_open_incidents_are_asked_again_when_what_they_rest_on_changes(house, browser):
    declare(house, now=NOW)
    declare(house, now=NOW, entities=["intranet"], title="Intranet is slow", severity=4)
    Verdict.objects.update(wake_at=None)
    saved = {"name": "checkout", "kind": "application", "environment": "production", "customer_facing": "no"}
    browser("Ben").post("/catalog/checkout/edit", saved)
    assert [row.wake_at for row in Verdict.objects.order_by("incident__number")] == [NOW, None]


def test_a_name_on_record_stays(house):
    declare(house, now=NOW)
    row = Entity.objects.get(name="mysql-cluster-03")
    values = {"name": "mysql-04", "kind": "component"}
    came = save_entity(values=values, uid=row.uid, actor=house.actor("Ann"), now=NOW)
    assert isinstance(came, Refusal)
    assert "Incidents on record" in came.sentence


def test_an_entity_shows_how_it_does_and_what_hangs_on_it(house, browser):
    declare(house, now=NOW)
    page = text(browser("Vic").get("/catalog/mysql-cluster-03"))
    assert "Down" in page
    assert "incident #1" in page
    assert "EUR 420" in page
    assert "Customer 0" in page
    assert "3 of 3" in page
    assert "Ben Miller" in page
    assert 'href="/catalog/mysql-cluster-03/edit"' not in page
    listing = text(browser("Vic").get("/catalog"))
    assert "needs mysql-cluster-03, which is down" in listing
    assert "Add" not in listing
    assert "mysql-cluster-03" in text(browser("Vic").get("/catalog?q=MYSQL&kind=component"))
    assert browser("Vic").get("/catalog/nothing").status_code == 404


def test_pages_ask_the_database_no_more_for_more_rows(house, browser, monitor, django_assert_max_num_queries):
    for n in range(60):
        alert(monitor, f"Alert {n}", severity="info", service="checkout")
    client = browser("Ann")
    client.get("/alerts")
    with django_assert_max_num_queries(25, connection=connection):
        page = text(client.get("/alerts?state=all"))
    assert page.count("<tr>") == 51
    assert "Older" in page
    cursor = page.split("before=")[1].split('"')[0].split("&")[0]
    assert text(client.get(f"/alerts?state=all&before={cursor}")).count("<tr>") == 11


# --- on call -----------------------------------------------------------------------------------------------------


@pytest.fixture
def rota(house):
    members = [house.people["Ann"].uid, house.people["Ben"].uid]
    layer = {"name": "first", "members": members, "first": "2026-03-02", "handoff": "09:00:00", "length": "P7D"}
    return Rota.objects.create(name="Operations", zone="Europe/Berlin", layers=[layer])


def test_who_has_duty_now_next_and_in_four_weeks(house, browser, rota):
    page = text(browser("Vic").get("/on-call"))
    assert "Ann Miller" in page
    assert "Ben Miller" in page
    assert "2026-03-09 08:00 UTC" in page
    assert page.count("<rect") == 5
    assert "after 5 min" in page
    assert "Take over</button>" not in page


def test_somebody_takes_over_and_gives_back(house, browser, rota):
    client = browser("Ben")
    asked = {"rota": rota.uid, "person": house.people["Cora"].uid, "starts_at": "2026-03-02T13:00"}
    assert "end after it starts" in text(client.post("/on-call/overrides", {**asked, "ends_at": "2026-03-02T12:00"}))
    assert "Write date and time" in text(client.post("/on-call/overrides", {**asked, "ends_at": "tomorrow"}))
    assert "lies outside of all" in text(
        client.post("/on-call/overrides", {**asked, "ends_at": "9999-12-31T23:00-12:00"})
    )
    client.post("/on-call/overrides", {**asked, "ends_at": "2026-03-02T20:00"})
    page = text(client.get("/on-call"))
    assert page.index("Cora Miller") < page.index("Ann Miller")
    client.post(f"/on-call/overrides/{RotaOverride.objects.get().uid}/end")
    assert not RotaOverride.objects.exists()


def test_whom_an_incident_would_page_then(house, browser, rota):
    policy_step = {"delay": "PT5M", "targets": [{"kind": "rota", "name": "Operations"}], "channels": []}
    from antiphon.db.models import Policy

    Policy.objects.update(steps=[policy_step])
    page = text(browser("Vic").get("/on-call?at=2026-03-11T12:00&service=checkout"))
    assert "Ben Miller (Operations)" in page
    assert "Ann Miller, until somebody answers" in page


def test_a_test_to_oneself_is_queued_and_its_outcome_shown(house, browser):
    ben = house.people["Ben"]
    own, others = ben.contact_methods.get(), house.people["Ann"].contact_methods.get()
    client = browser("Ben")
    assert client.post(f"/on-call/contacts/{others.pk}/test").status_code == 422
    back = client.post(f"/on-call/contacts/{own.pk}/test").headers["Location"]
    row = Delivery.objects.get()
    assert (row.address, row.recipient) == (ben.email, ben.uid)
    waiting = client.get(back)
    assert "Queued" in text(waiting)
    assert 'http-equiv="refresh"' in waiting.content.decode()
    row.tries.create(at=NOW, outcome="dead", detail="The mail server said: 550 no such user")
    Delivery.objects.update(state="dead", reason="The mail server said: 550 no such user", done_at=NOW, wake_at=None)
    clock.use(Clock(read=lambda: NOW + timedelta(minutes=1), rate=lambda: 1.0))
    after = client.get(back)
    assert "550 no such user" in text(after)
    assert 'http-equiv="refresh"' not in after.content.decode()


def test_an_entity_says_why_it_does_not_work_and_how_it_did(house, browser):
    assert "Nothing was wrong in 90 days." in text(browser("Vic").get("/catalog/checkout"))
    declare(house, now=NOW - timedelta(hours=1))
    page = text(browser("Vic").get("/catalog/checkout"))
    assert "needs mysql-cluster-03, which is down" in page
    assert 'href="/catalog/mysql-cluster-03"' in page
    assert "incident #1" in page
    assert "99.954 % up in 90 days" in page
    assert '<td class="num">60</td>' in page
    assert page.count("<rect") == 90
