"""By which ways readers may subscribe here, and what each takes for an address.

A URL that one posts to is a secret of whoever made it. It is kept encrypted; everywhere else a subscriber is named by
its host and a keyed hash, which is the same for the same URL and leads nowhere.
"""

import re
import secrets as random
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from antiphon import config
from antiphon.channels import chat, mail, sms, webhook
from antiphon.channels.chat_kinds import Room, provider, recognised, room
from antiphon.core.decision import Refusal
from antiphon.core.subscriptions import WAYS
from antiphon.db import channel_settings, secrets
from antiphon.db.suppressions import hash_of
from antiphon.egress.failures import Refused
from antiphon.egress.guard import EgressPolicy, address_problem, parse_url, plain_host

LONGEST: Final = 254
LONGEST_URL: Final = 1_000
POSTED: Final = frozenset({chat.NAME, webhook.NAME})
"""Ways whose address is a URL."""
_LOCAL: Final = (".local", ".localhost", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is reached: `name` is kept and shown, `url` is what a message is posted to, if it is posted."""

    way: str
    name: str
    url: str = ""

    @property
    def sealed(self) -> str:
        """The URL and a new signing secret, encrypted; nothing for a way without."""
        if not self.url:
            return ""
        key = f"whsec_{b64encode(random.token_bytes(24)).decode('ascii')}"
        return secrets.encrypt({"url": self.url, "keys": [key]} if self.way == webhook.NAME else {"url": self.url})


def is_set_up(way: str) -> bool:
    """Whether anything can be sent by it."""
    return way == mail.NAME or channel_settings.load(way) is not None


def way_of(typed: str) -> str:
    """The way that an address belongs to, by its form."""
    if "://" in typed:
        return chat.NAME if isinstance(room(typed.strip()), Room) else webhook.NAME
    return mail.NAME if "@" in typed or not re.match(r"[+(]?[0-9]", typed.strip()) else sms.NAME


def addressed(way: str, typed: str) -> Address | Refusal:
    """An address in the one form in which it is kept, or what is wrong with it."""
    if "\0" in typed:
        return Refusal("The address holds a character that none may hold; type it anew.", "address")
    typed = typed.strip()
    if way == mail.NAME:
        return _mail(typed)
    if way == sms.NAME:
        return _number(typed)
    if way in POSTED:
        return _url(way, typed)
    return Refusal(f"Choose a way from {', '.join(WAYS)}.", "address")


def is_providers(known: Address) -> bool:
    """Whether its URL lies at a provider of chat, who has a host for everybody."""
    found = room(known.url) if known.way == chat.NAME else ""
    return isinstance(found, Room) and bool(provider(found.url))


def label(name: str) -> str:
    """An address as people see it: of a URL the chat and the host alone."""
    return name.partition("#")[0]


def _mail(typed: str) -> Address | Refusal:
    wrong = mail.check_address(typed) if len(typed) <= LONGEST else "No mail address is that long."
    if wrong:
        return Refusal(wrong, "address")
    local, _, host = typed.rpartition("@")
    return Address(mail.NAME, f"{local}@{plain_host(host)}".lower())


def _number(typed: str) -> Address | Refusal:
    """People write numbers with spaces, dashes, brackets, and 00 for the plus."""
    bare = re.sub(r"[ \u00a0\u202f().\-/\u2010-\u2015]", "", typed) if len(typed) <= LONGEST else typed[:LONGEST]
    number = f"+{bare[2:]}" if bare.startswith("00") else bare
    wrong = sms.check_address(number)
    return Refusal(wrong, "address") if wrong else Address(sms.NAME, number)


def _url(way: str, typed: str) -> Address | Refusal:
    if len(typed) > LONGEST_URL:
        return Refusal(f"The URL has more than {LONGEST_URL} characters; check it.", "address")
    if way == chat.NAME:
        found = room(typed)
        if isinstance(found, str):
            return Refusal(found, "address")
        shown, url, kept = f"{found.kind.label} at ", found.url, f"{found.kind.name}:{found.url}"
    else:
        shown, url, kept = "", typed, typed
        if recognised(typed):
            return Refusal("This is the URL of a chat room: subscribe it as chat, which it can read.", "address")
    wrong = _unreachable(url)
    if wrong:
        return Refusal(wrong, "address")
    host = plain_host(urlsplit(url).hostname or "")
    return Address(way, f"{shown}{host}#{hash_of(kept)[:32]}", kept)


def _unreachable(url: str) -> str | None:
    """What can be said of the URL without asking a name server; the rest is found when it is posted to."""
    try:
        target = parse_url(url)
    except Refused as refused:
        return str(refused)
    if not url.isascii():
        return "The URL holds letters outside ASCII; write them encoded."
    allowed = tuple(ip_network(each) for each in config.from_environment().allowed_to_strangers)
    try:
        problem = address_problem(ip_address(target.host), EgressPolicy(allowed_private=allowed))
    except ValueError:
        problem = "local" if not allowed and ("." not in target.host or target.host.endswith(_LOCAL)) else None
    return "This address is not a public one: enter one that is reached from everywhere." if problem else None
