"""Who knows what of an incident: what each reader heard last, and whether that leaves them stranded. Pure.

Stranded is whoever was told that it is open and not that it is over, or is owed a first word whose time has passed
(RELIABILITY I29, DOMAIN §8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.audiences import ENDINGS

FAILED: Final = frozenset({"dead", "not_sent", "bounced"})
"""States of a delivery in which its text did not arrive."""


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
    """What one reader knows. `last`: the newest text that was meant for them, None when there is none."""

    reader: str
    audience: str
    last: Told | None
    texts: int
    stranded: str = ""


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
    last = max(texts, key=lambda each: each.at, default=None)
    audience = last.audience if last else owed.get(reader, "")
    return Knows(
        reader=reader,
        audience=audience,
        last=last,
        texts=len(texts),
        stranded=_stranded(last, over_at, first_word_due.get(audience), now),
    )


def _stranded(last: Told | None, over_at: datetime | None, due: datetime | None, now: datetime) -> str:
    if last is None:
        late = due is not None and due <= now and over_at is None
        return "owed a first word that is late" if late else ""
    if last.state in FAILED:
        return "the last text did not reach them"
    if over_at is not None and last.moment not in ENDINGS:
        return "not told that it is over"
    return ""
