"""The kinds of chat that take messages by an incoming webhook, and how each wants its words.

An address is `<kind>:<URL>`, or the URL alone where its host or path tells the kind. Words come from people, and theirs
perhaps from an attacker's alert: in no kind may they call a whole channel, name a user, or put another face on a link.
So every bracket and every at sign that could begin one is taken its meaning, and only bare URLs become links.

Sources: docs.slack.dev (incoming webhooks, formatting), developers.mattermost.com (incoming webhooks), docs.rocket.chat
(incoming integrations), learn.microsoft.com (Teams workflows, Adaptive Cards), developers.google.com (Chat webhooks,
text format), discord.com/developers (execute webhook).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from antiphon.egress.failures import Refused
from antiphon.egress.guard import parse_url

_NOTHING: Final = "\u200b"
"""A space of no width: it is not seen, and parts a mark from what it would mark."""
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(<?(https?://[^\s()<>]{1,900})>?\)")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_AT: Final = re.compile(r"(?<!\w)@(?=\w)")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """`longest`: characters (Unicode) of a message's words, a longer one is cut and leads to the page."""

    name: str
    label: str
    longest: int
    payload: Callable[[str, str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Room:
    """Where a message goes: the kind, and the URL to post to."""

    kind: Kind
    url: str


def room(address: str) -> Room | str:
    """The room that an address names, or the sentence that says what is wrong with it."""
    named, _, rest = address.partition(":")
    kind = KINDS.get(named)
    url = rest if kind else address
    try:
        parse_url(url)
    except Refused as refused:
        return str(refused)
    if not url.isascii():
        return "The URL holds letters outside ASCII; copy it again from the chat."
    kind = kind or KINDS.get(recognised(url))
    if kind is None:
        known = ", ".join(KINDS)
        return f"The URL does not tell which chat it belongs to: put one of {known} and a colon before it."
    if "/workflows/" in url and urlsplit(url).hostname == "hooks.slack.com":
        return "This URL starts a workflow of Slack; make an incoming webhook for the channel instead."
    return Room(kind, url)


def recognised(url: str) -> str:
    """The kind that a URL's host or path tells, "" for none. The URL was parsed before."""
    return provider(url) or next((kind for pattern, kind in _PATHS if pattern.fullmatch(urlsplit(url).path)), "")


def provider(url: str) -> str:
    """The kind whose provider's host it is, "" for none."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path
    for suffix, start, kind in _HOSTS:
        below = suffix.startswith(".") and host.endswith(suffix)
        if (below or host == suffix) and path.startswith(start):
            return kind
    return ""


def plain(text: str) -> str:
    """Markdown as words that read well without it: labels keep the URLs they stand for."""
    shown = _LINK.sub(lambda found: _faced(found[1].strip(), found[2]), _CONTROL.sub(" ", text))
    return re.sub(r"\n{3,}", "\n\n", shown).strip()


def _faced(label: str, url: str) -> str:
    return f"{label}: {url}" if label and label != url else url


def _quiet(text: str) -> str:
    """No bracket opens a link or a mention, no at sign calls anybody."""
    return _AT.sub(f"@{_NOTHING}", re.sub(r"([<\]])", rf"\1{_NOTHING}", plain(text)))


def _slack(subject: str, body: str, link: str) -> Mapping[str, Any]:
    """`&`, `<` and `>` are all that Slack takes for markup of links and mentions; names are not looked for."""

    def words(text: str) -> str:
        bare = _AT.sub(f"@{_NOTHING}", _STRONG.sub(r"\2", plain(text)))
        return bare.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    text = f"*{words(subject).replace('*', '')}*\n{words(body)}"
    return {"text": text, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False}


def _markdown(subject: str, body: str, link: str) -> Mapping[str, Any]:
    return {"text": f"**{_quiet(subject).replace('*', '')}**\n\n{_quiet(body)}"}


def _rocket(subject: str, body: str, link: str) -> Mapping[str, Any]:
    return {**_google(subject, body, link), "parseUrls": False}


def _discord(subject: str, body: str, link: str) -> Mapping[str, Any]:
    words = f"**{_quiet(subject).replace('*', '')}**\n{_quiet(body)}"
    return {"content": words, "allowed_mentions": {"parse": []}, "flags": 4}  # 4: no pictures of links


def _google(subject: str, body: str, link: str) -> Mapping[str, Any]:
    strong = _STRONG.sub(r"*\2*", _quiet(body))
    return {"text": f"*{_quiet(subject).replace('*', '')}*\n{strong}"}


def _teams(subject: str, body: str, link: str) -> Mapping[str, Any]:
    """Text runs hold no markup at all, so the words stand as they are; the link is a button."""
    lines = [line for line in _STRONG.sub(r"\2", plain(body)).split("\n") if line.strip()]
    rows = [_run(plain(subject), weight="bolder", size="medium"), *(_run(line) for line in lines)]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": rows,
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": link}]
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attached]}


def _run(text: str, **look: str) -> Mapping[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("slack", "Slack", 30_000, _slack),
        Kind("mattermost", "Mattermost", 12_000, _markdown),
        Kind("rocketchat", "Rocket.Chat", 4_500, _rocket),
        Kind("teams", "Microsoft Teams", 12_000, _teams),
        Kind("googlechat", "Google Chat", 3_500, _google),
        Kind("discord", "Discord", 1_800, _discord),
    )
}
_HOSTS: Final = (
    ("hooks.slack.com", "/services/", "slack"),
    ("hooks.slack.com", "/workflows/", "slack"),
    ("hooks.slack-gov.com", "/services/", "slack"),
    ("discord.com", "/api/webhooks/", "discord"),
    (".discord.com", "/api/webhooks/", "discord"),
    ("discordapp.com", "/api/webhooks/", "discord"),
    ("chat.googleapis.com", "/v1/spaces/", "googlechat"),
    (".webhook.office.com", "/webhook", "teams"),
    (".logic.azure.com", "/", "teams"),
    (".powerplatform.com", "/", "teams"),
    (".powerautomate.com", "/", "teams"),
)
_PATHS: Final = (
    (re.compile(r"(?:/[\w-]+)?/hooks/[a-z0-9]{26}"), "mattermost"),
    (re.compile(r"(?:/[\w-]+)?/hooks/[A-Za-z0-9]{17,32}/[A-Za-z0-9]{32,128}"), "rocketchat"),
)
