"""The shape of every rule: what was, and `now`, give a new state and the events that say why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from antiphon.core.events import Event

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """A rule's answer: the state after it, and what is to be written on the record."""

    state: S
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule's no: `sentence` is for the person who asked; `field` names the input to mend."""

    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `kind` is person, token, system, customer or sender; `uid` never holds a name."""

    kind: str
    uid: str
    role: str = ""
    incident_roles: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return f"{self.kind}:{self.uid}"


SYSTEM = Actor(kind="system", uid="antiphon", role="system")


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of the given instants, or None when there is none."""
    known = [instant for instant in instants if instant is not None]
    return min(known) if known else None
