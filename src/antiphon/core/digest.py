"""Whoever is told of several incidents at once gets what is not urgent in one message now and then. Pure.

Nothing is left out by it: each text waits as the delivery that it is, and the digest carries all of them, the end of
what was told open too (RELIABILITY I29). It waits for no longer than what readers were promised. What concerns a
contract or a regulator, and the first word at SEV1, never waits (DOMAIN §8.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from antiphon.core.audiences import OUTSIDE, Moment
from antiphon.core.decision import Refusal

READ_BY_PEOPLE: Final = frozenset({"mail", "sms", "chat"})
"""A program does not tire."""
MOST_MESSAGES: Final = 100
SHORTEST, LONGEST = 5, 240
"""Minutes that the stretch may have."""
MARGIN: Final = timedelta(minutes=1)
"""So long before a promised time at the latest."""
_FIRST: Final = frozenset({Moment.FIRST_WORD, Moment.HOLDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Beyond `messages` to one recipient by one channel in `minutes`, of more than one incident, they are gathered: at
    most one more every `minutes`. 0 messages: never."""

    messages: int = 3
    minutes: int = 30

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Pace":
        """What the organisation's settings say under `digest`, else the usual; what cannot be read is not said."""
        try:
            return msgspec.convert(settings.get("digest", {}), cls)
        except msgspec.ValidationError:
            return cls()

    @property
    def window(self) -> timedelta:
        """The stretch that is looked at."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is to be told. `legal`: question 3 or 4 is answered yes. `due_by`: what its readers were promised first."""

    incident: int
    audience: str
    moment: str
    severity: int
    legal: bool
    due_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One recipient by one channel: how many `messages` they got in the window, the `last_at` of them, of which
    `incidents`; and when the digest goes that waits for them already."""

    messages: int = 0
    last_at: datetime | None = None
    incidents: frozenset[int] = frozenset()
    waits_until: datetime | None = None


def check(pace: Pace) -> Refusal | None:
    """Why this pace cannot hold."""
    if not 0 <= pace.messages <= MOST_MESSAGES:
        return Refusal(f"Write 0 to {MOST_MESSAGES} messages.", "messages")
    if not SHORTEST <= pace.minutes <= LONGEST:
        return Refusal(f"Write {SHORTEST} to {LONGEST} minutes.", "minutes")
    return None


def urgent(saying: Saying, pace: Pace) -> str:
    """Why nobody's copy of this waits, whatever they heard; empty when it may."""
    if not pace.messages:
        return "digests are off"
    if saying.audience not in OUTSIDE:
        return "it is for people inside"
    if saying.legal:
        return "a contract or a regulator is concerned"
    if saying.severity == 1 and saying.moment in _FIRST:
        return "it is the first word at SEV1"
    return ""


def waits_until(saying: Saying, heard: Heard, pace: Pace, *, now: datetime) -> datetime | None:
    """When the digest goes in which this recipient gets it; None: they get it by itself, now."""
    if urgent(saying, pace):
        return None
    until = heard.waits_until
    if until is None:
        several = bool(heard.incidents - {saying.incident})
        if heard.messages < pace.messages or heard.last_at is None or not several:
            return None
        until = heard.last_at + pace.window
    if saying.due_by is not None:
        until = min(until, saying.due_by - MARGIN)
    return until if until > now else None
