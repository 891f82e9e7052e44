"""What the lint knows of German: how the next update is announced, and what must never be said.

The elements of DOMAIN §8.3 stand in `saying`, empty phrases in `phrases`; the reading grade and contradictions are read
in English alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from antiphon.core.audiences import OUTSIDE, Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class Announcing:
    """How a language speaks of the next update: `cue` announces it, `vague` gives it no time, `behind` stands before a
    time that is past."""

    cue: re.Pattern[str]
    vague: re.Pattern[str]
    behind: re.Pattern[str]


ANNOUNCING: Final = Announcing(
    cue=re.compile(
        r"\b(?:nächste[nrs]?|weitere[nrs]?|neue[nrs]?)\s+(?:\w+\s+){0,2}?"
        r"(?:Meldung\w*|Nachricht\w*|Mitteilung\w*|Information\w*|Infos?|Updates?|Stand|Bericht\w*)\b"
        r"|\b(?:wir\s+(?:melden|informieren|berichten|schreiben|aktualisieren)|(?:melden|informieren|berichten)\s+wir)\b",
        re.IGNORECASE,
    ),
    vague=re.compile(
        r"\b(?:bald(?:igst)?|in\s+kürze|demnächst|sobald\b[^.;]{0,40}|zeitnah|umgehend|später|im\s+laufe\b[^.;]{0,30}"
        r"|so\s+schnell\s+wie\s+möglich|schnellstmöglich|in\s+(?:einigen|wenigen|ein\s+paar)\s+\w+|regelmäßig"
        r"|heute\s+(?:noch|abend|nachmittag)|morgen(?:\s+(?:früh|vormittag))?)\b",
        re.IGNORECASE,
    ),
    behind=re.compile(r"\b(?:seit|stand|festgestellt|begonnen|begann|aufgetreten)\s+(?:um\s+|am\s+)?$", re.IGNORECASE),
)
_DONE: Final = re.compile(
    r"\b(?:(?:ist|sind|wurden?|haben?|nun|jetzt|vollständig)\s+(?:\w+\s+){0,3}?(?:behoben|gelöst|wiederhergestellt|repariert)"
    r"|(?:funktionier(?:t|en)|läuft|laufen)\s+(?:\w+\s+){0,2}?wieder|wieder\s+(?:verfügbar|erreichbar|normal))\b",
    re.IGNORECASE,
)
_NOT_DONE: Final = re.compile(
    r"\b(?:nicht|noch|sobald|wenn|falls|bis|ob|teilweise|einige|manche|kein\w*|werden?\s)\b|\d\s?%", re.IGNORECASE
)
_MONEY: Final = re.compile(
    r"\b(?:Gutschrift\w*|Erstattung\w*|erstatten|Entschädigung\w*|entschädig\w+|Schadens?ersatz\w*|Rabatt\w*"
    r"|Vertragsstrafe\w*|Kulanz\w*|Umsatz(?:ausfall|verlust)\w*|Haftung)\b|[€$£]\s?\d|(?<![\d.,])\d[\d.,]{0,20}\s?(?:€|EUR\b|Euro\b|CHF\b)",
    re.IGNORECASE,
)
_PROMISE: Final = re.compile(
    r"\b(?:garantier\w+|versprechen|mit\s+Sicherheit)\b"
    r"|\b(?:wird|werden|sollte[n]?)\b[^.;!?]{0,60}\b(?:behoben|gelöst|wiederhergestellt|repariert|wieder\s+(?:verfügbar|erreichbar))\b",
    re.IGNORECASE,
)
_BLAME: Final = re.compile(
    r"\b(?:menschliche[nrs]?\s+(?:versagens?|fehlers?)|bedien(?:ungs)?fehler\w*|schuld(?:ig)?|verschulde\w+|fahrlässig\w*"
    r"|(?:wurden?|hat|haben)\s+(?:\w+\s+){0,3}?(?:versehentlich|aus\s+versehen)|geschlampt|vergessen\s+(?:hat|haben)"
    r"|fehlers?\s+(?:eine[rs]|des|der|unsere[rs])\s+(?:mitarbeit\w+|technik\w+|kolleg\w+|dienstleist\w+|anbiet\w+)"
    r"|(?:ein|unser|der)\s+(?:mitarbeiter|techniker|administrator|kollege|dienstleister|lieferant|anbieter)\s+hat)\b",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(r"\bSchätzung\b|\bvoraussichtlich\b", re.IGNORECASE)
_A_CASE: Final = re.compile(r"\b(?:wenn|sobald|falls|ob|nicht|zu\s+früh)\b", re.IGNORECASE)


def too_early(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """„Behoben“ said before the gate."""
    match = _DONE.search(part.text)
    if match and not subject.over and not _NOT_DONE.search(part.text):
        message = "This says it is over before that is confirmed: say what was observed, and that it is being watched."
        yield _at(part, match, Rule.RESOLVED_TOO_EARLY, message)


def money(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """Costs and credits belong to a message of their own after the resolution."""
    match = _MONEY.search(part.text)
    if match and subject.audience in OUTSIDE:
        message = "Costs, credits and contract claims go into a message of their own after the resolution."
        yield _at(part, match, Rule.MONEY, message, Mark.WARNING if subject.over else Mark.ERROR)


def restoration(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """A time or certainty of repair, unless it is called an estimate."""
    match = _PROMISE.search(part.text)
    if match and not subject.over and not _A_CASE.search(part.text) and not _LABELLED.search(part.text):
        message = (
            "This promises when it will work again. Promise the next update instead, or call it “Unsere Schätzung”."
        )
        yield _at(part, match, Rule.RESTORATION_PROMISE, message)


def blame(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """Whose fault it was, for any reader."""
    if match := _BLAME.search(part.text):
        message = "This lays blame: say what the system did and what was changed, not whose fault it was."
        yield _at(part, match, Rule.BLAME, message)


def _at(part: Sentence, match: re.Match[str], rule: Rule, message: str, level: Mark = Mark.ERROR) -> Finding:
    return Finding(rule, message, part.start + match.start(), part.start + match.end(), level)


EVERY_SENTENCE: Final = (restoration, too_early, money, blame)
