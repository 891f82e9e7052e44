"""How hard a text is to read: the Flesch–Kincaid grade (Kincaid and others, 1975), about the years of school needed."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from antiphon.core.audiences import Audience, Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject

LIMITS: Final = {Audience.BUSINESS: 12, Audience.PUBLIC: 12, Audience.SUPPORT: 14, Audience.EXECUTIVES: 14}
"""Grades up to which a text passes: business readers and the public read it in passing, and in a second language."""
_FEWEST: Final = 30
"""Words below which the grade says nothing."""
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_SYLLABLE: Final = re.compile(r"[aeiouy]+")
_SILENT: Final = re.compile(r"(?:[^laeiouy]e|[^dt]ed|[^szxg]es)$")


def reading_grade(told: Sequence[Sentence], subject: Subject) -> Iterator[Finding]:
    """A text above the limit for its audience, with its hardest sentence."""
    limit = LIMITS.get(subject.audience)
    if limit is None or sum(len(_words(part, subject)) for part in told) < _FEWEST:
        return
    found = grade([_words(part, subject) for part in told])
    if found > limit:
        hardest = max(told, key=lambda part: grade([_words(part, subject)]) if len(part.words) > 5 else 0.0)
        message = f"This reads like grade {found:.0f}, above {limit}: shorter sentences and words; begin with this one."
        yield Finding(Rule.READING_GRADE, message, hardest.start, hardest.end, Mark.WARNING)


def grade(parts: Sequence[Sequence[str]]) -> float:
    """The grade of sentences given as words; 0 for none."""
    spoken = [words for words in parts if words]
    count = sum(map(len, spoken))
    if not count:
        return 0.0
    syllables = sum(_syllables(word) for words in spoken for word in words)
    return 0.39 * count / len(spoken) + 11.8 * syllables / count - 15.59


def _words(part: Sentence, subject: Subject) -> list[str]:
    """The words but for names of products, which readers know."""
    text = part.text.lower()
    for name in subject.products:
        text = text.replace(name.lower(), " ") if name else text
    return _WORD.findall(text)


def _syllables(word: str) -> int:
    groups = len(_SYLLABLE.findall(word))
    return max(1, groups - bool(_SILENT.search(word)))
