"""The text as such: gaps left to fill, characters that deceive, words this audience may not know."""

import re
from collections.abc import Iterator
from typing import Final

from antiphon.core.audiences import Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.subject import Subject
from antiphon.core.sending import RECIPIENT_SLOTS

_GAP: Final = re.compile(r"\[\[([^\[\]\n]{1,200})\]\]")
_UNFILLED: Final = re.compile(
    r"\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|\b(?:TODO|TBD|TBC|FIXME|XXX|lorem ipsum)\b|<insert[^>]{0,60}>"
    r"|(?<!\[)(?-i:\[[A-Z][A-Z _-]{2,40}\])(?![(\]])",
    re.IGNORECASE,
)
_HIDDEN: Final = re.compile(
    r"(?:[\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180e\u3164\uffa0\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
    r"|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d)+"
)
"""Characters without a shape: direction marks, joiners (but within an emoji), fillers, tags, control characters."""
_MIXED: Final = re.compile(
    r"\b(?=\w{0,30}[A-Za-z])(?=\w{0,30}[\u0370-\u03a8\u03aa-\u03bb\u03bd-\u03ff\u0400-\u04ff])\w{2,31}\b"
)
_SHOUT: Final = re.compile(r"!")


def unfinished(text: str) -> Iterator[Finding]:
    """Gaps that a person must fill, and placeholders left behind."""
    for match in _GAP.finditer(text):
        if match[1] not in RECIPIENT_SLOTS:
            yield Finding(Rule.GAP, f"Fill this in: {match[1]}.", *match.span(), Mark.ERROR)
    for match in _UNFILLED.finditer(text):
        yield Finding(Rule.UNFILLED, f"“{match[0]}” was left in the text: replace it.", *match.span(), Mark.ERROR)


def hidden(text: str) -> Iterator[Finding]:
    """Characters that no reader sees, such as those that turn the direction of writing."""
    for match in _HIDDEN.finditer(text):
        message = "Characters that cannot be seen stand here: remove them."
        yield Finding(Rule.HIDDEN_CHARACTERS, message, *match.span(), Mark.ERROR)


def visible(text: str) -> str:
    """The text with every character that nobody sees named, as in “[U+202E]”."""
    return _HIDDEN.sub(lambda match: "".join(f"[U+{ord(letter):04X}]" for letter in match[0]), text)


def deceiving(text: str) -> Iterator[Finding]:
    """Words of letters that only look alike, and loud ones."""
    for match in _MIXED.finditer(text):
        message = f"“{match[0]}” mixes letters of two alphabets that look alike: type it again."
        yield Finding(Rule.MIXED_LETTERS, message, *match.span(), Mark.ERROR)
    for match in _SHOUT.finditer(text):
        yield Finding(Rule.EXCLAMATION, "Leave out the exclamation mark.", *match.span(), Mark.WARNING)


def secret(text: str, subject: Subject) -> Iterator[Finding]:
    """Words of facts that this audience may not know."""
    for start, end in subject.hidden:
        if 0 <= start < end <= len(text):
            message = f"“{text[start:end]}” comes from a fact that this audience may not know: take it out."
            yield Finding(Rule.HIDDEN_FACT, message, start, end, Mark.ERROR)
