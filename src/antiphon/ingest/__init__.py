"""One file per alert format: bytes in, observations out.

A module here that defines `FORMAT` is a format; its file name is the integration's kind.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple, Protocol

from antiphon.core.observations import Observation


class Parse(Protocol):
    """Bytes of one request → what they say, or Unreadable. `now` is in microseconds, UTC."""

    def __call__(self, body: bytes, *, now: int) -> list[Observation]: ...


class Format(NamedTuple):
    """What a format module offers: its name for people, its parser, its limit in bytes."""

    label: str
    parse: Parse
    max_bytes: int


def formats() -> Mapping[str, Format]:
    """Every format of this package by kind; a module without FORMAT stops the start."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = import_module(f"{__name__}.{module.name}")
        if not isinstance(getattr(loaded, "FORMAT", None), Format):
            raise TypeError(f"{loaded.__name__} defines no FORMAT: say what it parses and how.")
        found[module.name] = loaded.FORMAT
    return found
