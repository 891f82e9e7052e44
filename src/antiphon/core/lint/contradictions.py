"""What a text says otherwise than it is known: the state, the times on the record, who and how many are affected."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.audiences import Audience, Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.times import read

ONGOING: Final = re.compile(
    r"\b(?:(?:is|are|remains?)\s+(?:still|currently)|still|continues?\s+to(?:\s+be)?|remains?)\s+"
    r"(?:unavailable|down|offline|unreachable|failing|fail|slow|affected|unable|degraded|disrupted|impacted|broken)\b",
    re.IGNORECASE,
)
_DETECTED: Final = re.compile(r"\b(?:detected|noticed|discovered|came\s+to\s+light)\b", re.IGNORECASE)
RESOLVED: Final = re.compile(
    r"\b(?:resolved|fixed|restored|recovered|back\s+to\s+normal|work(?:s|ing)?\s+(?:normally|again))\b", re.IGNORECASE
)
ROUGHLY: Final = re.compile(
    r"(?:around|about|approximately|roughly|shortly|~|after|before)\s*(?:at\s+)?$", re.IGNORECASE
)
PERCENT: Final = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,3})?)\s?(?:%|per\s?cent\b)", re.IGNORECASE)
COUNT: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:[,.\s]\d{3}){1,3}|\d{1,9})\s+(?:\w+\s+)?"
    r"(customer|user|account|order|payment|shop|tenant|compan|compani|store|request)(?:s|y|ies)?\b",
    re.IGNORECASE,
)
_EVERYBODY: Final = re.compile(
    r"\b(?:all|every|each)\s+(?:of\s+)?(?:our\s+)?(?:\w+\s+)?(?:customers?|users?|visitors?|accounts?|regions?)\b"
    r"|\b(?:everyone|everybody)\b|\bworldwide\b|\bglobally\b",
    re.IGNORECASE,
)
_SOMEBODY: Final = re.compile(
    r"\b(?:some|few|part|parts|only|certain|several|half|subset|a\s+number\s+of|small|limited)\b|\d\s?%", re.IGNORECASE
)
REGIONS: Final = re.compile(
    r"\b(?:Europe|North America|South America|Latin America|Asia|Africa|Australia|Middle East|EMEA|APAC|Germany|France"
    r"|Spain|Italy|United Kingdom|UK|Ireland|Netherlands|Switzerland|Austria|Poland|United States|US|USA|Canada|Mexico"
    r"|Brazil|India|China|Japan|Singapore)\b"
)
_OTHER: Final = re.compile(r"\b(?:affected|began|begun|started|detected|noticed|from)\b", re.IGNORECASE)
"""Between a word such as “resolved” and a time: the time is told of something else."""
_MINUTE: Final = timedelta(minutes=1)
_NEAR: Final = 12


def contradictions(told: tuple[Sentence, ...], subject: Subject) -> Iterator[Finding]:
    """Places where sentences about the incident (`told`) do not fit what is known of it. Warnings, but for the state:
    a fact may be older than the text."""
    if subject.audience is Audience.RESPONDERS:
        return
    for part in told:
        yield from _state(part, subject)
        yield from _times(part, subject)
        yield from _scope(part, subject)


def _state(part: Sentence, subject: Subject) -> Iterator[Finding]:
    match = ONGOING.search(part.text) if subject.over else None
    if match and not _SOMEBODY.search(part.text):
        message = "This says that it goes on, though it is resolved: say what works now."
        yield _finding(Rule.CONTRADICTS_STATE, message, part, match.span(), Mark.ERROR)


def _times(part: Sentence, subject: Subject) -> Iterator[Finding]:
    for cue, known, what in (
        (_DETECTED, subject.detected_at, "was detected"),
        (RESOLVED, subject.resolved_at, "was resolved"),
    ):
        said = cue.search(part.text) if known else None
        if known is None or said is None:
            continue
        after = (r for r in read(part.text, at=subject.at, zone=subject.zone) if r.start >= said.end())
        reading = next(after, None)
        if reading is None or reading.at is None or reading.relative or _agrees(reading.at, known):
            continue
        if _OTHER.search(part.text, said.end(), reading.start):
            continue
        if not ROUGHLY.search(part.text, max(0, reading.start - _NEAR), reading.start):
            message = f"On the record it {what} at {known:%H:%M} UTC on {known:%-d %B}: one of the two is wrong."
            yield _finding(Rule.CONTRADICTS_TIME, message, part, (reading.start, reading.end), Mark.WARNING)


def _scope(part: Sentence, subject: Subject) -> Iterator[Finding]:
    known = " ".join(subject.scope)
    if not known:
        return
    for pattern, key in ((PERCENT, share), (COUNT, number)):
        facts = {key(match) for match in pattern.finditer(known)}
        for match in pattern.finditer(part.text):
            if facts and key(match) not in facts:
                message = (
                    f"“{match[0]}” does not stand in the facts, which say {_listed(facts)}: one of the two is wrong."
                )
                yield _finding(Rule.CONTRADICTS_SCOPE, message, part, match.span(), Mark.WARNING)
    everybody = _EVERYBODY.search(part.text)
    if everybody and _SOMEBODY.search(known) and not _EVERYBODY.search(known) and not subject.over:
        message = f"The facts say that only a part is affected, not “{everybody[0]}”: one of the two is wrong."
        yield _finding(Rule.CONTRADICTS_SCOPE, message, part, everybody.span(), Mark.WARNING)
    regions = set(REGIONS.findall(known))
    for match in REGIONS.finditer(part.text) if regions else ():
        if match[0] not in regions:
            message = (
                f"“{match[0]}” does not stand in the facts, which say {_listed(regions)}: one of the two is wrong."
            )
            yield _finding(Rule.CONTRADICTS_SCOPE, message, part, match.span(), Mark.WARNING)


def _agrees(said: datetime, known: datetime) -> bool:
    return abs(said - known) <= _MINUTE


def share(match: re.Match[str]) -> str:
    """A match of PERCENT, written one way."""
    return f"{float(match[1].replace(',', '.')):g} %"


def number(match: re.Match[str]) -> str:
    """A match of COUNT, written one way."""
    digits = "".join(filter(str.isdigit, match[1]))
    return f"{int(digits):,} {match[2].lower()}"


def _listed(facts: set[str]) -> str:
    return ", ".join(sorted(facts))


def _finding(rule: Rule, message: str, part: Sentence, span: tuple[int, int], level: Mark) -> Finding:
    return Finding(rule, message, part.start + span[0], part.start + span[1], level)
