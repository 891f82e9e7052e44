"""The first minute: from the printed link to a test incident, through the wizard."""

from pathlib import Path

from tests.browser.conftest import Enter
from tests.browser.site import empty


def test_the_wizard_leads_from_the_printed_link_to_a_test_incident(tmp_path: Path, enter: Enter):
    with empty(tmp_path) as site:
        up = site.start()
        link = up.expect(r"http://\S+/link/\S+")
        site.ready(up)
        nora = enter(site)
        nora.page.goto(link)
        nora.look("setup-person")
        nora.type("Your name", "Nora Quist")
        nora.type("E-mail", "nora@lindenhof.example")
        nora.type("Password", "short")
        nora.type("Organisation", "Lindenhof Hosting")
        nora.press("Go on")
        nora.reads("too short")
        nora.look("setup-refused")
        nora.type("Password", "a long walk by the river")
        nora.press("Go on")

        nora.reads("Where this is reached")
        nora.look("setup-address")
        nora.press("Go on")

        nora.reads("Send a test to yourself")
        nora.type("Mail server", site.smtp.host)
        nora.look("setup-mail")
        nora.type("Port", str(site.smtp.port))
        nora.choose("Encryption", "none")
        nora.type("Sender address", "incidents@lindenhof.example")
        nora.press("Send a test to me")
        site.mail("nora@lindenhof.example")
        nora.reads("Handed over", inside=".note.good")
        nora.look("setup-mail-tested")
        nora.press("Go on")

        nora.reads("The first key")
        nora.press("Make the key")
        nora.look("setup-key")
        nora.press("Send test alert")
        nora.reads("It arrived and opened test incident #1, which reaches nobody outside.")
        nora.look("setup-arrived")
        nora.press("Finish")
        nora.page.wait_for_url(f"{site.url}/")
        nora.reads("Practice")
        nora.look("now-after-setup")
        site.mail("nora@lindenhof.example", says="SEV")

        nora.page.goto(link)
        nora.reads("This link no longer works")
        nora.look("link-spent")
