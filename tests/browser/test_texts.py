"""Texts by channel and language, and branding: written, looked at, approved together, and shown to readers."""

from collections.abc import Iterator

import pytest

from tests.browser import story
from tests.browser.conftest import Enter
from tests.browser.site import IRA, LEA, Site, company, empty

BRANDING = {
    "name": "Lindenhof Hosting",
    "accent": "#8a1c5a",
    "support_url": "https://help.lindenhof.example",
    "support_phone": "+49 30 123450",
    "footer": "Lindenhof Hosting GmbH, Berlin\nHRB 12345 B",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The company, with a customer's contact who reads German."""
    with empty(tmp_path_factory.mktemp("company")) as made:
        made.ready(made.start())
        sections = company(made)
        for customer in sections["customers"]:
            for contact in customer.get("contacts", ()):
                if contact["email"] == story.CUSTOMERS["Bo"]:
                    contact["language"] = "de"
        made.apply({**sections, "branding": BRANDING})
        yield made


def test_texts_are_read_and_changed_by_channel_and_language(site: Site, enter: Enter):
    ira = enter(site, IRA)
    ira.see("/settings/texts")
    ira.look("texts")
    ira.follow("Deutsch")
    ira.see("/settings/texts/business/first_word@sms?language=de")
    ira.reads("segments of at most 2")
    ira.look("text-sms")
    ira.type("Template", "Payments fail {{ hypothesis }} " * 20)
    ira.type("Why it is changed", "shorter")
    ira.press("Save")
    ira.reads("is not for business readers")
    ira.look("text-refused")


def test_the_house_shows_itself_as_it_wants(site: Site, enter: Enter):
    ira = enter(site, IRA)
    ira.see("/settings/branding")
    ira.look("branding")
    ira.type("Colour", "red; }")
    ira.press("Save")
    ira.reads("The colour must be written as #rrggbb")


def test_every_language_and_channel_stands_on_tell(site: Site, enter: Enter):
    lea = enter(site, LEA)
    room = story.declare(lea, "Orders cannot be paid", "mysql-cluster-03")
    lea.see(f"{room}/tell")
    lea.choose("What it is about", "Symptoms")
    lea.type("What is known", "Orders fail")
    lea.type("The same in Deutsch", "Bestellungen schlagen fehl")
    lea.press("Add the fact")
    lea.reads("Bestellungen schlagen fehl", inside=".fact")
    story.enter(lea, room, {name: text for name, text in story.FACTS.items() if name != "Symptoms"})
    story.draft(lea, room, "first_word")
    lea.look("tell-languages")
    business = "article[aria-labelledby$='business-title']"
    lea.unfold("In Deutsch", inside=business)
    lea.unfold("SMS", inside=business)
    lea.look("tell-languages-open")
    lea.follow("Edit", inside=business)
    lea.unfold("For single channels", inside=business)
    lea.look("tell-languages-edit")
