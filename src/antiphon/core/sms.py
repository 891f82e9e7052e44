"""Words for an SMS: in letters that are cheap to send, and cut so that they fit beside their links. Pure."""

import re
import unicodedata
from typing import Final

from antiphon.core import channel_words
from antiphon.core.channel_words import segments

MOST_SEGMENTS: Final = 3
"""Of one message with its links; what is approved for SMS takes less."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})


def plain(text: str) -> str:
    """The text without letters that cost half of the room, reorder others or are not seen; lines stay lines."""
    cheap = channel_words.fitted("sms", text)
    kept = "".join(letter for letter in cheap if letter == "\n" or unicodedata.category(letter) not in _UNSEEN)
    lines = (re.sub(r"\s+", " ", line).strip() for line in kept.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def fitted(words: str, tail: str, *, most: int = MOST_SEGMENTS) -> str:
    """Words and tail, the words cut at their end as far as needed to fit `most` segments.

    The tail is never cut: it holds links. So where it alone is longer, more segments are taken.
    """
    if segments(words + tail) <= most:
        return words + tail
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if segments(_cut(words, middle) + tail) <= most:
            low = middle
        else:
            high = middle - 1
    return _cut(words, low) + tail if low else tail.lstrip()


def _cut(words: str, length: int) -> str:
    return f"{words[:length].rstrip()}..." if length < len(words) else words
