"""Somebody at a real browser. What the browser complains of, and what axe finds, is kept and told."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize

from tests.browser.site import Site

Scheme = Literal["light", "dark"]
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
RULES: dict[str, object] = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
DARK_RULES: dict[str, object] = {"type": "rule", "values": ["color-contrast"]}
WITHOUT_TRACES = """document.querySelectorAll('[style=""]').forEach(node => node.removeAttribute("style"))"""
"""Axe leaves empty style attributes behind, which our own policy forbids to be copied."""
EXPECTED = ("422 (Unprocessable", "404 (Not Found)", "410 (Gone)")
"""What Chromium writes for an answer that is a refusal: no fault of the page."""


@dataclass
class Visitor:
    """A person's browser window on a site."""

    site: Site
    context: BrowserContext
    page: Page
    pictures: Path
    complaints: list[str] = field(default_factory=list)
    overflowing: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    _axe_looks: bool = False

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if self._axe_looks and "inline style" in message.text:
            return
        if message.type in ("error", "warning") and not any(known in message.text for known in EXPECTED):
            self.complaints.append(f"{self.page.url}: {message.text}")

    # --- what a person does ------------------------------------------------------------------------

    def see(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(f"{self.site.url}{path}")

    def sign_in(self, email: str) -> None:
        """By a one-time link."""
        self.page.goto(self.site.link(email))
        self.press("Sign in")
        self.page.wait_for_url(f"{self.site.url}/")

    def type(self, label: str, text: str) -> None:
        """Into the field of this label."""
        self._field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """In the list of this label."""
        self._field(label).select_option(option)

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}(\s+optional)?\s*$")).first

    def press(self, name: str, *, inside: str = "body") -> None:
        """The first button of this name."""
        self.page.locator(inside).get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str, *, inside: str = "main") -> None:
        """The first link of this name."""
        self.page.locator(inside).get_by_role("link", name=name).first.click()

    def unfold(self, name: str, *, inside: str = "main") -> None:
        """A panel that says what will happen before it does it."""
        self.page.locator(f"{inside} summary", has_text=name).first.click()

    def reads(self, text: str, *, inside: str = "body") -> Locator:
        """Wait until it stands there, visible."""
        found = self.page.locator(inside).get_by_text(text).first
        found.wait_for()
        return found

    # --- what we look at ---------------------------------------------------------------------------

    def look(self, name: str) -> None:
        """Keep pictures of the page and have axe look at it: wide, on a phone, and wide in the dark."""
        looks: tuple[tuple[ViewportSize, Scheme], ...] = ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"))
        for size, scheme in looks:
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            title = f"{name}-{size['width']}-{scheme}"
            self.page.screenshot(path=self.pictures / f"{title}.png", full_page=True, animations="disabled")
            self._overflow(title)
            self._axe(title, DARK_RULES if scheme == "dark" else RULES)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(WIDE)

    def _overflow(self, title: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.overflowing.append(f"{title}: {wide} px too wide")

    def _axe(self, title: str, rules: dict[str, object]) -> None:
        self._axe_looks = True
        for violation in Axe().run(self.page, options={"runOnly": rules}).response["violations"]:
            nodes = violation["nodes"]
            what = f"{violation['id']} ×{len(nodes)}: {nodes[0]['html'][:200]}: {nodes[0]['failureSummary'][:300]}"
            self.found.append(f"{title}: {what}")
        self.page.evaluate(WITHOUT_TRACES)
        self._axe_looks = False

    def faults(self) -> list[str]:
        """Everything that is wrong with the pages seen so far."""
        return [*self.complaints, *self.overflowing, *self.found]


def open_window(browser: Browser, site: Site, pictures: Path, **options: object) -> Visitor:
    """A window with cookies of its own. `options` are the browser context's, such as java_script_enabled."""
    context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
    return Visitor(site, context, context.new_page(), pictures)


def pictures_folder(otherwise: Path) -> Path:
    """Where the pictures go: ANTIPHON_SCREENSHOTS, else a folder of the run."""
    folder = Path(os.environ.get("ANTIPHON_SCREENSHOTS") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
