"""Letters that patterns take for others, put back: `ſ` for s, the Kelvin sign for K, hyphens that do not break."""

from typing import Final

_ALIKE: Final = str.maketrans(
    {"\u017f": "s", "\u212a": "K", "\u0130": "I", "\u0131": "i", "\u2010": "-", "\u2011": "-", "\uff1a": ":"}
)


def plain(text: str) -> str:
    """The text of the same length, each place as a person reads it. A pattern that ignores case matches `ſix` as well
    as `six`, and a table of words knows only the one."""
    return text.translate(_ALIKE)
