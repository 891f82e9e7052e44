"""Several texts to one reader as one: each whole, under its subject, with one greeting and one way to stop. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from antiphon.core.languages import words
from antiphon.core.sending import slot

_GREETING: Final = re.compile(rf"<p>{re.escape(slot('greeting'))}</p>\n?")
_STOP: Final = re.compile(rf'<p><a href="{re.escape(slot("unsubscribe_url"))}">[^<]*</a></p>\n?')
_SUBJECTS: Final[Mapping[str, str]] = {
    "en": "{n} updates: {first}, and {more} more",
    "de": "{n} Meldungen: {first}, und {more} weitere",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One text with its slots still open."""

    subject: str
    text: str
    html: str


def bare(part: Part) -> Part:
    """The text without the lines that greet and that say how to stop."""
    marks = (slot("greeting"), slot("unsubscribe_url"))
    lines = [line for line in part.text.split("\n") if not any(mark in line for mark in marks)]
    return Part(part.subject, "\n".join(lines).strip(), _STOP.sub("", _GREETING.sub("", part.html)).strip())


def composed(parts: Sequence[Part], *, language: str) -> Part:
    """All of them as one, in their order; each was made `bare` before. The slots of one mail stand in it once."""
    said, hello, stop = words(language), slot("greeting"), slot("unsubscribe_url")
    subject = _SUBJECTS.get(language, _SUBJECTS["en"])
    texts = [f"{part.subject}\n{'=' * min(len(part.subject), 60)}\n{part.text}" for part in parts]
    marked = [f"<h2>{escape(part.subject)}</h2>\n{part.html}" for part in parts]
    return Part(
        subject.format(n=len(parts), first=parts[0].subject, more=len(parts) - 1)[:300],
        "\n\n\n".join([hello, *texts, f"{said.stop_plain}: {stop}\n"]),
        "\n".join([f"<p>{hello}</p>", *marked, f'<p><a href="{stop}">{said.stop}</a></p>\n']),
    )
