"""What others show of a page: bars and uptime, planned work, calendar, CAP and badges."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, timedelta
from xml.etree import ElementTree

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.maintenance import SAID, State
from antiphon.pages import cap, elsewhere
from antiphon.pages.render import render
from antiphon.pages.state import Span
from antiphon.pages.uptime import of_component
from tests.contracts.pages.samples import NOW, component, incident, state, update

DAY = timedelta(days=1)
PLANNED = incident(
    "Database upgrade",
    uid="planned00001",
    impact="maintenance",
    status="scheduled",
    started_at=NOW + DAY,
    created_at=NOW - DAY,
    updated_at=NOW - DAY,
    next_update_at=None,
    updates=(update("plan", "scheduled", "The shop is read-only for **20 minutes**.", NOW - DAY),),
    scheduled_for=NOW + DAY,
    scheduled_until=NOW + DAY + timedelta(minutes=20),
)
CAP = {"cap": cap.NAMESPACE}


def test_uptime_counts_outages_by_weight_and_nothing_else():
    spans = (
        Span("major_outage", NOW - 2 * DAY, NOW - 2 * DAY + timedelta(hours=9)),
        Span("partial_outage", NOW - 5 * DAY, NOW - 5 * DAY + timedelta(hours=10)),
        Span("degraded_performance", NOW - 8 * DAY, NOW - 7 * DAY),
        Span("under_maintenance", NOW - 9 * DAY, NOW - 8 * DAY),
    )
    history = of_component(component("Shop", created_at=NOW - 10 * DAY, spans=spans), zone="UTC", as_of=NOW)
    assert history.share == pytest.approx(1 - 12 / 240)
    assert len(history.days) == 90
    worst = {day.day: day.status for day in history.days if day.troubled}
    assert worst[(NOW - 2 * DAY).date()] == "major_outage"
    assert history.days[0].status == "", "before the component was listed nothing is claimed"


def test_a_day_is_that_of_the_page_s_zone():
    span = Span("major_outage", NOW.replace(hour=23), NOW.replace(hour=23) + timedelta(minutes=30))
    late = NOW + DAY
    history = of_component(component("Shop", spans=(span,)), zone="Europe/Berlin", as_of=late)
    assert [day.day for day in history.days if day.troubled] == [date(2026, 11, 22)]


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 5_000)), max_size=8), st.integers(0, 120_000))
def test_more_trouble_never_makes_it_better(spans, extra):
    made = tuple(
        Span("major_outage", NOW - timedelta(minutes=back), NOW - timedelta(minutes=back) + timedelta(minutes=lasts))
        for back, lasts in spans
    )
    one = component("Shop", spans=made)
    more = replace(one, spans=(*made, Span("partial_outage", NOW - timedelta(minutes=extra), None)))
    before, after = (of_component(each, zone="UTC", as_of=NOW).share for each in (one, more))
    assert 0 <= after <= before <= 1


def test_it_is_never_rounded_up_to_a_hundred():
    span = Span("major_outage", NOW - timedelta(seconds=20), NOW - timedelta(seconds=10))
    assert of_component(component("Shop", spans=(span,)), zone="UTC", as_of=NOW).percent == "99.99 %"


def test_a_component_that_is_new_does_not_claim_ninety_days():
    young, old = component("Shop", created_at=NOW - DAY), component("API", created_at=NOW - 200 * DAY)
    for language, new, long_listed in (
        ("en", "100 % up since 20 November 2026", "100 % up in the past 90 days"),
        ("de", "100 % verfügbar seit 20. November 2026", "100 % verfügbar in den vergangenen 90 Tagen"),
    ):
        shown = render(state(components=(young, old), language=language), now=NOW)["index.html"].decode()
        assert new in shown
        assert shown.count(long_listed) == 1


def test_planned_work_is_in_every_place_that_clients_read():
    files = render(state(maintenances=(PLANNED, replace(PLANNED, uid="planned00002", status="in_progress"))), now=NOW)
    said = {
        name: [each["id"] for each in json.loads(files[f"api/v2/{name}.json"])["scheduled_maintenances"]]
        for name in ("summary", "scheduled-maintenances", "scheduled-maintenances/active")
    }
    assert said["summary"] == ["planned00002", "planned00001"]
    assert said["scheduled-maintenances/active"] == ["planned00002"]
    one = json.loads(files["api/v2/scheduled-maintenances/upcoming.json"])["scheduled_maintenances"][0]
    assert one["scheduled_for"] == "2026-11-22T14:05:40.123Z"
    assert (one["impact"], one["status"]) == ("maintenance", "scheduled")
    assert b"Database upgrade" in files["index.html"]
    assert b"maintenance/planned00001.html" in files["index.html"]
    assert one["shortlink"] == "https://status.northwind.example/status/maintenance/planned00001.html"
    assert json.loads(files["api/v2/incidents.json"])["incidents"][0]["name"] != "Database upgrade"


def test_the_calendar_holds_each_planned_work_once_with_its_window():
    book = icalendar.Calendar.from_ical(elsewhere.calendar(state(maintenances=(PLANNED,))))
    (event,) = book.walk("VEVENT")
    assert event["SUMMARY"] == "Database upgrade"
    assert event.decoded("DTSTART") == (NOW + DAY).replace(microsecond=0).astimezone(UTC)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=20)
    assert {"UID", "DTSTAMP"} <= event.keys()
    assert event["STATUS"] == "CONFIRMED"


def test_work_that_was_dropped_is_said_to_be_so_where_there_is_a_word_for_it():
    said = update("dropped", "completed", SAID[State.CANCELLED], NOW)
    files = render(state(maintenances=(replace(PLANNED, status="completed", updates=(said,)),)), now=NOW)
    (event,) = icalendar.Calendar.from_ical(files["maintenance.ics"]).walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"
    for name in ("maintenance/planned00001.html", "history.html", "history.atom"):
        assert b"cancelled" in files[name].lower(), name
    said_to_clients = json.loads(files["api/v2/scheduled-maintenances.json"])["scheduled_maintenances"]
    assert said_to_clients[0]["status"] == "completed"


def test_feeds_and_alerts_say_in_which_language_a_page_is():
    files = render(state(language="de"), now=NOW)
    assert b'xml:lang="de"' in files["history.atom"]
    assert b"<language>de</language>" in files["history.rss"]
    assert "Teilausfall" in files["badges/checkout0000.svg"].decode()
    assert "Teilausfall" in files["badge.svg"].decode()
    assert "Geplante Arbeiten" in files["maintenance.ics"].decode()
    root = ElementTree.fromstring(files["cap/k3v9x2m4p7q1.xml"])
    assert root.findtext("cap:info/cap:language", namespaces=CAP) == "de"
    assert root.findtext("cap:info/cap:audience", namespaces=CAP) == "public"
    assert root.findtext("cap:scope", namespaces=CAP) == "Public"
    for_some = ElementTree.fromstring(elsewhere.alert(incident(), state(audience="technical")))
    assert for_some.findtext("cap:scope", namespaces=CAP) == "Restricted"


def test_cap_says_how_it_stands_and_what_it_follows():
    root = ElementTree.fromstring(elsewhere.alert(incident(), state()))
    assert root.findtext("cap:msgType", namespaces=CAP) == "Update"
    assert root.findtext("cap:references", "", CAP).count(",") == 2
    assert root.findtext("cap:info/cap:severity", namespaces=CAP) == "Severe"
    assert root.findtext("cap:info/cap:area/cap:areaDesc", namespaces=CAP) == "Checkout"
    assert root.findtext("cap:sent", "", CAP).endswith("-00:00")
    over = incident(status="resolved", resolved_at=NOW)
    assert ElementTree.fromstring(elsewhere.alert(over, state())).findtext("cap:msgType", namespaces=CAP) == "Cancel"


def test_there_is_a_feed_for_each_component_and_for_what_is_grave():
    files = render(state(maintenances=(PLANNED,)), now=NOW)
    titles = {
        name: re.findall("<title>(.*?)</title>", body.decode())[1:]
        for name, body in files.items()
        if name.endswith((".atom", ".rss"))
    }
    one, late, planned = "Some orders cannot be paid", "E-mail delivered late", "Database upgrade"
    assert sorted(titles["history.atom"]) == sorted([one, late, planned])
    assert sorted(titles["feeds/minor.atom"]) == sorted([one, late])
    assert titles["feeds/major.atom"] == titles["feeds/major.rss"][-1:] == titles["feeds/checkout0000.atom"] == [one]
    assert titles["feeds/critical.atom"] == titles["feeds/hosting00000.atom"] == []
    said = json.loads(files["api/v2/summary.json"])
    linked = [each["x_atom"] for each in said["components"]] + list(
        said["page"]["x_subscribe"]["atom_by_impact"].values()
    )
    assert {url.removeprefix(said["page"]["url"]) for url in linked} < files.keys()
    assert b'href="feeds/checkout0000.atom"' in files["index.html"]


def test_a_feed_does_not_change_by_what_it_is_not_about():
    other = replace(incident("Mails wait"), uid="othernews001", impact="minor", updated_at=NOW, updates=())
    before, after = (render(state(incidents=shown), now=NOW) for shown in ((incident(),), (incident(), other)))
    assert before["feeds/checkout0000.atom"] == after["feeds/checkout0000.atom"]
    assert before["history.atom"] != after["history.atom"]


def test_a_badge_is_a_picture_that_says_its_words():
    root = ElementTree.fromstring(elsewhere.badge('Shop "<script>"', "major", "Partial outage"))
    assert root.findtext("{http://www.w3.org/2000/svg}title") == 'Shop "<script>": Partial outage'
