"""Shipped texts: `<language>/<audience>/<moment>[.<type>][.<area>].md`, falling back leftwards.

The first line is `Subject: …`; the rest is Markdown with Liquid variables (see `core.variables`).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

FALLBACK = "en"


@cache
def templates(language: str, audience: str) -> Mapping[str, str]:
    """One audience's texts by name, such as `first_word.security`; in English where the language has none."""
    folder = files(__name__).joinpath(language, audience)
    if not folder.is_dir():
        folder = files(__name__).joinpath(FALLBACK, audience)
    found = {
        each.name.removesuffix(".md"): each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".md")
    }
    return MappingProxyType(found)
