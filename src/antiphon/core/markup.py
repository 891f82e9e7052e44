"""From the Markdown a person approves to the bytes that leave: plain text and HTML from an allow-list.

Who approves a text approves what this module makes of it; so a release that makes other HTML of the same words voids
approvals that were not used, rather than sending what nobody has seen (RELIABILITY I25).
"""

import functools
import re
from collections.abc import Mapping
from typing import Final

import nh3
from markdown_it import MarkdownIt

from antiphon.core.footers import footer
from antiphon.core.languages import words
from antiphon.core.sending import CLICKED, NOTHING, OPENED, digest_of, slot

MAILED: Final = frozenset({"technical", "business", "public"})
"""Audiences whose text goes to one person at a time, and so carries the recipient slots; the public's subscribers."""

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
_TAGS: Final = frozenset(
    {"p", "br", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "h2", "h3", "hr", "a"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)  # no pictures: one from elsewhere tells its server who reads
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})


def to_html(body: str) -> str:
    """HTML of a Markdown text. Markup in the text is shown as text; links go to web, mail or telephone only."""
    return nh3.clean(
        _MARKDOWN.render(body),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer",
    )


def to_text(body: str) -> str:
    """The same words for a reader of plain text: without the marks of emphasis and the brackets around addresses."""
    words = _ADDRESS.sub(r"\1", _STRONG.sub(r"\2", body.strip()))
    return f"{words}\n"


_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_LINK: Final = re.compile(r'(<a href=")(https?://)')
_ADDRESS: Final = re.compile(r"<((?:https?|mailto|tel):[^<>\s]+)>")


@functools.lru_cache(maxsize=128)
def bodies(*, audience: str, body: str, language: str = "en") -> tuple[str, str]:
    """The text and the HTML of a version as they leave, with the recipient slots where the audience gets mail."""
    text, html = to_text(body), to_html(body)
    if audience not in MAILED:
        return text, html
    hello, stop, said = slot("greeting"), slot("unsubscribe_url"), words(language)
    answer_plain, answer = footer(audience, language=language)
    if answer:
        html = _LINK.sub(rf"\1{slot(CLICKED)}\2", html) + slot(OPENED)
    return (
        f"{hello}\n\n{text}\n{answer_plain}{said.stop_plain}: {stop}\n",
        f'<p>{hello}</p>\n{html}{answer}<p><a href="{stop}">{said.stop}</a></p>\n',
    )


def sealed_digest(
    *, audience: str, subject: str, body: str, channels: Mapping[str, str] = NOTHING, language: str = "en"
) -> str:
    """SHA-256 (hex) of what leaves for this audience when exactly this subject, Markdown and channels are sealed."""
    text, html = bodies(audience=audience, body=body, language=language)
    return digest_of(audience=audience, subject=subject, body_text=text, body_html=html, channels=channels)
