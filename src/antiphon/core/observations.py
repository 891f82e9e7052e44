"""What a sender says about an alert, and what that makes of the alert.

Instants are integers here: microseconds since the epoch, UTC, as the database keeps them. This is
the hot path of the intake, where a conversion per alert costs more than the rule itself.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from itertools import chain
from typing import NamedTuple

MINUTE = 60_000_000
YEAR = 366 * 24 * 60 * MINUTE
RESOLVE_TIMEOUT = 5 * MINUTE
"""How long a firing alert without an end lasts when nobody sends it again (Alertmanager's own)."""

SEVERITY_WORDS = {
    "critical": "critical",
    "emergency": "critical",
    "fatal": "critical",
    "page": "critical",
    "disaster": "critical",
    "error": "error",
    "high": "error",
    "major": "error",
    "warning": "warning",
    "warn": "warning",
    "medium": "warning",
    "minor": "warning",
    "info": "info",
    "information": "info",
    "informational": "info",
    "low": "info",
    "notice": "info",
    "none": "none",
}
"""Senders' words for how bad an alert is → our five words; `none` must open nothing."""

UNKNOWN_SEVERITY = "warning"


class State(IntEnum):
    """Where an alert stands; an observation carries the state that its sender claims."""

    FIRING = 1
    ACKNOWLEDGED = 2
    RESOLVED = 3


class Unreadable(Exception):
    """The sender's bytes make no alert: `message` says what is wrong, `where` is the place."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where


class Content(NamedTuple):
    """All that a sender says of an alert beside its state and instants. JSON stays text.

    The last two are labels and annotations as the sender wrote them, where that may be kept as it is.
    """

    fingerprint: str
    title: str
    severity_word: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str = ""
    extra: str = "{}"
    note: str = ""
    labels_text: str = ""
    annotations_text: str = ""


class Observation(NamedTuple):
    """One alert as one message shows it.

    The same `identity` from the same integration is the same alert, so what is known of it may be
    kept by these bytes. `content` is equal when nothing was said anew; None says nothing at all
    about the content (a bare acknowledge). `read` decodes the rest, at the price of a full parse,
    and raises Unreadable. An observation that does not `create` is dropped for an unknown alert.
    """

    state: int
    identity: bytes
    content: int | None
    starts_at: int | None
    ends_at: int | None
    read: Callable[[], Content]
    creates: bool = True


class Change(NamedTuple):
    """A change event: something was deployed or altered. Never an alert."""

    at: int
    summary: str
    source: str
    details: str
    links: str


class Standing(NamedTuple):
    """The narrow row of an alert: what changes with every observation of it."""

    id: int
    integration_id: int
    fingerprint: str
    state: int
    severity: str
    starts_at: int
    ends_at: int | None
    first_seen_at: int
    last_seen_at: int
    changed_at: int
    count: int  # type: ignore[assignment]  # the column's name; a tuple's count is not missed
    revision: int
    dirty: bool
    rule_id: int | None
    rules_revision: int
    digest: int


class Sighting(NamedTuple):
    """An observation with what was worked out about it; `content` is None when it says nothing.

    `digest` is equal, on every node and after a restart, for content that says the same.
    """

    observation: Observation
    content: Content | None
    digest: int
    severity: str
    rule_id: int | None
    rules_revision: int
    at: int


def key_hash(key: str) -> str:
    """What the database keeps of an integration's key: its SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 hex digits that name a set of labels, whatever their order."""
    # The separator is no character of any decoded text, so that no two sets of labels look alike.
    text = "\ud800".join(chain.from_iterable(sorted(labels.items())))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def digest(content: Content) -> int:
    """A number that stays the same while an alert's content does (63 bits; no defence against forgery)."""
    said = (content.title, content.generator_url, content.extra)
    text = "\ud800".join(chain(said, *content.annotations.items())).encode("utf-8", "surrogatepass")
    return zlib.crc32(text) << 31 ^ zlib.adler32(text)


def map_severity(word: str, own: Mapping[str, str]) -> tuple[str, str]:
    """Our word for a sender's severity, and a note when it had to be guessed.

    The integration's `own` table is asked first, then SEVERITY_WORDS.
    """
    known = own.get(word) or SEVERITY_WORDS.get(word)
    if known:
        return known, ""
    lowered = word.strip().lower()
    known = own.get(lowered) or SEVERITY_WORDS.get(lowered)
    if known:
        return known, ""
    if not lowered:
        return UNKNOWN_SEVERITY, f"No severity was given; taken as {UNKNOWN_SEVERITY}."
    return UNKNOWN_SEVERITY, f"Severity “{word[:40]}” is not known; taken as {UNKNOWN_SEVERITY}."


def believable(starts_at: int | None, ends_at: int | None, *, now: int) -> tuple[int, str]:
    """When an alert began, as far as we believe its sender's clock, and a note when we do not."""
    if starts_at is None:
        return (min(ends_at, now) if ends_at is not None else now), ""
    if starts_at > now + MINUTE:
        return now, f"startsAt was {_span(starts_at - now)} in the future; taken as now."
    if starts_at < now - YEAR:
        return now, f"startsAt was {_span(now - starts_at)} in the past; taken as now."
    return min(starts_at, now), ""


def fold(
    before: Standing | None, seen: Sighting, *, new_id: int, integration_id: int, fingerprint: str
) -> tuple[Standing | None, str]:
    """The alert after one observation, and the kind of its log entry ("" for a mere repetition).

    A re-send bumps the count and last seen. A trigger after a resolve opens the alert anew.
    An acknowledge or resolve with nothing to act on changes nothing but the count; for an alert
    never seen, and an observation that does not create one, the answer is (None, "").
    """
    said = seen.observation
    if before is None:
        if not said.creates:
            return None, ""
        return _first(seen, new_id, integration_id, fingerprint), _LOG_KIND[said.state]
    after = _resent(before, seen)
    if said.state == before.state or (
        said.state, before.state) == (State.FIRING, State.ACKNOWLEDGED
    ):  # fmt: skip
        return after, "changed" if after.severity != before.severity else ""
    if before.state == State.RESOLVED and said.state == State.ACKNOWLEDGED:
        return after, ""
    starts = before.starts_at
    if before.state == State.RESOLVED:
        starts = believable(said.starts_at, said.ends_at, now=seen.at)[0]
    moved = after._replace(
        state=int(said.state),
        starts_at=starts,
        ends_at=_end(said, starts, seen.at),
        changed_at=seen.at,
        revision=before.revision + 1,
        dirty=True,
    )
    return moved, _LOG_KIND[said.state]


_LOG_KIND: dict[int, str] = {
    State.FIRING: "fired",
    State.ACKNOWLEDGED: "acknowledged",
    State.RESOLVED: "resolved",
}


def _first(seen: Sighting, new_id: int, integration_id: int, fingerprint: str) -> Standing:
    said = seen.observation
    starts = believable(said.starts_at, said.ends_at, now=seen.at)[0]
    at = seen.at
    return Standing(  # by position: this is the hot path of a storm
        new_id, integration_id, fingerprint, int(said.state), seen.severity, starts, _end(said, starts, at),
        at, at, at, 1, 1, True, seen.rule_id, seen.rules_revision, seen.digest,
    )  # fmt: skip


def _resent(before: Standing, seen: Sighting) -> Standing:
    """The row after a message about an alert whose state it does not move."""
    said = seen.observation
    starts, ends = before.starts_at, before.ends_at
    if said.state == State.FIRING and before.state != State.RESOLVED:
        ends = said.ends_at
        if said.starts_at is not None:
            starts = min(starts, believable(said.starts_at, said.ends_at, now=seen.at)[0])
    after = before._replace(starts_at=starts, ends_at=ends, last_seen_at=seen.at, count=before.count + 1)
    if seen.content is None:
        return after
    moved = (seen.severity, seen.rule_id) != (before.severity, before.rule_id)
    return after._replace(
        severity=seen.severity,
        rule_id=seen.rule_id,
        rules_revision=seen.rules_revision,
        revision=before.revision + (moved or seen.digest != before.digest),
        dirty=before.dirty or moved,
        digest=seen.digest,
    )


def _end(said: Observation, starts_at: int, at: int) -> int | None:
    """A resolve without an end ended now; no end lies in the future or before the beginning."""
    if said.state != State.RESOLVED:
        return said.ends_at
    return at if said.ends_at is None else max(starts_at, min(said.ends_at, at))


def _span(microseconds: int) -> str:
    minutes = microseconds // MINUTE
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 72 * 60 else f"{minutes // 1440} days"


def as_text(value: object) -> str:
    """A value that should have been text: scalars as written in JSON, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def without_nul(text: str) -> str:
    """PostgreSQL keeps no NUL in text; show the replacement character in its place."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def joined(notes: Iterable[str]) -> str:
    """The notes that say something, as one text."""
    return " ".join(note for note in notes if note)
