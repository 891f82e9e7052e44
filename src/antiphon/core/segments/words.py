"""Finding the words of a signal in a text that anybody may have written: in linear time, and of a bounded part."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import re2  # type: ignore[import-untyped]

LONGEST_WORD: Final = 100
LONGEST_TEXT: Final = 20_000
"""Characters of a text that are read; what stands behind is not looked at."""
MOST_HITS: Final = 100
"""Places that are looked at for one signal in one text."""
LONGEST_HIT: Final = 120
"""Characters; what a pattern finds beyond that is no word to be kept and shown."""

_BEFORE: Final = r"(?:^|[^\pL\pN_])"
_BEHIND: Final = r"(?:$|[^\pL\pN_])"
_BETWEEN: Final = r"[\s_-]{1,3}"
_ENDING: Final = r"[\pL\pN]*"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word in a text, as it stands there: characters `start` to `end`."""

    start: int
    end: int
    word: str


def readable(text: str) -> str:
    """The part of a text that is read, without what no pattern can read."""
    part = text[:LONGEST_TEXT].replace("\x00", " ")
    return part.encode("utf-8", "replace").decode("utf-8")


def not_a_word(word: str) -> str:
    """Why this cannot be a word of a signal, in a sentence; empty when it can."""
    if not word.strip(" *") or word in ("/", "//"):
        return "A word cannot be empty: take the empty line away."
    if len(word) > LONGEST_WORD:
        return f"A word has at most {LONGEST_WORD} characters: shorten “{word[:30]}…”."
    if not word.isprintable():
        return "A word stands on one line, without control characters: write it again."
    pattern = _compiled((word,))
    if pattern is None:
        return f"“{word}” cannot be read as a pattern: correct it, or leave out the slashes to mean these words."
    if pattern.search(""):
        return f"“{word}” fits every text: write what it must hold."
    return ""


def fit_together(words: tuple[str, ...]) -> bool:
    """Whether all of the words can be looked for at once."""
    return _compiled(words) is not None


def hits(words: tuple[str, ...], text: str) -> Iterator[Hit]:
    """Where the words stand in a `readable` text, in order, none inside another; nothing for words that do not fit."""
    pattern, at = _compiled(words), 0
    for _ in range(MOST_HITS if pattern is not None else 0):
        found: Any = pattern.search(text, at)
        if found is None:
            return
        start, end = found.span(found.lastindex) if found.lastindex else found.span()
        if end - start <= LONGEST_HIT:
            yield Hit(start, end, " ".join(text[start:end].lower().split()))
        at = max(end, at + 1)


@lru_cache(maxsize=256)
def _compiled(words: tuple[str, ...]) -> Any:
    """One pattern for all of the words, or None when RE2 does not take it."""
    phrases = [_phrase(word) for word in words if not _is_pattern(word)]
    patterns = [word[1:-1] for word in words if _is_pattern(word)]
    parts = [f"{_BEFORE}({'|'.join(phrases)}){_BEHIND}"] if phrases else []
    options = re2.Options()
    options.log_errors, options.case_sensitive = False, False
    try:
        return re2.compile("|".join(parts + [f"({_uncaptured(each)})" for each in patterns]), options)
    except (re2.error, UnicodeError):
        return None


def _is_pattern(word: str) -> bool:
    return len(word) > 2 and word.startswith("/") and word.endswith("/")


def _phrase(word: str) -> str:
    ending = _ENDING if word.endswith("*") else ""
    return _BETWEEN.join(map(re2.escape, word.rstrip("*").split())) + ending


def _uncaptured(pattern: str) -> str:
    """The pattern, which must be whole by itself. Raises re2.error when it is not."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 20
    re2.compile(pattern, options)
    return pattern
