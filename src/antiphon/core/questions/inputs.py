"""What the questions saw, as a verdict keeps it for replay: whole the first time, then only what changed since.

An incident is asked about many times and its catalog hardly moves, so a change of severity costs a few bytes and not
the graph once more. Longer texts are packed (zlib, base85); the chain of the record covers the text as it is stored.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from antiphon.core.questions.situation import Situation

PACKED: Final = "zlib:"
LONGEST_PLAIN: Final = 1_000
"""Characters; a longer text is packed."""

Seen = Mapping[str, str]
"""A digest of each field of the situation that was seen last."""


def changed(seen: Seen, situation: Situation) -> tuple[str, Seen]:
    """What differs from what was seen last ("" when nothing does), and what is seen now."""
    parts = situation.parts()
    now = {name: blake2b(part, digest_size=6).hexdigest() for name, part in parts.items()}
    fresh = {name: msgspec.Raw(part) for name, part in parts.items() if seen.get(name) != now[name]}
    if not seen:
        fresh = {name: part for name, part in fresh.items() if bytes(part) not in (b'""', b"[]", b"{}", b"null")}
    return pack(msgspec.json.encode(fresh).decode()) if fresh else "", now


def situations(texts: Iterable[str]) -> Iterator[Situation]:
    """The situation after each of the texts of one incident, in their order."""
    values: dict[str, Any] = {}
    for text in texts:
        values |= msgspec.json.decode(unpack(text)) if text else {}
        yield Situation.of(values)


def pack(text: str) -> str:
    """The text, shorter when it is long."""
    if len(text) <= LONGEST_PLAIN:
        return text
    return PACKED + base64.b85encode(zlib.compress(text.encode(), 6)).decode()


def unpack(text: str) -> str:
    """The text as it was. Raises ValueError or `zlib.error` for what `pack` did not make."""
    if not text.startswith(PACKED):
        return text
    return zlib.decompress(base64.b85decode(text.removeprefix(PACKED))).decode()
