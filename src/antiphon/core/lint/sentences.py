"""A text as sentences with their places, as the lint reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BREAK: Final = re.compile(
    r"\n\s*\n|\n(?=\s*(?:[-*#>|•]|\d+[.)]\s))|\n(?=\W{0,4}[A-Z][\w ’']{1,30}:)"
    r"|(?<=[.!?…])(?!(?<=\d\.)\s{1,3}(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober"
    r"|November|Dezember)\b)(?<!\b[ap]\.m\.)(?<!\be\.g\.)(?<!\bi\.e\.)"
    r"(?<!\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.)(?<!\bSept\.)"
    r"(?<!\b(?:No|Mr|Ms|Dr|ca|vs)\.)(?<!\bMrs\.)[*_”\"’)]*\s+(?=\W*[A-ZÄÖÜ0-9\[])|(?<=[!?])\s+"
    r"|(?<=[a-z]{2}\.)(?=(?:We|The|This|Our|You|It|Next)\b)"
)
_MUTED: Final = re.compile(r"<?https?://[^\s<>)]+>?|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is `source[start:end]`."""

    start: int
    end: int
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word.lower() for word in re.findall(r"[\w’'-]+", self.text))


def sentences(source: str) -> tuple[Sentence, ...]:
    """The sentences, list items and headings of a text, without the space around them."""
    return tuple(_pieces(source))


def muted(source: str) -> str:
    """The text with addresses (web, mail) blanked out, every character in its place."""
    return _MUTED.sub(lambda match: " " * len(match[0]), source)


def _pieces(source: str) -> Iterator[Sentence]:
    begin = 0
    for match in [*_BREAK.finditer(source), None]:
        end = match.start() if match else len(source)
        piece = source[begin:end]
        words = piece.strip()
        if words:
            start = begin + piece.index(words)
            yield Sentence(start, start + len(words), words)
        if match:
            begin = match.end()
