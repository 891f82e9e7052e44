"""What applying a file comes to: each row written where it differs, and a line for each difference."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)
LONGEST = 60
"""Characters of a value that a difference shows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row made (+) or changed (~). `subject`: the id that stands on the record in place of a person's name."""

    sign: str
    noun: str
    name: str
    details: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    subject: str = ""

    def __str__(self) -> str:
        told = f": {'; '.join(self.details)}" if self.details else ""
        return f"{self.sign} {self.noun} {self.name}{told}"

    def recorded(self) -> str:
        """The change without names and values of people, for the record that is never rewritten."""
        told = f": {', '.join(self.fields)}" if self.fields else ""
        return f"{self.sign} {self.noun} {self.subject or self.name}{told}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A field that stayed as it is, for somebody else had set it: `by` in words, `origin` as it is noted."""

    noun: str
    name: str
    field: str
    before: Any
    offered: Any
    by: str
    origin: str

    def __str__(self) -> str:
        values = f"stays {_shown(self.before)}, set {self.by}; the file says {_shown(self.offered)}"
        return f"= {self.noun} {self.name}: {words_of(self.field)} {values}"


@dataclass(slots=True)
class Ledger:
    """The changes of one run, in the order in which they were made. `access`: who may now do what, for that record.

    `kept` and `same` (how many rows of each noun stayed as they were) are of those rows alone that remember who set
    what.
    """

    now: datetime
    changes: list[Change] = field(default_factory=list)
    access: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    same: Counter[str] = field(default_factory=Counter)

    def put(
        self,
        row: M | None,
        fresh: M,
        values: Mapping[str, Any],
        *,
        noun: str,
        name: str,
        shown: Mapping[str, str] | None = None,
        personal: bool = False,
    ) -> M:
        """Give the row these values and save it if one of them differs; without a row, save `fresh` with them.

        `shown`: how a field's new value reads where the stored one would tell nobody anything.
        """
        if row is None:
            for key, value in values.items():
                setattr(fresh, key, value)
            self._save(fresh)
            self.note("+", noun, name, subject=subject_of(fresh) if personal else "")
            return fresh
        differing = {key: value for key, value in values.items() if getattr(row, key) != value}
        if differing:
            lines = tuple(told(key, getattr(row, key), value, shown or {}) for key, value in differing.items())
            for key, value in differing.items():
                setattr(row, key, value)
            self._save(row)
            subject = subject_of(row) if personal else ""
            self.changes.append(Change("~", noun, name, lines, tuple(map(words_of, differing)), subject))
        return row

    def note(self, sign: str, noun: str, name: str, *details: str, subject: str = "") -> None:
        """A change that is not the values of one row."""
        self.changes.append(Change(sign, noun, name, details, (), subject))

    def touched(self, *nouns: str) -> bool:
        """Whether any of these changed."""
        return any(change.noun in nouns for change in self.changes)

    def _save(self, row: Model) -> None:
        if hasattr(row, "updated_at"):
            row.updated_at = self.now
        row.save()


def subject_of(row: Model) -> str:
    """The id that stands for a row that is about a person."""
    return str(getattr(row, "uid", "") or f"#{row.pk}")


def words_of(key: str) -> str:
    """A column as people read it."""
    return key.removesuffix("_id").removesuffix("_seconds").replace("_", " ")


def told(key: str, before: Any, after: Any, shown: Mapping[str, str]) -> str:
    """What became of a field; `shown` as for `Ledger.put`."""
    if key in shown:
        return f"{words_of(key)} is now {shown[key]}" if shown[key] else f"{words_of(key)} changed"
    if key.endswith("_seconds"):
        before, after = _length(before), _length(after)
    return f"{words_of(key)} {_shown(before)} → {_shown(after)}"


def _length(seconds: int) -> str:
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"


def _shown(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
