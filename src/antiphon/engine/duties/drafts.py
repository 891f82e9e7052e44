"""Drafts are made some minutes before the word that they are for is due."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import drafts


@dataclass(frozen=True, slots=True)
class Drafts:
    """Steps promises by `prepare_at`: they wake for their reminder and breach at other times. What is more urgent, as
    paging, goes before."""

    name: str = "drafts"
    urgency: int = 70

    def due(self, *, now: datetime, limit: int) -> list[int]:
        """Ids of promises whose draft is due."""
        return drafts.due(now=now, limit=limit)

    def step(self, row: int, /, *, now: datetime) -> None:
        """Make the draft that one promise needs."""
        drafts.step(row, now=now)

    def next_wake(self) -> datetime | None:
        """When the next draft is due."""
        return drafts.earliest()


DUTY = Drafts()
