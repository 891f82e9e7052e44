"""A configuration file as read, before anybody asks what it means: values that know their line, and problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: text, nothing (None), a list, or keys with values. Lines count from 1.

    `plain`: text without quotes, which may mean a number or yes and no. `key_lines`: where each key stands.
    """

    line: int
    value: "str | tuple[Node, ...] | Mapping[str, Node] | None"
    plain: bool = False
    key_lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, where (`path` such as catalog.checkout.tier), and how to mend it."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"line {self.line}: {place}{self.sentence}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the file: only the fields that the file mentions, each with its line."""

    path: str
    line: int
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str, default: Any = None) -> Any:
        """The field's value, or the default when the file does not mention it."""
        return self.values.get(name, default)

    def only(self, *names: str) -> dict[str, Any]:
        """Those of the named fields that the file mentions."""
        return {name: self.values[name] for name in names if name in self.values}

    def at(self, name: str) -> int:
        """The line of a field; the record's own when the file does not mention it."""
        return self.lines.get(name, self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A whole file that passed every check. A section that is not mentioned is empty or None."""

    organisation: Entry | None = None
    people: tuple[Entry, ...] = ()
    rotas: tuple[Entry, ...] = ()
    policies: tuple[Entry, ...] = ()
    duty_roles: Mapping[str, Entry] = field(default_factory=dict)
    classification: Entry | None = None
    catalog: tuple[Entry, ...] = ()
    customers: tuple[Entry, ...] = ()
    stakeholders: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    rules: tuple[Entry, ...] = ()
    maintenance: tuple[Entry, ...] = ()
    holding_messages: tuple[Entry, ...] = ()
    status_page: Entry | None = None
    status_pages: tuple[Entry, ...] = ()
    messages: tuple[Entry, ...] = ()
    branding: Entry | None = None
    page_targets: tuple[Entry, ...] = ()
    limits: Entry | None = None
    digest: Entry | None = None
    approvals: Entry | None = None
    watch: Entry | None = None
    measure: Entry | None = None
    returns: Entry | None = None
    calls: Entry | None = None
    posts: Entry | None = None
    channels: Mapping[str, Entry] = field(default_factory=dict)
