"""A reader subscribes to the status page, says yes by the mail, and leaves; an admin sees who is there."""

import re
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Enter
from tests.browser.site import IRA, Site, company, empty, until
from tests.browser.visitor import PHONE, Visitor
from tests.contracts.delivery.twilio import SID, TOKEN, TwilioServer

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


def test_a_reader_chooses_sms_and_types_the_code_in(site: Site, enter: Enter):
    ira = enter(site, IRA)
    with TwilioServer() as twilio:
        _set_up(ira, twilio)
        reader = enter(site, java_script_enabled=False)
        reader.page.set_viewport_size(PHONE)
        reader.see("/subscribe/status")
        reader.follow("SMS")
        reader.type("Mobile number", "0170")
        reader.press("Send me the code")
        reader.reads("Write the number with its country")
        reader.type("Mobile number", "+49 170 1234567")
        reader.press("Send me the code")
        (to, words) = until(lambda: next(iter(twilio.taken), None), "an SMS")
        assert to == "+491701234567"
        code = re.search(r"[0-9]{6}", words)
        assert code
        reader.type("Code", code[0])
        reader.press("Confirm")
        reader.reads("+491701234567 gets what this page publishes")


def test_each_way_is_fit_for_everybody(site: Site, enter: Enter):
    ira = enter(site, IRA)
    with TwilioServer() as twilio:
        _set_up(ira, twilio)
    for way in ("chat", "webhook"):
        ira.see(f"/settings/channels/{way}")
        if way == "webhook":
            ira.type("Signing secrets", "whsec_" + "b3Vy" * 10)
        ira.page.get_by_label("Readers of status pages may subscribe by it").check()
        ira.press("Save")
    ira.look("channels")
    ira.see("/settings/channels/sms")
    ira.look("channels-sms")
    reader = enter(site)
    entered = {
        "sms": ("Mobile number", "+49 170 7654321"),
        "chat": ("Webhook URL of the room", "https://hooks.slack.com/services/T0/B0/x"),
        "webhook": ("URL", "https://hooks.reader.example/in"),
    }
    for way, (label, address) in entered.items():
        reader.see(f"/subscribe/status/{way}")
        reader.look(f"subscribe-{way}")
        reader.page.get_by_label(label, exact=True).fill(address)
        reader.press("Send me the code" if way == "sms" else "Send the question there")
        reader.reads("within 7 days")
        reader.look(f"subscribe-{way}-asked")


def _set_up(ira: Visitor, twilio: TwilioServer) -> None:
    ira.see("/settings/channels/sms")
    ira.type("Account SID", SID)
    ira.type("Auth token", TOKEN)
    ira.type("Sender", "+15005550006")
    ira.type("Address of the API", twilio.base)
    ira.page.get_by_label("Readers of status pages may subscribe by it").check()
    ira.press("Save")
    ira.reads("set up, readers may subscribe")
