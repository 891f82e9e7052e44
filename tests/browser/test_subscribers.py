"""A reader subscribes to the status page, says yes by the mail, and leaves; an admin sees who is there."""

import re
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Enter
from tests.browser.site import IRA, Site, company, empty
from tests.browser.visitor import PHONE

SUE = "sue@reader.example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example company, whose page lists its components."""
    with empty(tmp_path_factory.mktemp("company")) as made:
        up = made.start()
        made.ready(up)
        made.apply(company(made))
        yield made


def test_a_reader_subscribes_without_scripts_and_leaves_again(site: Site, enter: Enter):
    reader = enter(site, java_script_enabled=False)
    reader.page.set_viewport_size(PHONE)
    reader.see("/subscribe/status")
    reader.type("E-mail", "nobody")
    reader.press("Send me the link")
    assert reader.page.locator("input[name=address]").input_value() == "nobody"
    reader.type("E-mail", SUE)
    reader.press("Send me the link")
    reader.reads("Look into your mail")
    mail = site.mail(SUE, says="Confirm that you want to hear")
    link = re.search(r"/subscription/\S+", mail.body())
    assert link
    reader.see(link[0])
    reader.reads("gets nothing until you confirm")
    reader.press("Confirm")
    reader.reads("gets what this page publishes")
    reader.press("Unsubscribe")
    reader.reads("gets nothing from this page")


def test_the_pages_are_fit_for_everybody(site: Site, enter: Enter):
    reader = enter(site)
    reader.see("/status/")
    reader.look("status-page")
    reader.follow("Subscribe", inside="header")
    reader.page.wait_for_url("**/subscribe/status")
    reader.press("Send me the link")
    reader.look("subscribe")
    reader.type("E-mail", "tom@reader.example")
    reader.press("Send me the link")
    reader.reads("Look into your mail")
    reader.look("subscribe-asked")
    link = re.search(r"/subscription/\S+", site.mail("tom@reader.example").body())
    assert link
    reader.see(link[0])
    reader.press("Confirm")
    reader.look("subscription")
    ira = enter(site, IRA)
    ira.see("/settings/pages")
    ira.follow("1 subscriber")
    ira.reads("tom@reader.example")
    ira.look("subscribers")
    ira.press("Erase tom@reader.example")
    ira.reads("The address is erased and stays out.")
    reader.page.reload()
    reader.reads("Nothing to subscribe to here")
    reader.look("subscribe-unknown")
