r"""How a channel declares its settings: one frozen dataclass from which form, API schema, docs and masking derive.

    @dataclass(frozen=True, kw_only=True)
    class Settings:
        host: str = option("Mail server", "Name of the server that takes our mail.", pattern=r"\S+")
        password: str = option("Password", "Of the account above.", secret=True, default="")

Field types are str, int, bool, tuple[str, ...] or a Literal of strings. Secrets never show in repr.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

MASK = "••••••••"
T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one setting, as a sentence that says how to mend it. `field` is "" for the whole."""

    field: str
    sentence: str


@dataclass(frozen=True)
class Option:
    """What a form, a schema and the docs need to know of one field."""

    name: str
    type: Any
    label: str
    hint: str
    secret: bool
    pattern: str | None
    default: Any  # dataclasses.MISSING: required

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is MISSING

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed values of a Literal, otherwise nothing."""
        return get_args(self.type) if get_origin(self.type) is Literal else ()


def option(label: str, hint: str, *, secret: bool = False, pattern: str | None = None, default: Any = MISSING) -> Any:
    """Declare a field of a Settings dataclass; without a default it is required. `pattern` must match whole values."""
    metadata = {"label": label, "hint": hint, "secret": secret, "pattern": pattern}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


def options(settings: type) -> tuple[Option, ...]:
    """The declared fields, in order."""
    types = get_type_hints(settings)
    return tuple(
        Option(name=field.name, type=types[field.name], default=field.default, **field.metadata)
        for field in dataclasses.fields(settings)
    )


def schema(settings: type) -> dict[str, Any]:
    """The settings as JSON Schema; secrets are write-only."""
    declared = options(settings)
    return {
        "type": "object",
        "properties": {option.name: _property(option) for option in declared},
        "required": [option.name for option in declared if option.required],
        "additionalProperties": False,
    }


def mask(settings: Any) -> dict[str, Any]:
    """The values as anyone may see them: a secret shows only whether it is set."""
    return {
        option.name: _masked(getattr(settings, option.name)) if option.secret else getattr(settings, option.name)
        for option in options(type(settings))
    }


def check(settings: Any) -> list[Problem]:
    """What is wrong with these settings, field by field, then what the class itself says in its `problems()`."""
    found = [
        problem for option in options(type(settings)) for problem in _check(option, getattr(settings, option.name))
    ]
    own = getattr(settings, "problems", None)
    return found if found or own is None else list(own())


def read(settings: type[T], values: Mapping[str, Any]) -> T | list[Problem]:
    """Settings from plain values (a form, JSON, YAML), or everything that is wrong with them."""
    declared = {option.name: option for option in options(settings)}
    unknown = [Problem(name, f"“{name}” is not a setting of this channel.") for name in values if name not in declared]
    missing = [
        Problem(option.name, f"{option.label} is missing.")
        for option in declared.values()
        if option.required and values.get(option.name) in (None, "")
    ]
    if unknown or missing:
        return unknown + missing
    made = settings(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    return check(made) or made


def _property(option: Option) -> dict[str, Any]:
    string: dict[str, Any] = {"type": "string"}
    if option.pattern is not None:
        string["pattern"] = f"^(?:{option.pattern})$"
    if option.choices:
        string["enum"] = list(option.choices)
    shapes: dict[Any, dict[str, Any]] = {
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        tuple[str, ...]: {"type": "array", "items": string},
    }
    shape = dict(shapes.get(option.type, string), title=option.label, description=option.hint)
    if option.secret:
        shape |= {"writeOnly": True, "format": "password"}
    elif not option.required:
        shape["default"] = list(option.default) if isinstance(option.default, tuple) else option.default
    return shape


def _masked(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(MASK for _ in value)
    return MASK if value else ""


def _check(option: Option, value: Any) -> list[Problem]:
    """Never quotes the value: it may be a secret."""
    if option.choices:
        allowed = ", ".join(option.choices)
        return [] if value in option.choices else [Problem(option.name, f"{option.label} must be one of: {allowed}.")]
    if option.type in (int, bool):
        kind = "a whole number" if option.type is int else "yes or no"
        return [] if type(value) is option.type else [Problem(option.name, f"{option.label} must be {kind}.")]
    values = value if option.type == tuple[str, ...] else (value,)
    if not isinstance(values, tuple) or not all(isinstance(one, str) for one in values):
        return [Problem(option.name, f"{option.label} must be text.")]
    if any(re.search(r"[\x00-\x1f\x7f]", one) for one in values):
        return [Problem(option.name, f"{option.label} must be one line without control characters.")]
    if value == option.default:
        return []
    if option.pattern is not None and not all(re.fullmatch(option.pattern, one) for one in values):
        return [Problem(option.name, f"{option.label} does not have the form it needs. {option.hint}")]
    return []
