"""Approved Markdown as HTML that is safe on a public page, and as plain text for one line."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr"}
# No headings: they would break the page's outline. No pictures: they would call on somebody else's server.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["heading", "lheading", "image"])
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 50_000


def to_html(markdown: str) -> SafeString:
    """Markdown through an allow-list of tags; links only to http(s) and mail, and without a referrer."""
    cleaned = nh3.clean(
        _MARKDOWN.render(without_controls(markdown)[:_LONGEST]),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(cleaned)  # noqa: S308  # nh3 has just cleaned it


def without_controls(text: str) -> str:
    """The text without the characters that XML forbids, so that one of them cannot break a feed."""
    return _NOT_IN_XML.sub("", text)
