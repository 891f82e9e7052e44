"""How instants, durations and promises read on a screen: values in, words out.

Every function takes `now`, so that a page shows one moment throughout. Instants are aware; absolute times are UTC.
The same words are made again by `antiphon.js` as time passes; change both together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Protocol

from django.utils.translation import gettext as _

CLOSING_SHARE: Final = 0.2
"""The last fifth of a promise's time shows in amber (UX rules)."""


class Promised(Protocol):
    """What a ring needs to know of a promise. `state` is open, kept, broken or released."""

    @property
    def opened_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Ring:
    """A promise as drawn: `tone` picks the colour and the mark, `left` is the share of time left in percent."""

    tone: str
    left: float
    words: str
    moving: bool


def duration(span: timedelta) -> str:
    """The span in the unit people say: "40 s", "38 min", "2 h 5 min", "3 d 4 h". The sign is dropped."""
    seconds = round(abs(span).total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 120:
        return _("%d s") % seconds
    if minutes < 90:
        return _("%d min") % minutes
    if hours < 48:
        return _joined(_("%d h") % hours, _("%d min") % (minutes % 60) if minutes % 60 else "")
    return _joined(_("%d d") % (hours // 24), _("%d h") % (hours % 24) if hours % 24 else "")


def relative(at: datetime, *, now: datetime) -> str:
    """The words for how far off it is: "in 12 min" or "4 min ago"."""
    pattern = _("in {}") if at > now else _("{} ago")
    return pattern.format(duration(at - now))


def absolute(at: datetime, *, now: datetime) -> str:
    """The hour, "14:30 UTC", on the same UTC day as `now`, else with the date."""
    at = at.astimezone(UTC)
    if at.date() == now.astimezone(UTC).date():
        return f"{at:%H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def everywhere(at: datetime, *, zone: tzinfo) -> str:
    """The instant in UTC with its date and, where that differs, in the reader's zone."""
    utc, local = at.astimezone(UTC), at.astimezone(zone)
    words = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if local.utcoffset() == timedelta(0):
        return words
    return f"{words} · {local:%H:%M} {zone}"


def ring(promise: Promised, *, now: datetime) -> Ring:
    """The promise at `now`: emptying, closing in its last fifth, overdue, or settled."""
    if promise.state == "kept":
        return Ring("kept", 0, _("kept"), moving=False)
    if promise.state == "released":
        return Ring("released", 0, _("no longer needed"), moving=False)
    left = _share_left(promise, now=now)
    if promise.state == "broken" or now >= promise.due_at:
        return Ring("overdue", 0, _("{} overdue").format(duration(now - promise.due_at)), moving=True)
    tone = "closing" if left <= CLOSING_SHARE else "open"
    return Ring(tone, round(left * 100, 1), relative(promise.due_at, now=now), moving=True)


def _share_left(promise: Promised, *, now: datetime) -> float:
    whole = promise.due_at - promise.opened_at
    if whole <= timedelta(0):
        return 0.0
    return min(1.0, max(0.0, (promise.due_at - now) / whole))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
