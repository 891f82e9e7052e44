"""A person at a browser, without the browser: fetches pages, keeps cookies, fills in the forms that the pages hold.

It goes out through the egress room like everything else of ours, by a policy that allows this machine alone.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from antiphon.egress.guard import EgressPolicy
from antiphon.egress.http import Reply
from antiphon.egress.transport import Transport

LARGEST_PAGE: Final = 2_000_000
SECONDS: Final = 30.0
Values = str | list[str]


class Stuck(Exception):
    """The program did not answer as the play needs it; the sentence says where."""


@dataclass
class Form:
    """A form as a browser reads it: where it goes, and what it would send untouched."""

    action: str
    fields: dict[str, Values] = field(default_factory=dict)


def transport() -> Transport:
    """The way to this machine and to no other. Make and close it on one event loop."""
    here = EgressPolicy(allowed_private=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
    return Transport(here, deadline=SECONDS, most=LARGEST_PAGE)


@dataclass
class Visitor:
    """Somebody with a browser of their own, at `base`; `address` is where their mail goes."""

    name: str
    address: str
    base: str
    way: Transport
    cookies: dict[str, str] = field(default_factory=dict)

    async def see(self, path: str) -> str:
        """The page at the path. Raises Stuck when it is not shown."""
        reply = await self._ask("GET", path)
        if reply.status != 200:
            raise Stuck(f"{self.name} asked for {path} and got {reply.status}: {words(_text(reply))}")
        return _text(reply)

    async def fill(self, path: str, action: str, **given: Values) -> None:
        """Open the page, fill in the form that goes to `action` (a pattern), send it. Raises Stuck when refused."""
        page = await self.see(path)
        form = next((one for one in forms(page) if re.fullmatch(action, one.action or path)), None)
        if form is None:
            raise Stuck(f"{self.name} found no form for {action} on {path}: {words(page)}")
        body = urlencode(form.fields | given, doseq=True).encode()
        to = form.action or path
        reply = await self._ask("POST", to, body, **{"Content-Type": "application/x-www-form-urlencoded"})
        if reply.status != 302:
            raise Stuck(f"{self.name} sent {to} and got {reply.status}: {words(_text(reply))}")

    async def read(self, path: str) -> Any:
        """The JSON at the path."""
        return msgspec.json.decode(await self.see(path))

    async def _ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = await self.way.http.request(method, f"{self.base}{path}", headers=headers, body=body)
        for line in reply.cookies:
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return reply


@dataclass(frozen=True)
class Program:
    """A program: sends alerts by the key's path, reads by a token."""

    base: str
    path: str
    token: str
    way: Transport

    async def alert(self, alerts: list[dict[str, Any]]) -> None:
        """Send alerts as Prometheus does, by Alertmanager's API v2."""
        body = msgspec.json.encode(alerts)
        url = f"{self.base}{self.path}/api/v2/alerts"
        reply = await self.way.http.request("POST", url, headers={"Content-Type": "application/json"}, body=body)
        if reply.status != 200:
            raise Stuck(f"The door for alerts answered {reply.status}: {_text(reply)[:200]}")

    async def read(self, path: str) -> Any:
        """What the API answers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        reply = await self.way.http.request("GET", f"{self.base}{path}", headers=headers)
        if reply.status != 200:
            raise Stuck(f"{path} answered {reply.status}: {_text(reply)[:200]}")
        return msgspec.json.decode(reply.body)


def forms(page: str) -> list[Form]:
    """The forms of a page that change something, in their order."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


def words(page: str) -> str:
    """The words of a page's main part, to be shown where something went wrong."""
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    text = re.sub(r"<(script|style|svg|form).*?</\1>", " ", main[0] if main else page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:400]


class _Reader(HTMLParser):
    """Collects the forms sent by POST, with the value that each field has before anybody touches it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._name = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(had.get("action", "")) if had.get("method", "").lower() == "post" else None
            self.found += [self._form] if self._form else []
        elif self._form is None:
            return
        elif tag in ("select", "textarea"):
            self._name, self._options = had.get("name", ""), []
            self._form.fields[self._name] = ""
        elif tag == "option":
            self._options.append((had.get("value", ""), "selected" in had))
        elif tag == "input":
            self._input(self._form, had)

    def handle_endtag(self, tag: str) -> None:
        if self._form and tag == "select" and self._options:
            chosen = [value for value, selected in self._options if selected]
            self._form.fields[self._name] = chosen[0] if chosen else self._options[0][0]
        if tag in ("select", "textarea"):
            self._name = ""
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._form and self._name and not self._options:
            self._form.fields[self._name] = f"{self._form.fields[self._name]}{data}".lstrip("\n")

    def _input(self, form: Form, had: dict[str, str]) -> None:
        kind, name = had.get("type", "text").lower(), had.get("name", "")
        if not name or kind in ("submit", "button", "file"):
            return
        if kind not in ("checkbox", "radio"):
            form.fields[name] = had.get("value", "")
        elif "checked" in had:
            before = form.fields.get(name, [])
            form.fields[name] = [*(before if isinstance(before, list) else [before]), had.get("value", "on")]


def _text(reply: Reply) -> str:
    return reply.body.decode("utf-8", "replace")
