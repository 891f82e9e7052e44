"""A person at a browser without scripts: cookies, links that work once, and forms sent as the pages have them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Self
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from tests.faults.installation import Installation

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and what stands in it."""

    action: str
    fields: Fields


@dataclass
class Browser:
    """One person's session. `page` is what is shown now, `url` where."""

    opener: OpenerDirector = field(default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())))
    url: str = ""
    page: str = ""

    @classmethod
    def of(cls, house: Installation, email: str) -> Self:
        """Somebody who signs in by a one-time link, which an admin makes at the terminal."""
        browser = cls()
        browser.open(house.cli("person", "link", email).split()[-1])
        browser.send(browser.url)
        assert "sign-out" in browser.page, browser.page
        return browser

    def open(self, url: str) -> str:
        """Go to a page."""
        return self._ask(url, None)

    def send(self, action: str, **typed: str | list[str]) -> str:
        """Send the form of this page that goes to `action`, with what was typed over what stood in it."""
        form = next((each for each in forms(self.page) if urljoin(self.url, each.action) == self._whole(action)), None)
        assert form is not None, f"no form to {action} among {[each.action for each in forms(self.page)]}\n{self.page}"
        kept = [(name, value) for name, value in form.fields if name not in typed]
        given = [
            (name, each) for name, value in typed.items() for each in ([value] if isinstance(value, str) else value)
        ]
        return self._ask(action, urlencode(kept + given).encode())

    def actions(self, ending: str) -> list[str]:
        """Where forms of this page go, of those that end so."""
        return [each.action for each in forms(self.page) if each.action.endswith(ending)]

    def _ask(self, url: str, data: bytes | None) -> str:
        try:
            with self.opener.open(self._whole(url), data, timeout=30) as answer:
                self.page, self.url = answer.read().decode(), answer.url
        except HTTPError as error:
            raise AssertionError(f"{url}: {error.code}\n{error.read().decode()}") from None
        return self.page

    def _whole(self, url: str) -> str:
        return urljoin(self.url, url)


def forms(page: str) -> list[Form]:
    """The forms that are sent by POST, in their order."""
    reader = _Forms()
    reader.feed(page)
    return reader.found


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form" and known.get("method") == "post":
            self._form = Form(known.get("action", ""), [])
            self.found.append(self._form)
        elif tag == "input" and self._form and known.get("name") and _is_sent(dict(attrs)):
            self._form.fields.append((known["name"], known.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


def _is_sent(attributes: dict[str, str | None]) -> bool:
    if attributes.get("type") in ("checkbox", "radio"):
        return "checked" in attributes
    return attributes.get("type") not in ("submit", "button")
