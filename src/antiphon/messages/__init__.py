"""Shipped texts for each audience and moment: `<language>/<audience>/<moment>[.<type>][.<area>][@<channel>].md`."""

import functools
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType


@functools.cache
def shipped(audience: str, *, language: str = "en") -> Mapping[str, str]:
    """The templates of one audience by name (`first_word.security`), to choose from with `core.wording.choose`.

    Raises KeyError for a language or an audience that we ship no texts for.
    """
    folder = files(__name__) / language / audience
    if not language.isalpha() or not folder.is_dir():
        raise KeyError(f"There are no shipped texts for {audience} in {language}.")
    found = {
        entry.name.removesuffix(".md"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".md")
    }
    return MappingProxyType(found)
