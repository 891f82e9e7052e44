"""One file per alert format: bytes in, observations out.

A module here that defines `FORMAT` is a format; its file name is the integration's kind.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import NamedTuple, ParamSpec, Protocol, TypeVar

import msgspec

from antiphon.core.observations import Observation, Unreadable

P = ParamSpec("P")
T = TypeVar("T")


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


def guarded(read: Callable[P, T]) -> Callable[P, T]:
    """A reader whose every stumble over a sender's bytes comes out as Unreadable."""

    @wraps(read)
    def guard(*words: P.args, **named: P.kwargs) -> T:
        try:
            return read(*words, **named)
        except UnicodeError:
            raise Unreadable("the text is not UTF-8") from None
        except RecursionError:
            raise Unreadable("it is nested too deeply") from None
        except msgspec.MsgspecError as error:
            raise Unreadable(f"JSON parse error: {error}") from None

    return guard
