"""What stands below a text that goes to a customer's contact: how to answer it with one click.

It is part of the bytes that are approved; only the recipient's own link is filled in when it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from antiphon.core.sending import slot

ANSWERABLE: Final = frozenset({"technical", "business"})
"""Audiences whose readers are contacts of customers, each with a link of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """One language's words."""

    plain: str
    read: str
    helpful: str
    other: Mapping[str, str]


_FOOTERS: Final[Mapping[str, Footer]] = MappingProxyType(
    {
        "en": Footer(
            plain="To say that you have read this, whether it was helpful, or that you want {other}",
            read="I have read this",
            helpful="Was this helpful?",
            other={"business": "the technical version", "technical": "the plain version"},
        ),
        "de": Footer(
            plain="Gelesen, hilfreich oder nicht, oder lieber {other}: sagen Sie es uns hier",
            read="Ich habe es gelesen",
            helpful="War das hilfreich?",
            other={"business": "die technische Fassung", "technical": "die einfache Fassung"},
        ),
    }
)


def footer(audience: str, *, language: str = "en") -> tuple[str, str]:
    """The lines for plain text and for HTML; both empty for readers who have no link of their own."""
    if audience not in ANSWERABLE:
        return "", ""
    words, link = _FOOTERS.get(language, _FOOTERS["en"]), slot("reaction_url")
    other = words.other[audience]
    named = ((words.read, "read"), (words.helpful, "helpful"), (other[:1].upper() + other[1:], "version"))
    links = " · ".join(f'<a href="{link}#{place}">{said}</a>' for said, place in named)
    return f"{words.plain.format(other=other)}: {link}\n", f"<p>{links}</p>\n"
