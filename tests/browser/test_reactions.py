"""What comes back from customers: said on a phone without scripts, written by mail, and seen by our own people."""

import re
from pathlib import Path
from urllib.request import Request, urlopen

from tests.browser import story
from tests.browser.conftest import Enter
from tests.browser.site import ANN, IRA, LEA, Site, company, empty
from tests.browser.visitor import PHONE, Visitor
from tests.contracts.sinks import ReceivedMail
from tests.mails import SAMPLES, answer, reply

SAID = "We still see it in our shop in Leipzig.\n\nCan you ring me up before noon?\n\nOn Friday they wrote:\n> Hello"

ASKED = (SAMPLES / "providers" / "confirmation-ses.json").read_bytes()


def test_what_comes_back_is_seen_where_it_belongs(tmp_path: Path, enter: Enter):
    with empty(tmp_path) as site:
        site.ready(site.start())
        site.apply(company(site))
        ann, lea = (enter(site, email) for email in (ANN, LEA))
        room = story.declare(ann, "Orders cannot be paid", "mysql-cluster-03")
        story.enter(ann, room, story.FACTS)
        story.draft(lea, room, "first_word")
        story.approve(ann, room, "first_word")
        story.send(lea, room, "first_word")
        tess, bo = (site.mail(to, says="update") for to in story.CUSTOMERS.values())
        a_reader_says_it_by_buttons(enter, site, bo)
        hand_over(site, reply(bo, SAID), answer("bounce-postfix", tess), b"From: x@y.example\n\nIs this you?\n", ASKED)
        the_reply_is_seen_to(lea, room)
        a_lost_contact_is_tried_again(lea)
        addresses_are_looked_after(enter(site, IRA), lea)


def a_reader_says_it_by_buttons(enter: Enter, site: Site, mail: ReceivedMail) -> None:
    link = re.search(r"/heard/[\w.-]+", mail.body())
    assert link
    reader = enter(site)
    reader.see(link[0])
    reader.look("heard")
    plain = enter(site, java_script_enabled=False)
    plain.page.set_viewport_size(PHONE)
    plain.see(link[0])
    plain.press("I have read this")
    plain.reads("You said that you have read it")
    plain.type("What was missing, or good? If you like", "Which shops are hit?")
    plain.press("No, it was not")
    plain.reads("You said: no.")
    plain.press("Send me the technical version")
    plain.reads("You get the technical version from now on.")
    reader.page.reload()
    reader.look("heard-said")
    assert not reader.context.cookies()
    site.mail(mail.recipient, says="MySQL cluster 03")


def hand_over(site: Site, *mails: bytes) -> None:
    """Through the door for providers."""
    path = site.house.run("key", "add", "provider", "--kind", "mail").last
    for mail in mails:
        with urlopen(Request(f"{site.url}{path}/mail", data=mail), timeout=20) as taken:
            assert taken.status == 200


def the_reply_is_seen_to(lea: Visitor, room: str) -> None:
    lea.see(room)
    lea.reads("Replies from customers", inside="#lane-business")
    lea.follow("Bo", inside="#lane-business")
    lea.reads("Can you ring me up before noon?", inside="#replies")
    lea.look("tell-replies")
    lea.page.locator("#replies").get_by_role("button", name="Mark as answered").click()
    lea.reads("Answered by Lea", inside="#replies")


def a_lost_contact_is_tried_again(lea: Visitor) -> None:
    lea.see("/customers")
    lea.reads("Did not arrive")
    lea.look("customers-lost")
    lea.page.get_by_role("button", name="Try again").first.click()
    lea.reads("They are written to again.", inside="#toasts")


def addresses_are_looked_after(ira: Visitor, lea: Visitor) -> None:
    ira.see("/settings/returns")
    ira.reads("Mail that belongs to nothing")
    ira.type("Is this address among them?", "nobody@halden.example")
    ira.press("Look")
    ira.reads("This address is written to")
    ira.look("returns")
    ira.see("/settings/returns")
    ira.reads("Amazon SES asks whether it may post here")
    signing = "form[action='/settings/returns/signing']"
    ira.type("Verification key of SendGrid", "no key")
    ira.press("Save", inside=signing)
    ira.reads("Copy the verification key", inside=signing)
    ira.type("HTTP webhook signing key of Mailgun", "a key of Mailgun")
    ira.type("Verification key of SendGrid", "")
    ira.press("Save", inside=signing)
    ira.reads("Signatures are checked")
    ira.look("returns-signed")
    lea.see("/settings/returns")
    assert lea.page.get_by_label("Count who opens a mail").count() == 0, "an admin decides what is measured"
