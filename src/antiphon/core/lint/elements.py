"""What a message must say beside the next update: what, when it was detected, who is affected, what to expect."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from antiphon.core.audiences import ENDINGS, OUTSIDE, Audience, Finding, Mark, Moment
from antiphon.core.lint.next_update import NextUpdate
from antiphon.core.lint.phrases import phrase
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.saying import BY_LANGUAGE
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.times import read

_SKEW: Final = timedelta(minutes=5)


def missing(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    """What the text leaves out. Errors for readers outside, warnings inside; responders get pages, not messages."""
    if subject.audience is Audience.RESPONDERS:
        return
    level = Mark.ERROR if subject.audience in OUTSIDE else Mark.WARNING
    said = BY_LANGUAGE[subject.language]
    told = [part for part in parts if part not in update.said and not aside(part, subject.language)]
    if not any(_says_what(part, subject) for part in told):
        yield _gap(Rule.MISSING_WHAT, "Say exactly what does not work, and of which product or service.", level)
    if not _says_when(told, subject):
        yield _gap(Rule.MISSING_WHEN, "Say when it was detected, with date or time, such as “14:05 UTC”.", level)
    if subject.moment is not Moment.REVIEW and not any(said.who.search(part.text) for part in told):
        yield _gap(Rule.MISSING_WHO, "Say who is affected: which customers, regions, or how many.", level)
    if subject.moment in ENDINGS:
        return
    if not any(said.expect.search(part.text) for part in told):
        yield _gap(
            Rule.MISSING_EXPECTATION, "Say what readers should expect until then, or that it is not known yet.", level
        )
    yield from _where_else(parts, update, subject)


def _where_else(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    if subject.audience not in OUTSIDE:
        return
    said = BY_LANGUAGE[subject.language]
    whole = " ".join(part.text for part in parts)
    if update.at and not said.sooner.search(whole):
        yield _gap(Rule.MISSING_SOONER, "Add that word comes sooner if the state changes.", Mark.WARNING)
    if subject.audience is not Audience.PUBLIC and not said.page.search(whole):
        yield _gap(
            Rule.MISSING_STATUS_PAGE, "Say where to look in between: the address of the status page.", Mark.WARNING
        )
    if not said.support.search(whole):
        yield _gap(Rule.MISSING_SUPPORT, "Say how to reach support.", Mark.WARNING)


def _says_what(part: Sentence, subject: Subject) -> bool:
    said = BY_LANGUAGE[subject.language]
    if not said.trouble.search(part.text) or phrase(part, subject.language):
        return False
    if any(name.lower() in part.text.lower() for name in subject.products if name):
        return True
    return any(len(word) > 2 and word not in said.generic and not word[0].isdigit() for word in part.words)


def _says_when(told: list[Sentence], subject: Subject) -> bool:
    said = BY_LANGUAGE[subject.language]
    for part in told:
        readings = read(part.text, at=subject.at, zone=subject.zone)
        if any(reading.at and not reading.relative and reading.at <= subject.at + _SKEW for reading in readings):
            return True
        if said.ago.search(part.text):
            return True
    return bool(subject.moment is Moment.REVIEW and re.search(r"\d{4}", " ".join(part.text for part in told)))


def aside(part: Sentence, language: str = "en") -> bool:
    """A sentence about where to look or whom to ask says nothing of the incident."""
    said = BY_LANGUAGE[language]
    elsewhere = said.page.search(part.text) or said.ask.search(part.text)
    return bool(elsewhere and not said.of_the_matter.search(part.text))


def _gap(rule: Rule, message: str, level: Mark) -> Finding:
    return Finding(rule, message, 0, 0, level)
