"""The duties: a file each, with `due`, `step` and `next_wake`; found by scanning this package."""

import importlib
import pkgutil
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, cast, runtime_checkable


class Duty(Protocol):
    """What the loop steps. `urgency` orders the duties: the lowest number comes first."""

    name: str
    urgency: int

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """Ids of rows whose time has come."""

    def step(self, row: int, /, *, now: datetime) -> None:
        """Step one row in one transaction; a second time at the same instant does nothing."""

    def next_wake(self) -> datetime | None:
        """The earliest instant at which a row comes due."""


@runtime_checkable
class StepsTogether(Protocol):
    """A duty that can step many rows in one transaction, as a storm asks for."""

    def step_together(self, rows: Sequence[int], /, *, now: datetime) -> Sequence[int]:
        """Step many rows; answers those that must be stepped by themselves."""


def registry() -> list[Duty]:
    """Every duty, most urgent first. Two of one name stop the start."""
    found = [
        cast("Duty", importlib.import_module(f"{__name__}.{module.name}").DUTY)
        for module in pkgutil.iter_modules(__path__)
    ]
    names = [duty.name for duty in found]
    if len(set(names)) != len(names):
        raise RuntimeError(f"Two duties share a name: {sorted(names)}. Rename one in engine/duties/.")
    return sorted(found, key=lambda duty: duty.urgency)
