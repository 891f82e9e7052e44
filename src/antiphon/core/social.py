"""Posts for the public: when one is made, what it says, and what becomes of those that a person makes. Pure.

At SEV1 every text for the public is posted with its publication, at milder severities as the organisation chose; and
who read there that it is open reads there that it is over. Never in practice. Source: DOMAIN §8.2 (SEV1 adds social
channels at once).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import PostMade
from antiphon.core.sending import SLOT, OutsideText

KIND: Final = "social"
TASK: Final = "social"
"""The measure of the business track that posts fulfil."""
MASTODON: Final = "mastodon"
WITHIN: Final = timedelta(minutes=15)
"""How soon a person makes the post that a program cannot make."""
LONGEST_NAME: Final = 40
MOST_NETWORKS: Final = 8
LONGEST_URL: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the organisation chose. `up_to`: posts are made at SEV1 to this; `networks`: names of networks that take no
    posts from a program, so that a person makes them."""

    up_to: int = 1
    networks: tuple[str, ...] = ()


class PostState(StrEnum):
    OPEN = "open"
    POSTED = "posted"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post that a person makes: the words to copy, and where they stand."""

    uid: str
    network: str
    text: str
    state: PostState = PostState.OPEN
    url: str = ""
    posted_at: datetime | None = None


def wanted(*, severity: int, nature: str, before: bool, choice: Choice) -> bool:
    """Whether a text for the public is posted. `before`: one of this incident was, so that its end is posted too."""
    return nature == "real" and (severity <= choice.up_to or before)


def post_of(text: OutsideText, link: str, *, most: int) -> str:
    """The words of a post: those approved for it, else the subject; with the page's address, in so many characters."""
    said = SLOT.sub("", text.channels.get(KIND) or text.subject).strip()
    if not link or link in said:
        return said[:most]
    room = most - len(link) - 1
    return f"{said if len(said) <= room else f'{said[: room - 1].rstrip()}…'}\n{link}"


def posted(post: Post, url: str, *, now: datetime) -> Decision[Post] | Refusal:
    """A person has made the post; where it stands, so that anybody may look."""
    where = url.strip()
    if not _web(where):
        return Refusal("Give the post's address, such as https://example.org/post/1.", "url")
    if post.state is not PostState.OPEN:
        return Refusal("The post is made already: reload the page to see where it stands.", "post")
    event = PostMade(post=post.uid, network=post.network, url=where)
    return Decision(replace(post, state=PostState.POSTED, url=where, posted_at=now), (event,))


def superseded(posts: Iterable[Post], networks: Iterable[str]) -> tuple[Post, ...]:
    """Posts that nobody made before a newer text came: the newer one says it."""
    anew = set(networks)
    return tuple(
        replace(each, state=PostState.VOID) for each in posts if each.state is PostState.OPEN and each.network in anew
    )


def check(choice: Choice) -> Refusal | None:
    """Why this choice cannot hold."""
    if not 0 <= choice.up_to <= 5:
        return Refusal("Choose up to which severity is posted: SEV1 to SEV5, or never.", "up_to")
    if len(choice.networks) > MOST_NETWORKS:
        return Refusal(f"Name {MOST_NETWORKS} networks at most.", "networks")
    wrong = next((n for n in choice.networks if len(n) > LONGEST_NAME or not n.isprintable()), None)
    if wrong is not None:
        return Refusal(f"A network's name has up to {LONGEST_NAME} characters, one name a line.", "networks")
    return None


def _web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and len(url) <= LONGEST_URL
