"""A duty over a table with `wake_at`: most duties are this and an action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import models

from antiphon.db import claims


class StepRow(Protocol):
    """An action that steps one row by id at an instant."""

    def __call__(self, row: int, /, *, now: datetime) -> object:
        """One transaction; nothing happens when the row is not due any more."""


class StepRows(Protocol):
    """An action that steps many rows by id at an instant."""

    def __call__(self, rows: Sequence[int], /, *, now: datetime) -> Sequence[int]:
        """One transaction; answers those that must be stepped by themselves."""


@dataclass(frozen=True, slots=True)
class Waking:
    """Rows of `model` whose `wake_at` has come are stepped by `action`, many of them at once by `together`."""

    name: str
    urgency: int
    model: type[models.Model]
    action: StepRow
    together: StepRows | None = None

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """Ids of rows whose time has come, the longest overdue first."""
        return claims.due(self.model, now=now, limit=limit)

    def step(self, row: int, /, *, now: datetime) -> None:
        """Step one row."""
        self.action(row, now=now)

    def step_together(self, rows: Sequence[int], /, *, now: datetime) -> Sequence[int]:
        """Step many rows; answers those that must be stepped by themselves."""
        return self.together(rows, now=now) if self.together else rows

    def next_wake(self) -> datetime | None:
        """The earliest instant at which a row comes due."""
        return claims.earliest(self.model)
