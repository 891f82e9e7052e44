"""One Chromium for the run, windows of one's own for each who takes part, and no fault of a page unsaid."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Site
from tests.browser.visitor import Visitor, open_window, pictures_folder

CHROMIUM = Path("/usr/bin/chromium")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Chromium as root on a machine without a screen, which calls nobody."""

Enter = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: install it with apt install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go."""
    return pictures_folder(tmp_path_factory.mktemp("pictures"))


@pytest.fixture
def enter(browser: Browser, pictures: Path) -> Iterator[Enter]:
    """Somebody opens a window on a site, and signs in if they have an address; in the end no page had a fault."""
    inside: list[Visitor] = []

    def come(site: Site, email: str = "", **options: object) -> Visitor:
        inside.append(open_window(browser, site, pictures, **options))
        if email:
            inside[-1].sign_in(email)
        return inside[-1]

    yield come
    faults = [fault for visitor in inside for fault in visitor.faults()]
    for visitor in inside:
        visitor.context.close()
    assert not faults, "\n".join(["the pages have faults:", *faults])
