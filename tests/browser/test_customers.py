"""Who reads which version, tagged many at once with scripts and without, and the words that suggest it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import yaml

from antiphon.cli.demo.tickets import written
from antiphon.cli.demo_data import demo_configuration
from tests.browser.conftest import Enter
from tests.browser.site import IRA, LEA, Site, company, empty
from tests.browser.visitor import PHONE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo's company with its customers, whose tickets were imported."""
    with empty(tmp_path_factory.mktemp("company")) as made:
        up = made.start()
        made.ready(up)
        made.apply({**company(made)})
        made.apply({"customers": yaml.safe_load(demo_configuration(smtp_port=made.smtp.port))["customers"]})
        file = made.house.data.parent / "tickets.jsonl"
        rows = list(written(now=datetime.now(UTC)))
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        said = made.house.run("tickets", "import", str(file), "--origin", "help desk")
        assert (said.code, json.loads(said.last)["new"]) == (0, len(rows)), said
        yield made


def test_a_person_confirms_many_at_once_and_takes_it_back(site: Site, enter: Enter):
    lea = enter(site, LEA)
    lea.see("/customers")
    lea.look("customers")
    lea.follow("With a suggestion")
    lea.reads("asked for API access or SSH keys")
    button = lea.page.locator("[data-counted]")
    assert button.is_disabled()
    for box in lea.page.locator("input[name=contact]").all()[:2]:
        box.check()
    assert button.inner_text() == "Tag 2 contacts as suggested"
    lea.page.get_by_label("All on this page").check()
    lea.choose("Ticked contacts", "technical")
    assert button.inner_text() == "Tag 7 contacts as technical"
    lea.choose("Ticked contacts", "suggested")
    lea.look("customers-ticked")
    button.click()
    lea.reads("7 contacts are tagged as suggested.")
    lea.reads("With a suggestion (0)")
    lea.look("customers-tagged")
    lea.press("Undo")
    lea.reads("With a suggestion (7)")


def test_it_works_without_scripts_and_on_a_phone(site: Site, enter: Enter):
    lea = enter(site, LEA, java_script_enabled=False)
    lea.page.set_viewport_size(PHONE)
    lea.see("/customers?suggested=any")
    lea.page.locator("input[name=contact]").first.check()
    lea.choose("Ticked contacts", "dismiss")
    lea.press("Do this for all ticked")
    lea.reads("1 suggestion is dismissed.")
    lea.reads("With a suggestion (6)")


def test_the_navigation_leads_there_from_a_phone(site: Site, enter: Enter):
    ira = enter(site, IRA)
    ira.page.set_viewport_size(PHONE)
    ira.see("/")
    ira.unfold("More", inside="nav")
    ira.follow("Customers", inside="nav .nav-more")
    ira.page.wait_for_url("**/customers")
    ira.page.set_viewport_size({"width": 1280, "height": 900})
    ira.see("/")
    ira.page.keyboard.type("gu")
    ira.page.wait_for_url("**/customers")


def test_words_and_weights_are_seen_tried_and_changed(site: Site, enter: Enter):
    ira = enter(site, IRA)
    ira.see("/settings/segments")
    ira.look("segments")
    ira.type("A ticket's text", "Where do I upload the SSH key? nginx says HTTP 502. Our customers cannot order.")
    ira.press("Read it")
    ira.reads("technical 0.54")
    assert ira.page.locator("mark.tech").first.inner_text() == "SSH key"
    ira.look("segments-tried")
    ira.unfold("asked for API access or SSH keys")
    ira.page.locator("#id_keys_weight").fill("99")
    ira.press("Save")
    ira.reads("A weight is a number from 0")
    ira.look("segments-refused")
    ira.page.locator("#id_keys_weight").fill("2.5")
    ira.press("Save")
    ira.reads("Saved.")
    ira.reads("weight 2.5")
    assert ira.page.locator("#id_keys_weight").input_value() == "2.5"
