"""Alertmanager's matchers (`name="value"`, `!=`, `=~`, `!~`) over an alert's labels."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2  # type: ignore[import-untyped]

_SHAPE = re.compile(r"^\s*([a-zA-Z_][\w.:-]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$", re.DOTALL)
MAX_PATTERN = 1000


class BadMatcher(ValueError):
    """A matcher that nobody can apply; the message is for the sender."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; a missing label counts as empty."""

    name: str
    equal: bool
    value: str
    pattern: Any = None

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet the condition."""
        given = labels.get(self.name, "")
        found = self.pattern.match(given) is not None if self.pattern else given == self.value
        return found is self.equal


def parse(text: str) -> Matcher:
    """One matcher from its text; raises BadMatcher."""
    shape = _SHAPE.match(text)
    if shape is None:
        raise BadMatcher(f"bad matcher format: {text[:200]}")
    name, operator, value = shape.groups()
    value = _unquoted(value, text)
    if operator in ("=", "!="):
        return Matcher(name, operator == "=", value)
    return Matcher(name, operator == "=~", value, pattern(value))


def pattern(value: str) -> Any:
    """A whole-value pattern in a linear-time engine; raises BadMatcher."""
    if len(value) > MAX_PATTERN:
        raise BadMatcher(f"the pattern is longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    try:
        return re2.compile(f"^(?:{value})$", options)
    except re2.error as error:
        raise BadMatcher(f"error parsing regexp: {error}") from None


def fits_all(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every condition."""
    return all(matcher.fits(labels) for matcher in matchers)


def _unquoted(value: str, text: str) -> str:
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"'):
        raise BadMatcher(f"bad matcher format: {text[:200]}")
    return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value[1:-1])
