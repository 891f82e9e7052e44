"""Which rule decides about an alert, remembered by what the rules look at.

Twenty expressions cost 40 µs; most alerts differ only in labels that no rule names (an instance, a
pod). So the answer is kept by the values of the labels and annotations that the expressions do name.
An expression that uses the whole map (`labels.exists(…)`) cannot be kept this way: then every alert
is matched for itself.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from antiphon.core.observations import Content


class Match(Protocol):
    """What the rules say of an alert."""

    @property
    def rule_id(self) -> int | None: ...


class Expressed(Protocol):
    """A rule's expression in CEL."""

    @property
    def expression(self) -> str: ...


class Rules(Protocol):
    """The organisation's declaring rules, compiled: `core.declaring.RuleSet`."""

    revision: int

    @property
    def rules(self) -> Sequence[Expressed]: ...

    def match(
        self,
        *,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        severity: str,
        integration: str,
    ) -> Match: ...


MAX_REMEMBERED = 20_000

_IN_MAP = re.compile(r"""(["'])(?P<name>[^"'\\]+)\1\s+in\s+(?P<map>labels|annotations)\b""")
_OF_MAP = re.compile(
    r"""\b(?P<map>labels|annotations)(?:\.(?P<field>[A-Za-z_]\w*)(?!\w|\s*\()"""
    r"""|\[\s*(["'])(?P<name>[^"'\\]+)\3\s*\])"""
)
_WHOLE_MAP = re.compile(r"\b(?:labels|annotations)\b")


class Matching:
    """The answers of one revision of the rules."""

    def __init__(self, rules: Rules) -> None:
        self.revision = rules.revision
        self._rules = rules
        self._named = named([rule.expression for rule in rules.rules])
        self._answers: dict[tuple[object, ...], int | None] = {}

    def rule_id(self, content: Content, severity: str, integration: str) -> int | None:
        """The rule that decides about an alert, or None."""
        if self._named is None:
            return self._match(content, severity, integration)
        labels, annotations = self._named
        key = (
            severity,
            integration,
            *[content.labels.get(name) for name in labels],
            *[content.annotations.get(name) for name in annotations],
        )
        try:
            return self._answers[key]
        except KeyError:
            if len(self._answers) >= MAX_REMEMBERED:
                self._answers.clear()
            found = self._answers[key] = self._match(content, severity, integration)
            return found

    def _match(self, content: Content, severity: str, integration: str) -> int | None:
        return self._rules.match(
            labels=content.labels,
            annotations=content.annotations,
            severity=severity,
            integration=integration,
        ).rule_id


def named(expressions: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The labels and the annotations that expressions name; None when one uses a map as a whole."""
    found: dict[str, set[str]] = {"labels": set(), "annotations": set()}
    for expression in expressions:
        rest = expression
        for pattern in (_IN_MAP, _OF_MAP):
            for use in pattern.finditer(rest):
                said = use.groupdict()
                found[said["map"]].add(said.get("field") or said["name"])
            rest = pattern.sub(" ", rest)
        if _WHOLE_MAP.search(rest):
            return None
    return sorted(found["labels"]), sorted(found["annotations"])
