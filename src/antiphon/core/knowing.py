"""Who knows what of an incident: what each reader heard last, and whether that leaves them stranded. Pure.

Stranded is whoever was told that it is open and not that it is over, or is owed a first word whose time has passed
(RELIABILITY I29, DOMAIN §8). Of a whole audience `left_waiting` decides, for the screen and the auditor alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.audiences import ENDINGS
from antiphon.core.cadence import cadence

FAILED: Final = frozenset({"dead", "not_sent", "bounced"})
"""States of a delivery in which its text did not arrive."""

BREATH: Final = timedelta(minutes=15)
"""So long after a broken promise its owner, who was paged, may take to say something before nobody seems to."""


class Stage(StrEnum):
    """How far an incident is, as its readers see it: it goes on, is resolved, or nothing about it changes any more."""

    RUNNING = "running"
    RESOLVED = "resolved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One audience of an incident.

    told       something was published to it, or one who reads its version now was told
    told_end   it was told since that it is over
    owed       what is promised to it and still open
    broken_at  when the last promise to it was broken, if nothing was said to it since
    reached    somebody who is hit reads its version
    """

    audience: str
    told: bool = False
    told_end: bool = False
    owed: frozenset[str] = frozenset()
    broken_at: datetime | None = None
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One text to one reader. `state` of its delivery: queued, sent, failed and so on; `moment` of its update."""

    reader: str
    audience: str
    channel: str
    moment: str
    at: datetime
    state: str
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knows:
    """What one reader knows. `last`: the newest text that was meant for them, None when there is none; `by`: the newest
    by each channel."""

    reader: str
    audience: str
    last: Told | None
    texts: int
    stranded: str = ""
    by: tuple[Told, ...] = ()


def who_knows(
    told: Iterable[Told],
    owed: Mapping[str, str],
    *,
    over_at: datetime | None,
    first_word_due: Mapping[str, datetime],
    now: datetime,
) -> tuple[Knows, ...]:
    """Every reader who was told or is owed word (`owed`: reader → audience), in the order in which they are given.

    `over_at`: when it was resolved or cancelled; `first_word_due`: audience → when its first word was due.
    """
    heard: dict[str, list[Told]] = {reader: [] for reader in owed}
    for each in told:
        heard.setdefault(each.reader, []).append(each)
    return tuple(_knows(reader, texts, owed, over_at, first_word_due, now) for reader, texts in heard.items())


def _knows(
    reader: str,
    texts: list[Told],
    owed: Mapping[str, str],
    over_at: datetime | None,
    first_word_due: Mapping[str, datetime],
    now: datetime,
) -> Knows:
    last = max(texts, key=_newness, default=None)
    by = {each.channel: each for each in sorted(texts, key=_newness)}
    audience = last.audience if last else owed.get(reader, "")
    return Knows(
        reader=reader,
        audience=audience,
        last=last,
        texts=len(texts),
        stranded=_stranded(last, over_at, first_word_due.get(audience), now),
        by=tuple(by[channel] for channel in sorted(by)),
    )


def _newness(told: Told) -> tuple[datetime, bool]:
    """Of one text by two channels, the one that arrived."""
    return told.at, told.state not in FAILED


def _stranded(last: Told | None, over_at: datetime | None, due: datetime | None, now: datetime) -> str:
    if last is None:
        late = due is not None and due <= now and over_at is None
        return "owed a first word that is late" if late else ""
    if last.state in FAILED:
        return "the last text did not reach them"
    if over_at is not None and last.moment not in ENDINGS:
        return "not told that it is over"
    return ""


@dataclass(frozen=True, slots=True)
class Left:
    """Why an audience is left waiting, in words that follow its name. `unkept`: a promise to it was broken, of which
    its owner knows; everything else nobody would notice."""

    words: str
    unkept: bool = False


def left_waiting(
    hearing: Hearing, *, stage: Stage, severity: int, others_told: bool, pace: float = 1.0, now: datetime
) -> Left | None:
    """Why the audience is left waiting; None when it is not.

    `others_told`: any audience outside was told of it. `pace`: how fast the clock runs beside real time.
    """
    if stage is not Stage.RUNNING:
        if not hearing.told or hearing.told_end or (stage is Stage.RESOLVED and "resolution word" in hearing.owed):
            return None
        return Left("was told that it is open and not that it is over, and nobody owes it that word")
    if hearing.owed:
        return None
    if hearing.broken_at is not None:
        words = f"was promised word by {hearing.broken_at:%H:%M} UTC and has heard nothing since"
        return Left(words, unkept=True) if now - hearing.broken_at >= BREATH * pace else None
    if hearing.told:
        rhythm = cadence(severity, hearing.audience)
        return Left("was told of it, and no next word is promised") if rhythm and rhythm.then_every else None
    forgotten = hearing.reached and others_told
    return Left("is hit while others were told, and nothing was promised or said to it") if forgotten else None
