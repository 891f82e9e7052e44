"""One incident by hand, from declaring to the review, in three people's browsers."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import expect

from tests.browser import story
from tests.browser.conftest import Enter
from tests.browser.site import ANN, IRA, LEA, Site, company, empty, until
from tests.browser.visitor import Visitor


def test_from_declaring_to_the_review(tmp_path: Path, enter: Enter):
    with empty(tmp_path) as site:
        site.house.run("migrate")
        site.in_the_past(minutes=25)
        site.ready(site.start())
        site.apply(company(site))
        ira, ann, lea = (enter(site, email) for email in (IRA, ANN, LEA))
        room = the_incident_is_declared(ira)
        the_page_is_acknowledged(ann, site, room)
        everybody_is_told(ira, ann, lea, room)
        nothing_has_changed(lea, site, room)
        the_cause_goes(ann, room)

        for one in (ira, ann, lea):
            one.page.goto("about:blank")
        site.stop()  # more than a quarter of an hour in as many seconds: the countdown outlives the restart
        site.into_the_present(minutes=24, seconds=15)
        site.ready(site.start())
        it_is_resolved(ann, lea, site, room)
        it_is_closed(ira, site, room)
        the_review_is_written(ira, room)


def the_incident_is_declared(ira: Visitor) -> str:
    ira.look("now-empty")
    ira.page.keyboard.press("c")
    ira.reads("Declare an incident", inside="h1")
    ira.look("declare")
    ira.press("Declare and page the people on call")
    ira.page.locator("[aria-invalid=true]").first.wait_for()
    ira.look("declare-refused")
    room = story.declare(ira, "Orders cannot be paid", "mysql-cluster-03")
    ira.press("Take the role: Incident commander")
    ira.reads("Ira Novak", inside=".strip")
    ira.look("room-new")
    return room


def the_page_is_acknowledged(ann: Visitor, site: Site, room: str) -> None:
    page = site.mail("ann@lindenhof.example", says="/acknowledge/")
    ann.page.goto(next(word for word in page.body().split() if "/acknowledge/" in word))
    ann.look("acknowledge")
    ann.press("Acknowledge: I am on it")
    ann.reads("Acknowledged by Ann Albers")
    ann.look("acknowledged")
    ann.follow("Open the incident room")
    ann.reads("Orders cannot be paid", inside="h1")


def everybody_is_told(ira: Visitor, ann: Visitor, lea: Visitor, room: str) -> None:
    story.enter(ann, room, story.FACTS)
    ann.look("tell-facts")
    story.draft(lea, room, "first_word")
    lea.look("tell-draft")
    an_edit_is_kept_and_marked(lea)
    story.approve(ann, room, "first_word")
    lea.see(f"{room}/tell?moment=first_word")
    lea.unfold("Send to", inside="#sending")
    lea.look("tell-send")
    site = lea.site
    before = len(site.smtp.mails)
    story.send(lea, room, "first_word")
    lea.look("tell-sent")
    technical, business = (site.mail(to, says="update") for to in story.CUSTOMERS.values())
    assert len(site.smtp.mails) > before
    assert "mysql" not in business.body().lower()
    assert technical.body() != business.body()
    until(lambda: summary(site)["incidents"], "the status page to show the incident")


def an_edit_is_kept_and_marked(lea: Visitor) -> None:
    """What the lint finds stands beside the text while it is typed, and the words are there after leaving the page."""
    business = lea.page.locator(".version.biz").first
    business.get_by_role("link", name="Edit").click()
    text = lea.page.get_by_label("Text", exact=True)
    before = text.input_value()
    text.fill(f"{before}\n\nThe pod on mysql-cluster-03-a was OOM-killed.")
    lea.reads("Must be mended", inside="[id^=lint]")
    lea.look("tell-edit")
    lea.page.reload()
    expect(text).to_have_value(f"{before}\n\nThe pod on mysql-cluster-03-a was OOM-killed.")
    text.fill(before)
    lea.press("Save this text")


def nothing_has_changed(lea: Visitor, site: Site, room: str) -> None:
    lea.see(f"{room}/tell")
    lea.unfold("No change since")
    lea.look("tell-no-change")
    before = len(site.smtp.mails)
    lea.page.locator("details.confirm[open] button.primary").click()
    lea.reads("Sent: no change. The promises are kept.", inside="#toasts")
    until(lambda: len(site.smtp.mails) >= before + 2, "the mails that nothing changed")


def the_cause_goes(ann: Visitor, room: str) -> None:
    ann.see(room)
    ann.type("Write down what happens", "Log volume of mysql-cluster-03 enlarged from 200 to 400 GB")
    ann.press("Change made")
    ann.reads("enlarged from 200 to 400 GB", inside="#timeline")
    ann.page.locator("#task-technical").fill("Look whether replication is back in step")
    ann.page.keyboard.press("Enter")
    ann.press("Done: Look whether replication is back in step")
    ann.page.locator("#lane-technical li.done", has_text="Look whether replication").wait_for()
    ann.unfold("Change", inside="#room-head")
    ann.look("room-menu")
    ann.choose("State", "monitoring")
    ann.press("Set")
    ann.reads("Stable, gate opens", inside="#room-head")
    ann.look("room-monitoring")


def it_is_resolved(ann: Visitor, lea: Visitor, site: Site, room: str) -> None:
    ann.see(f"{room}/resolve")
    ann.look("resolve-too-early")
    story.enter(ann, room, story.LEARNT)
    ann.see(room)
    ann.reads("The stability countdown has run out", inside="#lane-technical")
    site.reach_the_present()  # 24 minutes down, more than the 20 that one contract agrees
    ann.see(f"{room}/resolve")
    ann.type("How it was resolved", "The log volume was enlarged and the endless transaction ended.")
    ann.type("How that was verified", "Test orders went through every minute for a quarter of an hour.")
    ann.look("resolve")
    ann.press("Resolve the incident")
    lea.see("/status/")
    lea.look("status-page")
    story.draft(lea, room, "resolution")
    story.approve(ann, room, "resolution")
    story.send(lea, room, "resolution")
    for to in story.CUSTOMERS.values():
        site.mail(to, says="esolved")


def it_is_closed(ira: Visitor, site: Site, room: str) -> None:
    ira.see(f"{room}/close")
    ira.look("close")
    ira.type("What it meant for contracts", "No agreed downtime was exceeded.")
    ira.press("Save what it meant")
    ira.see(f"{room}/follow-ups")
    ira.look("follow-ups")
    ira.unfold("No message")
    ira.type("Why", "Their agreed downtime was not used up.")
    ira.press("Settle it so")
    ira.see(room)
    for more in ira.page.locator(".lane details").all():
        more.locator("summary").click()
    while ira.page.locator("button.tick").count():
        left = ira.page.locator("button.tick").count()
        ira.page.locator("button.tick").first.click()
        expect(ira.page.locator("button.tick")).to_have_count(left - 1)
    ira.see(f"{room}/close")
    ira.look("close-ready")
    ira.press("Close the incident")
    ira.reads("Closed.", inside="#toasts")
    ira.look("room-closed")


def the_review_is_written(ira: Visitor, room: str) -> None:
    ira.see(f"{room}/review")
    ira.look("review")
    ira.type("What led to it", "A report may keep a transaction open for as long as it likes.")
    ira.press("Save the review")
    expect(ira.page.get_by_label("What led to it")).to_have_value(re.compile("as long as it likes"))


def summary(site: Site) -> Any:
    """The status page as scripts read it."""
    with urlopen(f"{site.url}/status/api/v2/summary.json", timeout=10) as answer:
        return json.load(answer)
