"""Settings of classification, who holds roles, and the figures: read by everybody, and looked at before they hold."""

from collections.abc import Iterator

import pytest

from tests.browser import story
from tests.browser.conftest import Enter
from tests.browser.site import IRA, Site, company, empty
from tests.browser.visitor import PHONE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The company, with one incident."""
    with empty(tmp_path_factory.mktemp("company")) as made:
        made.ready(made.start())
        made.apply(company(made))
        yield made


def test_settings_are_looked_at_before_they_hold(site: Site, enter: Enter):
    ira = enter(site, IRA)
    story.declare(ira, "Orders cannot be paid", "mysql-cluster-03")
    ira.look("room-verdict")
    ira.see("/settings/classification")
    ira.look("classification")
    ira.press("See what would have been")
    ira.reads("would have another verdict")
    ira.look("classification-looked")
    ira.press("Save these settings")
    ira.reads("Saved. Open incidents are asked again with it.")
    ira.see("/settings/roles")
    ira.look("roles")
    ira.see("/figures")
    ira.look("figures")


def test_it_works_without_scripts_on_a_phone(site: Site, enter: Enter):
    ira = enter(site, IRA, java_script_enabled=False)
    ira.page.set_viewport_size(PHONE)
    for path in ("/settings/classification", "/settings/roles", "/figures"):
        ira.see(path)
        assert ira.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
