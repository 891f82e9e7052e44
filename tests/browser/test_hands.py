"""The other ways to use it: by keys alone, without scripts, on a phone, and what every other screen looks like."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import story
from tests.browser.conftest import Enter
from tests.browser.site import ANN, BEN, IRA, LEA, Site, company, empty
from tests.browser.visitor import PHONE, Visitor

ALERT = {
    "labels": {"alertname": "MySQLCannotWrite", "cluster": "mysql-cluster-03", "severity": "critical"},
    "annotations": {"summary": "mysql-cluster-03 does not take writes"},
}
UNKNOWN = {"labels": {"alertname": "QueueFull", "service": "billing", "severity": "critical"}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A company in which an alert became incident #1."""
    with empty(tmp_path_factory.mktemp("company")) as made:
        up = made.start()
        made.ready(up)
        made.apply(company(made))
        assert up.post(f"{made.key()}/api/v2/alerts", [ALERT, UNKNOWN])[0] == 200
        made.mail(ANN, says="/acknowledge/")
        yield made


def test_keys_are_enough_to_get_about(site: Site, enter: Enter):
    ira = enter(site, IRA)
    keys = ira.page.keyboard
    keys.type("gi")
    ira.page.wait_for_url("**/incidents")
    keys.press("?")
    ira.reads("Single-letter keys work on this device", inside="dialog[open]")
    ira.look("keys-help")
    shut(ira)
    keys.press("Control+k")
    ira.page.locator("#palette[open]").wait_for()
    shut(ira)
    keys.press("/")
    keys.type("checkout")
    ira.reads("Checkout", inside="#palette-results")
    ira.look("palette")
    keys.press("ArrowDown")
    keys.press("Enter")
    ira.page.wait_for_url("**/catalog/checkout")
    keys.press("c")
    ira.page.wait_for_url("**/incidents/declare")
    expect(ira.page.get_by_label("What is wrong")).to_be_focused()
    keys.type("gc")  # the title has the focus: letters are letters there
    assert ira.page.get_by_label("What is wrong").input_value() == "gc"
    ira.see("/")
    keys.press("Tab")
    assert ira.page.evaluate("document.activeElement.textContent") == "Skip to the page"


def shut(who: Visitor) -> None:
    """The dialog that is open, by its key."""
    who.page.keyboard.press("Escape")
    who.page.locator("dialog[open]").wait_for(state="detached")


def test_without_scripts_an_incident_can_be_worked(site: Site, enter: Enter):
    page = site.mail(ANN, says="/acknowledge/")
    ann = enter(site, ANN, java_script_enabled=False)
    ann.page.goto(next(word for word in page.body().split() if "/acknowledge/" in word))
    ann.press("Acknowledge: I am on it")
    ann.reads("Acknowledged by Ann Albers")
    ann.follow("Open the incident room")
    ann.type("Write down what happens", "The log volume is full")
    ann.press("Note")
    ann.reads("The log volume is full", inside="#timeline")
    ann.press("Take the role: Technical lead")
    ann.reads("Ann Albers", inside="#lane-technical")
    ann.unfold("Change", inside="#room-head")
    ann.choose("State", "identified")
    ann.press("Set")
    ann.reads("Identified", inside=".steps .here")
    room = ann.page.url.removeprefix(site.url)
    story.enter(ann, room, {"Symptoms": "Orders and payments fail or take very long"})
    ann.press("Draft from the facts")
    ann.reads("What each audience reads")
    assert ann.page.locator(".version").count() >= 3
    ann.see("/status/")
    ann.reads("Components")
    ann.page.screenshot(path=ann.pictures / "status-without-scripts.png", full_page=True)


def test_a_phone_is_enough_to_acknowledge_take_a_role_and_update(site: Site, enter: Enter):
    ben = enter(site, BEN, viewport=PHONE, is_mobile=True, has_touch=True)
    ben.follow("#1")
    ben.reads("mysql-cluster-03", inside="h1")
    ben.press("Take the role: Scribe")
    ben.reads("Ben Okafor", inside="#rail .person")
    ben.type("Write down what happens", "Replica 2 is healthy")
    ben.press("Note")
    ben.reads("Replica 2 is healthy", inside="#timeline")
    assert ben.page.locator("#note").input_value() == ""
    ben.page.locator(".nav summary").tap()
    ben.reads("Catalog", inside=".nav details")
    ben.page.screenshot(path=ben.pictures / "phone-more.png")
    fits(ben)


def fits(who: Visitor) -> None:
    """Nothing hangs over the side of the window."""
    assert who.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_duplicate_is_merged_into_the_incident_that_goes_on(site: Site, enter: Enter):
    ira = enter(site, IRA)
    room = story.declare(ira, "Nobody can order", "checkout")
    ira.unfold("Change", inside="#room-head")
    ira.follow("Merge", inside="#room-head")
    ira.look("merge")
    ira.type("Why", "The shop cannot write to the same database")
    ira.press("Merge the incident")
    ira.reads("Choose the incident that goes on.")
    ira.look("merge-refused")
    ira.choose("Into incident", "1")
    ira.press("Merge the incident")
    ira.page.wait_for_url("**/incidents/1")
    ira.reads("Merged into #1.", inside="#toasts")
    ira.follow("Nobody can order", inside="#room-head .note")
    ira.page.wait_for_url(f"**{room}")
    ira.reads("Merged into", inside="#room-head .note")
    ira.look("room-merged")
    ira.see("/incidents/1")
    ira.look("room-merged-other")


SCREENS = {
    "now": "/",
    "incidents": "/incidents",
    "incidents-closed": "/incidents?view=closed",
    "room": "/incidents/1",
    "tell": "/incidents/1/tell",
    "cancel": "/incidents/1/cancel",
    "review-early": "/incidents/1/review",
    "alerts": "/alerts",
    "alerts-unreadable": "/alerts?state=unreadable",
    "catalog": "/catalog",
    "catalog-entity": "/catalog/mysql-cluster-03",
    "catalog-add": "/catalog/add?name=billing",
    "catalog-edit": "/catalog/checkout/edit",
    "catalog-import": "/catalog/import",
    "catalog-customer": "/catalog/halden-retail",
    "contract-add": "/catalog/halden-retail/contracts/add",
    "contact-add": "/catalog/halden-retail/contacts/add",
    "on-call": "/on-call?service=checkout",
    "settings-keys": "/settings/keys",
    "settings-people": "/settings/people",
    "settings-tokens": "/settings/tokens",
    "settings-rules": "/settings/rules",
    "settings-holding": "/settings/holding",
    "settings-mail": "/settings/mail",
    "settings-file": "/settings/file",
    "settings-me": "/settings/me",
    "find": "/find?q=checkout",
    "help": "/help",
    "missing": "/nothing-here",
    "status": "/status/",
    "status-history": "/status/history",
}


def test_every_screen_is_readable_by_everybody(site: Site, enter: Enter):
    ira = enter(site, IRA)
    for name, path in SCREENS.items():
        ira.see(path)
        ira.look(name)
    ira.see("/alerts")
    ira.follow("mysql-cluster-03 does not take writes")
    ira.look("alert")
    nobody = enter(site)
    nobody.see("/sign-in")
    nobody.look("sign-in")
    nobody.page.goto(site.link(LEA))
    nobody.look("one-time")
