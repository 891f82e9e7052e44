"""The times a text names: whether each can be, and in whose zone readers must take it."""

import re
from collections.abc import Iterator

from antiphon.core.audiences import Audience, Finding, Mark
from antiphon.core.lint.next_update import NextUpdate
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.times import Reading, read


def zones(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    """Every time that cannot be, may be read in two ways, or says no zone; technical readers get UTC."""
    if subject.audience is Audience.RESPONDERS:
        return
    said = {(reading.start, reading.end) for reading in update.readings if reading.problem}
    for part in parts:
        for reading in read(part.text, at=subject.at, zone=subject.zone):
            start, end = part.start + reading.start, part.start + reading.end
            if (start, end) not in said:
                yield from _of(reading, part.text[reading.start : reading.end], start, end, subject)


def _of(reading: Reading, words: str, start: int, end: int, subject: Subject) -> Iterator[Finding]:
    if reading.problem:
        message = f"“{words}” {reading.problem}: correct it."
        yield Finding(Rule.TIME_IMPOSSIBLE, message, start, end, Mark.ERROR)
    elif reading.relative:
        return
    elif reading.assumed:
        message = f"{reading.assumed}: give the time in UTC."
        yield Finding(Rule.TIME_ASSUMED, message, start, end, Mark.WARNING)
    elif not reading.zone:
        message = f"“{words}” names no time zone; it was read in {subject.zone}: add one, such as UTC."
        yield Finding(Rule.NO_ZONE, message, start, end, Mark.WARNING)
    elif subject.audience is Audience.TECHNICAL and not _utc(words):
        message = f"Technical readers get times in UTC: “{words}”."
        yield Finding(Rule.NOT_UTC, message, start, end, Mark.WARNING)


def _utc(words: str) -> bool:
    return bool(re.search(r"UTC(?!\s?[+-])|GMT(?!\s?[+-])|\dZ\b|\+00:?00", words, re.IGNORECASE))
