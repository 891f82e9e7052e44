"""What may leave the house, what came of it, and when to try again.

Everything here is a value or a pure rule. Channels receive an `Envelope` and answer with an `Outcome`; texts for people
outside are `OutsideText`, which `antiphon.core.wording` alone can make, so that no other code can put words outside.
"""

from __future__ import annotations

import hashlib
import html
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NoReturn

from antiphon.core.branding import NO_BRAND, Brand

# --- what came of an attempt -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted the message. `reference` is its name for it, `detail` its words."""

    reference: str
    detail: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not accepted this time. `after`: the provider asked us to wait at least so long.

    `tried` false: time ran out before the provider was asked, so that this was no attempt and it is due at once.
    """

    reason: str
    after: timedelta | None = None
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """Trying again cannot help. `reason` says what is wrong and how to mend it; `gone`: the provider says that nobody
    is there any more, or that they want nothing more, so that nothing else may go there either."""

    reason: str
    gone: bool = False


Outcome = Sent | Retry | Dead
Told = Callable[[int, Outcome], None]
"""Hears what came of one of many messages, by its place among them, as soon as it is known."""


def ignored(place: int, outcome: Outcome) -> None:
    """For who waits for all of them together."""


class NotSent(StrEnum):
    """The closed list of reasons why a message that was due was not handed to a provider (RELIABILITY I7, I12)."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    SUPERSEDED = "superseded"
    STALE_FOLDED = "stale_folded"
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    PRACTICE = "practice"
    UNAPPROVED = "unapproved"
    NO_VERSION = "no_version"
    RATE_LIMITED = "rate_limited"
    BREAKER_OPEN = "breaker_open"
    HELD = "held"
    NO_CHANNEL = "no_channel"
    NO_ADDRESS = "no_address"
    GAVE_UP = "gave_up"

    @property
    def sentence(self) -> str:
        """The reason as a person reads it."""
        return _SENTENCES[self]


_SENTENCES: Final[Mapping[NotSent, str]] = {
    NotSent.ACKNOWLEDGED: "Not sent: somebody had acknowledged it already.",
    NotSent.RESOLVED: "Not sent: the incident was resolved already.",
    NotSent.SUPERSEDED: "Not sent: a newer message says what this one said.",
    NotSent.STALE_FOLDED: "Not sent: older than 15 minutes, told in one current summary instead.",
    NotSent.SUPPRESSED: "Not sent: this address is on the suppression list.",
    NotSent.UNSUBSCRIBED: "Not sent: the recipient unsubscribed.",
    NotSent.PRACTICE: "Not sent: practice, nobody outside is told.",
    NotSent.UNAPPROVED: "Not sent: exactly this text was not approved.",
    NotSent.NO_VERSION: "Not sent: there is no version of the text for this audience.",
    NotSent.RATE_LIMITED: "Not sent: the recipient had as many messages as the limit allows.",
    NotSent.BREAKER_OPEN: "Not sent: sending is stopped by the breaker.",
    NotSent.HELD: "Not sent: older than the last start, import or restore; a person must release it.",
    NotSent.NO_CHANNEL: "Not sent: the channel is not set up.",
    NotSent.NO_ADDRESS: "Not sent: the recipient has no address for this channel.",
    NotSent.GAVE_UP: "Not sent: every attempt failed.",
}

# --- texts -------------------------------------------------------------------------------------------------------

_MAKER: Final = "antiphon.core.wording"
CHANNELS: Final = ("sms", "chat", "social", "voice")
"""Kinds of channel that may have words of their own; mail and page share the body."""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False)
class OutsideText:
    """A text that may leave the house to one audience outside. Only `antiphon.core.wording` makes one.

    `channels` holds words for a kind of channel; one that is not in it gets a short text of the subject. `digest` is
    the SHA-256 (hex) over the exact bytes of audience, subject, both bodies and the channels' words: what an approval
    approves (RELIABILITY I25). Recipient slots stand in it as markers, see `fill`.
    """

    subject: str
    body_text: str
    body_html: str
    audience: str
    digest: str
    channels: Mapping[str, str] = field(hash=False)

    def __init__(self) -> None:
        raise TypeError("An outside text is made by antiphon.core.wording only, after the facts were filtered.")

    @classmethod
    def _seal(
        cls, *, subject: str, body_text: str, body_html: str, audience: str, channels: Mapping[str, str] = NOTHING
    ) -> OutsideText:
        """Make the text. Any caller outside `antiphon.core.wording` is refused with TypeError."""
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        if caller != _MAKER and not caller.startswith(f"{_MAKER}."):
            cls._refuse()
        text = object.__new__(cls)
        values = {"subject": subject, "body_text": body_text, "body_html": body_html, "audience": audience}
        for name, value in values.items():
            object.__setattr__(text, name, value)
        object.__setattr__(text, "channels", MappingProxyType(dict(channels)))
        digest = digest_of(
            audience=audience, subject=subject, body_text=body_text, body_html=body_html, channels=channels
        )
        object.__setattr__(text, "digest", digest)
        return text

    @staticmethod
    def _refuse() -> NoReturn:
        raise TypeError(f"Only {_MAKER} may seal a text for people outside; ask it to render one.")


@dataclass(frozen=True, slots=True)
class InsideText:
    """A text for our own people: pages, reminders, staff messages."""

    subject: str
    body_text: str
    body_html: str | None = None


def digest_of(
    *, audience: str, subject: str, body_text: str, body_html: str, channels: Mapping[str, str] = NOTHING
) -> str:
    """SHA-256 (hex) over the exact bytes. Words for channels are covered by their kind's order; none: nothing is."""
    said = [part for kind in sorted(channels) for part in (kind, channels[kind])]
    return digest_of_parts(audience, subject, body_text, body_html, *said)


def digest_of_parts(*parts: str) -> str:
    """SHA-256 (hex) over the parts; each carries its length, so that no two splits agree."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


# --- recipient slots: all that may differ between two recipients of one approved text -----------------------------

OPENED: Final = "opened_url"
CLICKED: Final = "clicked_url"
MEASURING_SLOTS: Final = frozenset({OPENED, CLICKED})
"""Nothing stands in their place unless the organisation measures opens or clicks: the first is an image of one pixel,
the second goes before the address of a link."""
RECIPIENT_SLOTS: Final = MEASURING_SLOTS | {"greeting", "unsubscribe_url", "reaction_url", "subscription_code"}
SLOT = re.compile(r"\[\[([a-z_]+)\]\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class UnknownSlot(ValueError):
    """A slot that is not listed, or a marker that nothing fills."""


def slot(name: str) -> str:
    """The marker that stands for a recipient slot in an approved text."""
    if name not in RECIPIENT_SLOTS:
        raise UnknownSlot(f"“{name}” is not a recipient slot; there are: {', '.join(sorted(RECIPIENT_SLOTS))}.")
    return f"[[{name}]]"


def fill(text: str, slots: Mapping[str, str], *, markup: bool = False) -> str:
    """Put the recipient's values where the listed markers stand, once, without looking into the values again.

    Markers of other names are plain text. Values are one line; with `markup` they are escaped for HTML.
    Raises UnknownSlot for a slot that is not listed and for a marker without a value.
    """
    for name in slots:
        slot(name)
    return SLOT.sub(
        lambda match: slot_value(match[1], slots, markup=markup) if match[1] in RECIPIENT_SLOTS else match[0], text
    )


def slot_value(name: str, slots: Mapping[str, str], *, markup: bool = False) -> str:
    """What `fill` puts in place of the marker of this listed slot. Raises UnknownSlot."""
    if name not in slots and name not in MEASURING_SLOTS:
        raise UnknownSlot(f"The text needs “{name}”, but the recipient has none.")
    line = slots.get(name, "")
    line = line if line.isprintable() else _CONTROL.sub(" ", line)
    if name == OPENED:
        return f'<img src="{html.escape(line)}" alt="" width="1" height="1">' if line and markup else ""
    return html.escape(line) if markup else line


# --- what a channel gets -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message to one recipient.

    delivery_id      stable over all attempts: providers and receivers recognise a repetition by it (RELIABILITY I8)
    to               the address in the channel's own form: mail address, URL, …; never shown in logs
    thread           key of the conversation, per incident and audience, or None
    extra            what only some channels use: `reply_to`, `ack_url`, `link`, `event_type`, `occurred_at` (ISO 8601)
    recipient_slots  values for the listed recipient slots
    practice         a drill or test: nothing goes outside
    stranger         `to` was typed by somebody whom nobody here knows: it may lead to public addresses only
    keys             the recipient's own secrets, which sign what a machine reads
    data             what was published, as data for machines
    brand            how the house shows itself around the words, where a channel has paper
    """

    delivery_id: str
    to: str = field(repr=False)
    text: OutsideText | InsideText
    thread: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    recipient_slots: Mapping[str, str] = field(default_factory=dict, repr=False)
    practice: bool = False
    stranger: bool = False
    keys: tuple[str, ...] = field(default=(), repr=False)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    brand: Brand = NO_BRAND


def opaque(key: str) -> str:
    """A name for the outside that says nothing of the inside key it stands for (threads, unusual delivery ids)."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def refusal(envelope: Envelope) -> Dead | None:
    """Why this envelope may not be handed to any provider, whatever the channel; None when it may."""
    if envelope.practice and isinstance(envelope.text, OutsideText):
        return Dead("practice: a text for people outside is never sent from a drill or test.")
    if not envelope.recipient_slots.keys() <= RECIPIENT_SLOTS:
        unlisted = sorted(envelope.recipient_slots.keys() - RECIPIENT_SLOTS)
        return Dead(f"The recipient slots {', '.join(unlisted)} are not listed; approved texts have no room for them.")
    return None


# --- when to try again -------------------------------------------------------------------------------------------


class Purpose(StrEnum):
    """Why a message is sent: it decides how eagerly and how long we try. A digest is several updates in one message."""

    PAGE = "page"
    UPDATE = "update"
    NOTICE = "notice"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class _Patience:
    waits: tuple[int, ...]  # seconds before the 2nd, 3rd, … attempt; the last one repeats
    gives_up_after: timedelta


# A page older than 15 minutes is folded into a summary (RELIABILITY I8, I12); an update to customers is worth a day.
_PATIENCE: Final[Mapping[Purpose, _Patience]] = {
    Purpose.PAGE: _Patience((2, 5, 10, 20, 40, 60), timedelta(minutes=15)),
    Purpose.UPDATE: _Patience((5, 15, 60, 180, 600, 1800, 3600), timedelta(hours=24)),
    Purpose.NOTICE: _Patience((15, 60, 300, 900, 3600), timedelta(hours=6)),
    Purpose.DIGEST: _Patience((5, 15, 60, 180, 600, 1800, 3600), timedelta(hours=24)),
}


def next_attempt(
    attempts: int, outcome: Retry, *, first_at: datetime, now: datetime, purpose: Purpose
) -> datetime | Dead:
    """When to try again after `attempts` (≥ 1) attempts, or Dead when our patience for this purpose is over.

    `first_at` is the instant of the first attempt, `now` the present, both aware UTC. A wait that the provider asked
    for is kept when it is longer than ours.
    """
    patience = _PATIENCE[purpose]
    wait = timedelta(seconds=patience.waits[min(attempts, len(patience.waits)) - 1])
    at = now + max(wait, outcome.after or timedelta())
    if at - first_at > patience.gives_up_after:
        return Dead(f"Gave up after {attempts} attempts; the last one failed: {outcome.reason}")
    return at
