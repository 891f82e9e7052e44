"""What was read where a text names an instant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A place in a text that names an instant. `at` is aware UTC, or None where `problem` says why it is not one.

    `zone`: a zone was named with it; `relative`: it counts from the moment of writing (“in 30 minutes”); `ranged`: the
    later end of a range; `assumed`: how it was understood where it may mean something else.
    """

    start: int
    end: int
    at: datetime | None
    zone: bool = True
    relative: bool = False
    problem: str = ""
    ranged: bool = False
    assumed: str = ""
