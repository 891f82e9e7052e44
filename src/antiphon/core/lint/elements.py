"""What a message must say beside the next update: what, when it was detected, who is affected, what to expect."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from antiphon.core.audiences import ENDINGS, OUTSIDE, Audience, Finding, Mark, Moment
from antiphon.core.lint.next_update import NextUpdate
from antiphon.core.lint.phrases import phrase
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.lint.words import GENERIC
from antiphon.core.times import read

_PAGE: Final = re.compile(r"https?://|\bstatus\s?page\b|\bstatus\.[a-z]", re.IGNORECASE)
_SUPPORT: Final = re.compile(
    r"\b(?:support|help\s?desk|hotline|customer\s+(?:care|service|success)|account\s+manager|contact|reach\s+us"
    r"|call\s+us"
    r"|write\s+to\s+us|reply\s+to\s+this)\b|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    r"\b(?:customers?|users?|visitors?|people|everyone|everybody|anyone|anybody|nobody|no\s+one|accounts?"
    r"|clients?|tenants?"
    r"|merchants?|shops?|stores?|subscribers?|members?|buyers?|shoppers?|guests?|patients?|students?|partners?"
    r"|organi[sz]ations?"
    r"|companies|teams?|employees|staff|colleagues|callers?|repositor(?:y|ies)|projects?|regions?"
    r"|data\s?cent(?:re|er)s?"
    r"|requests?|you\s+(?:may|might|will|can|could|cannot|can't|are|were|notice)|your\s+\w+|who\s+is\s+affected"
    r"|affects?\s+\w+"
    r"|affecting|affected)\b(?!-)|\d\s?%|\b(?:europe|america|asia|africa|australia|emea|apac)\b",
    re.IGNORECASE,
)
_EXPECT: Final = re.compile(
    r"\b(?:expect\w*|until\s+then|meanwhile|mean\s?time|may|might|could|can|cannot|can't|estimat\w+|workaround"
    r"|no\s+action"
    r"|need\s+(?:to|not)|needs?\s+nothing|nothing\s+to\s+do|do\s+not|don't|please|remains?|continues?"
    r"|will\s+(?:continue|remain|keep"
    r"|stay|be|not|take|retry|work)|too\s+early|not\s+(?:yet\s+)?known?|unknown|retry|try\s+again|delays?)\b",
    re.IGNORECASE,
)
_TROUBLE: Final = re.compile(
    r"\b(?:unavailab\w+|availab\w+|down|outage|offline|unreachable|slow\w*|fail\w*|errors?|delay\w*|degrad\w+"
    r"|disrupt\w+|interrupt\w+"
    r"|cannot|can't|could\s+not|unable|not\s+(?:load|work|open|respond|arriv|be)\w*|time(?:s|d)?[- ]?out\w*|lost"
    r"|loss|missing|wrong"
    r"|incorrect|late|stuck|blocked|refus\w+|reject\w+|incidents?|problems?|issues?|affect\w+|impact\w*|elevated"
    r"|increased|intermittent\w*"
    r"|partial\w*|restored|recovered|resolved|works?\s+(?:again|normally)|normal\w*|exposed|access\w*|attack\w*"
    r"|vulnerab\w+|suspicious"
    r"|unauthori[sz]ed|stopped|again|faults?|stable|expos\w+|leak\w*|closed|crash\w*|broken|latency|full|overload\w*|limited|notice)\b",
    re.IGNORECASE,
)
_SOONER: Final = re.compile(
    r"\b(?:sooner|earlier|at\s+once\s+if|immediately\s+if|before\s+(?:that|then)\s+if)\b", re.IGNORECASE
)
_ASK: Final = re.compile(r"\b(?:contact|reach|questions?|call us|support)\b", re.IGNORECASE)
_OF_THE_MATTER: Final = re.compile(
    r"\b(?:affect|since|detected|notice|fail|slow|unavailable|impact|degraded|outage|disrupt|error|delay|down\b"
    r"|(?<!if you )(?:cannot|can['’]t|unable))",
    re.IGNORECASE,
)
_SKEW: Final = timedelta(minutes=5)


def missing(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    """What the text leaves out. Errors for readers outside, warnings inside; responders get pages, not messages."""
    if subject.audience is Audience.RESPONDERS:
        return
    level = Mark.ERROR if subject.audience in OUTSIDE else Mark.WARNING
    told = [part for part in parts if part not in update.said and not aside(part)]
    if not any(_says_what(part, subject) for part in told):
        yield _gap(Rule.MISSING_WHAT, "Say exactly what does not work, and of which product or service.", level)
    if not _says_when(told, subject):
        yield _gap(Rule.MISSING_WHEN, "Say when it was detected, with date or time, such as “14:05 UTC”.", level)
    if subject.moment is not Moment.REVIEW and not any(_WHO.search(part.text) for part in told):
        yield _gap(Rule.MISSING_WHO, "Say who is affected: which customers, regions, or how many.", level)
    if subject.moment in ENDINGS:
        return
    if not any(_EXPECT.search(part.text) for part in told):
        yield _gap(
            Rule.MISSING_EXPECTATION, "Say what readers should expect until then, or that it is not known yet.", level
        )
    yield from _where_else(parts, update, subject)


def _where_else(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    if subject.audience not in OUTSIDE:
        return
    whole = " ".join(part.text for part in parts)
    if update.at and not _SOONER.search(whole):
        yield _gap(Rule.MISSING_SOONER, "Add that word comes sooner if the state changes.", Mark.WARNING)
    if subject.audience is not Audience.PUBLIC and not _PAGE.search(whole):
        yield _gap(
            Rule.MISSING_STATUS_PAGE, "Say where to look in between: the address of the status page.", Mark.WARNING
        )
    if not _SUPPORT.search(whole):
        yield _gap(Rule.MISSING_SUPPORT, "Say how to reach support.", Mark.WARNING)


def _says_what(part: Sentence, subject: Subject) -> bool:
    if not _TROUBLE.search(part.text) or phrase(part):
        return False
    if any(name.lower() in part.text.lower() for name in subject.products if name):
        return True
    return any(len(word) > 2 and word not in GENERIC and not word[0].isdigit() for word in part.words)


def _says_when(told: list[Sentence], subject: Subject) -> bool:
    for part in told:
        readings = read(part.text, at=subject.at, zone=subject.zone)
        if any(reading.at and not reading.relative and reading.at <= subject.at + _SKEW for reading in readings):
            return True
        if re.search(r"\b\d{1,3}\s(?:minutes|hours)\s+ago\b", part.text, re.IGNORECASE):
            return True
    return bool(subject.moment is Moment.REVIEW and re.search(r"\d{4}", " ".join(part.text for part in told)))


def aside(part: Sentence) -> bool:
    """A sentence about where to look or whom to ask says nothing of the incident."""
    elsewhere = _PAGE.search(part.text) or _ASK.search(part.text)
    return bool(elsewhere and not _OF_THE_MATTER.search(part.text))


def _gap(rule: Rule, message: str, level: Mark) -> Finding:
    return Finding(rule, message, 0, 0, level)
