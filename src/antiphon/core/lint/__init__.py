"""What is wrong with a message before anybody reads it, in sentences that point at the words.

The rules are those of DOMAIN §8.3: what each message must carry, and what it must never say. An error blocks the
approval; a warning is shown beside the text. The time of the next update is read to the minute, as a promise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from antiphon.core import channel_words, languages, letters
from antiphon.core.audiences import LONGEST_BODY, OUTSIDE, Audience, Finding, Mark, Moment
from antiphon.core.lint import german
from antiphon.core.lint.contradictions import contradictions
from antiphon.core.lint.elements import aside, missing
from antiphon.core.lint.grade import reading_grade
from antiphon.core.lint.jargon import STRICT, jargon
from antiphon.core.lint.manners import EVERY_SENTENCE, money, names, restoration, too_early
from antiphon.core.lint.moments import zones
from antiphon.core.lint.next_update import NextUpdate
from antiphon.core.lint.phrases import empty
from antiphon.core.lint.plain import deceiving, hidden, secret, unfinished, visible
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence, muted, sentences
from antiphon.core.lint.subject import Known, Subject
from antiphon.core.lint.words import GLOSSARY

__all__ = [
    "GLOSSARY",
    "Finding",
    "Known",
    "LintResult",
    "Mark",
    "Rule",
    "announcements",
    "lint",
    "lint_channel",
    "lint_subject",
    "visible",
]

NOTHING_KNOWN: Final = Known()
MOST: Final = 400
"""Findings of one text, errors first: nobody mends more in one go."""


@dataclass(frozen=True, slots=True)
class LintResult:
    """`findings` in the order of their places; `next_update_at` is the promise the text makes (aware UTC), or None."""

    findings: tuple[Finding, ...]
    next_update_at: datetime | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Mark.ERROR)


def lint(
    text: str,
    *,
    audience: Audience,
    severity: int,
    moment: Moment,
    at: datetime,
    known: Known = NOTHING_KNOWN,
) -> LintResult:
    """Read a message for one audience, written at `at` (aware UTC). Raises nothing, whatever the text holds.

    No more than `LONGEST_BODY` characters are looked at, however long the text.
    """
    subject = _subject(known, audience=audience, severity=severity, moment=moment, at=at)
    looked_at = letters.plain(text[:LONGEST_BODY])
    parts = sentences(looked_at)
    update = NextUpdate(parts, subject)
    whole = _WHOLE.get(known.language, _of_any_language)
    found = [*update.findings, *whole(looked_at, parts, update, subject), *_length(len(text))]
    found += _of_every_sentence(looked_at, parts, subject)
    return LintResult(_gravest(found), update.at)


def lint_channel(
    kind: str,
    text: str,
    *,
    audience: Audience,
    severity: int,
    moment: Moment,
    at: datetime,
    known: Known = NOTHING_KNOWN,
) -> tuple[Finding, ...]:
    """Read the words for one kind of channel: too short to carry every element, but never free to say what must not
    be said. Each finding names the channel and stands at the text's begin. What a script tells its reader not to say
    is not looked at.
    """
    subject = _subject(known, audience=audience, severity=severity, moment=moment, at=at)
    looked_at = letters.plain(_read_out(kind, text, known.language)[:LONGEST_BODY])
    parts = sentences(looked_at)
    update = NextUpdate(parts, subject)
    found = [*update.findings, *_of_any_language(looked_at, parts, update, subject)]
    found += _of_every_sentence(looked_at, parts, subject)
    found = [finding for finding in found if finding.rule not in _NOT_IN_SHORT]
    if too_long := channel_words.too_long(kind, text):
        found.append(Finding(Rule.TOO_LONG, too_long, 0, 0, Mark.ERROR))
    label = channel_words.LABELS[kind]
    named = {f"{label}: {each.message}": each for each in _gravest(found)}
    return tuple(Finding(each.rule, message, 0, 0, each.level) for message, each in named.items())


def lint_subject(
    line: str, *, audience: Audience, number: int, at: datetime, severity: int = 3, known: Known = NOTHING_KNOWN
) -> tuple[Finding, ...]:
    """Read a subject: the incident's number for technical readers, the visible effect in plain words for business.

    Places count from the subject's begin.
    """
    subject = _subject(known, audience=audience, severity=severity, moment=Moment.PROGRESS, at=at)
    line = letters.plain(line[:LONGEST_BODY])
    part = Sentence(0, len(line), line)
    found = [*unfinished(line), *hidden(line), *deceiving(line), *jargon(line, subject)]
    said = (restoration, money, names) if known.language == "en" else (names, german.money)
    found += [finding for rule in said for finding in rule(part, subject)]
    if known.state:
        found += (too_early if known.language == "en" else german.too_early)(part, subject)
    if audience is Audience.TECHNICAL and str(number) not in line:
        found.append(Finding(Rule.SUBJECT_NUMBER, f"Name the incident: #{number}.", 0, len(line), Mark.WARNING))
    if audience in STRICT and len(line.split()) < 2:
        found.append(Finding(Rule.SUBJECT_EFFECT, "Say what readers notice.", 0, len(line), Mark.WARNING))
    return tuple(sorted(set(found), key=_place))


def announcements(text: str, *, at: datetime, zone: str = "UTC", language: str = "en") -> tuple[tuple[int, int], ...]:
    """Places of the times that a text written at `at` gives for the next update, in its order."""
    subject = _subject(
        Known(zone=zone, language=language), audience=Audience.RESPONDERS, severity=5, moment=Moment.PROGRESS, at=at
    )
    return tuple(sorted({(r.start, r.end) for r in NextUpdate(sentences(text), subject).readings if r.at}))


_NOT_IN_SHORT: Final = frozenset({Rule.ACRONYM, Rule.NEXT_UPDATE_LATE})


def _read_out(kind: str, text: str, language: str) -> str:
    """A script without its last part, which tells what not to say."""
    head = languages.words(language).not_to_say
    return re.split(rf"^\W*{re.escape(head)}\b", text, maxsplit=1, flags=re.MULTILINE)[0] if kind == "voice" else text


def _of_every_sentence(text: str, parts: tuple[Sentence, ...], subject: Subject) -> list[Finding]:
    rules = EVERY_SENTENCE if subject.language == "en" else (names, *german.EVERY_SENTENCE)
    return [finding for part in _readable(text, parts) for rule in rules for finding in rule(part, subject)]


def _of_any_language(text: str, parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    """What needs no knowledge of a language's sentences; the elements, phrases and the reading grade are left out."""
    yield from zones(parts, update, subject)
    yield from jargon(text, subject)
    yield from unfinished(text)
    yield from secret(text, subject)
    yield from hidden(text)
    if subject.audience in OUTSIDE:
        yield from deceiving(text)


def _gravest(found: list[Finding]) -> tuple[Finding, ...]:
    kept = sorted(set(found), key=lambda finding: (finding.level is not Mark.ERROR, *_place(finding)))[:MOST]
    return tuple(sorted(kept, key=_place))


def _of_the_whole(text: str, parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    told = tuple(part for part in parts if part not in update.said and not aside(part))
    yield from missing(parts, update, subject)
    if subject.audience is not Audience.RESPONDERS:
        yield from empty(told)
    yield from contradictions(told, subject)
    yield from reading_grade(told, subject)
    yield from _of_any_language(text, parts, update, subject)


def _of_a_german_text(
    text: str, parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject
) -> Iterator[Finding]:
    """All but contradictions and the reading grade, which are read in English alone."""
    told = tuple(part for part in parts if part not in update.said and not aside(part, "de"))
    yield from missing(parts, update, subject)
    if subject.audience is not Audience.RESPONDERS:
        yield from empty(told, "de")
    yield from _of_any_language(text, parts, update, subject)


_WHOLE: Final = {"en": _of_the_whole, "de": _of_a_german_text}


def _length(characters: int) -> Iterator[Finding]:
    if characters > LONGEST_BODY:
        message = f"The text has {characters:,} characters, more than {LONGEST_BODY:,}: shorten it."
        yield Finding(Rule.TOO_LONG, message, LONGEST_BODY, characters, Mark.ERROR)


def _readable(text: str, parts: tuple[Sentence, ...]) -> Iterator[Sentence]:
    """The sentences without addresses: `support@example.com` names nobody."""
    plain = muted(text)
    return (Sentence(part.start, part.end, plain[part.start : part.end]) for part in parts)


def _subject(known: Known, *, audience: Audience, severity: int, moment: Moment, at: datetime) -> Subject:
    given = {field.name: getattr(known, field.name) for field in fields(Known)}
    return Subject(**given, audience=audience, severity=severity, moment=moment, at=at)


def _place(finding: Finding) -> tuple[int, int, str, str, str]:
    return finding.start, finding.end, finding.rule, finding.message, finding.level
