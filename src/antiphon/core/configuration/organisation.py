"""The sections on how the house as a whole goes about it: limits, approvals, the watch, what comes back, calls, posts.

Each lies over what holds: what a section does not mention stays as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from antiphon.core import approving, calls, digest, limits, social
from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.configuration import reading as read
from antiphon.core.configuration.fields import severity, whole_only, word
from antiphon.core.configuration.reading import MISSING, Field, Reader, Reading, Shape
from antiphon.core.configuration.tree import Configuration, Entry, Node
from antiphon.core.decision import Refusal
from antiphon.core.inbound.providers import signing
from antiphon.core.severity import Severity

MINUTE: Final = timedelta(minutes=1)


def _minutes(node: Node, path: str, reading: Reading) -> Any:
    """A length of time in whole minutes, as a number."""
    found = read.duration(node, path, reading)
    if found is MISSING or not found % MINUTE:
        return found if found is MISSING else found // MINUTE
    return reading.refuse(node.line, path, "Write whole minutes, such as 15m or 1h.")


def _level(node: Node, path: str, reading: Reading) -> Any:
    found = read.one_of(*map(str, Severity))(node, path, reading)
    return found if found is MISSING else int(Severity[found])


_many: Final = read.whole(1, limits.AT_MOST)
_percent: Final = read.from_text(lambda found: int(found.removesuffix("%")), "Write a share such as 50%.")
_digest = Shape(
    "digest",
    {"messages": Field(read.whole(0, digest.MOST_MESSAGES)), "window": Field(_minutes)},
)
_pace = Shape("deadline", {"share": Field(_percent), "at_sev1": Field(_minutes), "without_promise": Field(_minutes)})
_further = Shape(
    "further approval",
    {
        "name": Field(read.name(approving.LONGEST_NAME)),
        "people": Field(read.list_of(read.ref("person"))),
        "audiences": Field(read.list_of(read.one_of(*sorted(str(each) for each in OUTSIDE)))),
        "up_to": Field(_level),
        "legal_only": Field(read.yes_no),
    },
)
_approvals = Shape(
    "list of approvals",
    {
        "four_eyes_up_to": Field(_level),
        "prepare_drafts": Field(read.yes_no),
        "deadline": Field(read.record(_pace)),
        "further": Field(read.record(_further)),
    },
)
_watch = Shape(
    "watch",
    {"url": Field(word, required=True, because="Take it from the environment: “url: {env: WATCH_URL}”.")},
)
_returns = Shape("list of keys", {name: Field(word) for name in ("mailgun_signing_key", "sendgrid_public_key")})
_calls = Shape("list of calls", {"accounts": Field(read.whole(0, calls.AT_MOST), required=True)})
_posts = Shape("list of posts", {"up_to": Field(severity), "networks": Field(read.list_of(read.name()))})
_measure = Shape("list of what is measured", {"opens": Field(read.yes_no), "clicks": Field(read.yes_no)})

SECTIONS: Final = ("limits", "digest", "approvals", "watch", "measure", "returns", "calls", "posts")


def readers(channels: Iterable[str]) -> dict[str, Reader]:
    """How each of the sections is read; a person's limit is set by channel."""
    per_person = read.map_of(_many, (*channels, "voice"), "list of channels")
    shape = Shape(
        "list of limits",
        {"per_person": Field(per_person), "recipient": Field(_many), "instance": Field(_many)},
    )
    shapes = (shape, _digest, _approvals, _watch, _measure, _returns, _calls, _posts)
    return {name: whole_only(each) for name, each in zip(SECTIONS, shapes, strict=True)}


# --- over what holds ----------------------------------------------------------------------------------------------


def limits_of(entry: Entry, before: limits.Limits) -> limits.Limits:
    """The limits with what the file mentions."""
    per_person = {**before.per_person, **entry.get("per_person", {})}
    return replace(before, **entry.only("recipient", "instance"), per_person=per_person)


def digest_of(entry: Entry, before: digest.Pace) -> digest.Pace:
    """When texts are gathered, with what the file mentions."""
    return replace(before, **_renamed(entry, {"messages": "messages", "window": "minutes"}))


def approvals_of(entry: Entry, before: approving.Rules, *, uid_of: Callable[[str], str]) -> approving.Rules:
    """Who approves what, with what the file mentions; `uid_of` knows people by their mail address."""
    pace, further = before.pace, before.further
    if "deadline" in entry:
        names = {"share": "share", "at_sev1": "minutes_at_sev1", "without_promise": "minutes"}
        pace = replace(pace, **_renamed(entry["deadline"], names))
    if "further" in entry:
        given = dict(entry["further"].values)
        if "people" in given:
            given["people"] = frozenset(map(uid_of, given["people"]))
        if "audiences" in given:
            given["audiences"] = frozenset(map(Audience, given["audiences"]))
        further = replace(further, **given)
    told = _renamed(entry, {"four_eyes_up_to": "four_eyes_up_to", "prepare_drafts": "prepare"})
    return replace(before, pace=pace, further=further, **told)


def posts_of(entry: Entry, before: social.Choice) -> social.Choice:
    """What is posted, with what the file mentions; at no severity where it says none."""
    up_to = (entry["up_to"] or 0) if "up_to" in entry else before.up_to
    return replace(before, up_to=up_to, networks=tuple(dict.fromkeys(entry.get("networks", before.networks))))


def _renamed(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    return {field: entry[key] for key, field in names.items() if key in entry}


# --- what cannot hold ---------------------------------------------------------------------------------------------


def check(config: Configuration, url_problem: Callable[[str], str | None], reading: Reading) -> None:
    """Note what no single key can tell. What else holds already is not known here: what a file leaves out is taken
    to be as shipped, which is within all bounds."""
    if config.digest:
        _say(config.digest, digest.check(digest_of(config.digest, digest.Pace())), {"minutes": "window"}, reading)
    if config.approvals:
        entry = config.approvals
        _say(entry, approving.check(approvals_of(entry, approving.SHIPPED, uid_of=str)), _IN_APPROVALS, reading)
    if config.watch and config.watch["url"] and (wrong := url_problem(config.watch["url"])):
        reading.refuse(config.watch.at("url"), "watch.url", wrong)
    if config.posts:
        _say(config.posts, social.check(posts_of(config.posts, social.Choice())), {}, reading)
    if config.returns:
        _say(config.returns, signing.check(signing.Keys(**config.returns.values)), {}, reading)


_IN_APPROVALS: Final = {
    "share": "deadline.share",
    "minutes_at_sev1": "deadline.at_sev1",
    "minutes": "deadline.without_promise",
    "up_to": "further.up_to",
    "name": "further.name",
    "audiences": "further.audiences",
    "people": "further.people",
}


def _say(entry: Entry, refusal: Refusal | None, keys: Mapping[str, str], reading: Reading) -> None:
    if refusal:
        line, path = place_of(entry, keys.get(refusal.field, refusal.field))
        reading.refuse(line, path, refusal.sentence)


def place_of(entry: Entry, key: str) -> tuple[int, str]:
    """Line and path of a key, which may be one of a record inside (`deadline.share`)."""
    outer, _, inner = key.partition(".")
    line = entry[outer].at(inner) if inner and outer in entry else entry.at(outer)
    return line, f"{entry.path}.{key}"
