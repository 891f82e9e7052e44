"""Planned work: said beforehand, begun and ended by itself, and told in words that a second person approved.

While it lasts, alerts about what it touches open nothing (`core.alerts`). What pages say of it are the words of its
plan, approved byte for byte (RELIABILITY I25), and the fixed sentences below at its start and end.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from antiphon.core.audiences import Audience, digest_of
from antiphon.core.decision import Actor, Decision, Refusal, earliest
from antiphon.core.events import MaintenanceChanged

LONGEST: Final = timedelta(days=31)
LONGEST_TITLE: Final = 200
LONGEST_BODY: Final = 20_000


class State(StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OVER: Final = frozenset({State.COMPLETED, State.CANCELLED})

SAID: Final = MappingProxyType(
    {
        State.IN_PROGRESS: "The planned work has begun.",
        State.COMPLETED: "The planned work is finished.",
        State.CANCELLED: "The planned work was cancelled. Nothing changes for you.",
    }
)
"""What a page says at each turn; shipped with the program, so that nobody has to be awake for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """One planned work. `entity`: what it is about, "" for everything. `remind`: how long before it begins subscribers
    are reminded, zero for not at all. `body` is Markdown; without one it is not announced. `approved_at`: when a text
    of it was last approved, and thereby published; an edit takes the approval away, but not that."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    entity: str = ""
    body: str = ""
    state: State = State.SCHEDULED
    remind: timedelta = timedelta()
    reminded_at: datetime | None = None
    author: str = ""
    approved_by: str = ""
    approved_digest: str = ""
    approved_at: datetime | None = None

    @property
    def digest(self) -> str:
        """What an approval holds for: the words, the window, and what it is about, which says where they are shown."""
        window = f"{self.starts_at.isoformat()} {self.ends_at.isoformat()}"
        return digest_of(Audience.PUBLIC, self.title, f"{self.body}\n{window}\n{self.entity}")

    @property
    def announced(self) -> bool:
        """Whether exactly these words may be published."""
        return bool(self.body) and self.approved_digest == self.digest

    @property
    def told(self) -> bool:
        """Whether readers know of it, and so must hear how it goes on (RELIABILITY I29)."""
        return self.approved_at is not None

    @property
    def remind_at(self) -> datetime | None:
        """When subscribers are reminded; None when they were, or are not to be."""
        wanted = self.remind > timedelta() and self.reminded_at is None and self.announced
        return self.starts_at - self.remind if wanted else None

    @property
    def wake_at(self) -> datetime | None:
        """The next instant at which it turns by itself."""
        if self.state is State.SCHEDULED:
            return earliest((self.remind_at, self.starts_at))
        return self.ends_at if self.state is State.IN_PROGRESS else None


@dataclass(frozen=True, slots=True)
class Turned(Decision[Maintenance]):
    """`says`: what pages are told now, "" for nothing. `remind`: subscribers are to be reminded."""

    says: str = ""
    remind: bool = False


def plan(plan: Maintenance, *, now: datetime) -> Turned | Refusal:
    """A new plan, or one with other words or times: an approval of the words before holds no longer."""
    refused = _check(plan, now=now)
    if refused:
        return refused
    kept = plan if plan.approved_digest == plan.digest else replace(plan, approved_by="", approved_digest="")
    return Turned(kept, (_event(kept, "planned"),))


def approve(plan: Maintenance, *, digest: str, by: Actor, now: datetime) -> Turned | Refusal:
    """Another person than its author answers for exactly this text; with that it is announced."""
    if plan.state in OVER:
        return Refusal("This work is over: there is nothing left to announce.", "body")
    if not plan.body:
        return Refusal("There is no text to approve: write what readers will notice.", "body")
    if digest != plan.digest:
        return Refusal("The text was changed while you read it: read it again, then approve it.", "body")
    if plan.author == str(by):
        return Refusal("You wrote this text: somebody else must approve it.", "body")
    after = replace(plan, approved_by=str(by), approved_digest=digest, approved_at=now)
    return Turned(after, (_event(after, "announced"),), says=after.body)


def step(plan: Maintenance, *, now: datetime) -> Turned:
    """Whatever its times ask for at `now`; twice at the same instant changes nothing the second time."""
    if plan.state is State.SCHEDULED and now >= plan.starts_at:
        return _turn(plan, State.IN_PROGRESS)
    if plan.state is State.IN_PROGRESS and now >= plan.ends_at:
        return _turn(plan, State.COMPLETED)
    due = plan.remind_at
    if plan.state is State.SCHEDULED and due is not None and now >= due:
        return Turned(replace(plan, reminded_at=now), (_event(plan, "recalled to subscribers"),), remind=True)
    return Turned(plan, ())


def start(plan: Maintenance, *, now: datetime) -> Turned | Refusal:
    """Begin it now, before its time."""
    if plan.state is not State.SCHEDULED:
        return Refusal("Only work that has not begun can be begun.", "state")
    return _turn(replace(plan, starts_at=min(plan.starts_at, now)), State.IN_PROGRESS)


def finish(plan: Maintenance, *, now: datetime) -> Turned | Refusal:
    """End it now: alerts count again from this instant on."""
    if plan.state is not State.IN_PROGRESS:
        return Refusal("Only work that is under way can be finished; cancel it to drop it.", "state")
    return _turn(replace(plan, ends_at=min(plan.ends_at, now)), State.COMPLETED)


def cancel(plan: Maintenance, *, now: datetime) -> Turned | Refusal:
    """Drop it; whoever was told of it is told that."""
    if plan.state in OVER:
        return Refusal("This work is over already.", "state")
    return _turn(plan, State.CANCELLED)


def _turn(plan: Maintenance, state: State) -> Turned:
    after = replace(plan, state=state)
    return Turned(after, (_event(after, state.replace("_", " ")),), says=SAID[state] if plan.told else "")


def _event(plan: Maintenance, what: str) -> MaintenanceChanged:
    return MaintenanceChanged(
        maintenance=plan.uid, title=plan.title, what=what, starts_at=plan.starts_at, ends_at=plan.ends_at
    )


def _check(plan: Maintenance, *, now: datetime) -> Refusal | None:
    if not plan.title.strip() or len(plan.title) > LONGEST_TITLE:
        return Refusal(f"Give it a title of up to {LONGEST_TITLE} characters.", "title")
    if plan.ends_at <= plan.starts_at:
        return Refusal("It ends before it begins: set the end later.", "ends_at")
    if plan.ends_at - plan.starts_at > LONGEST:
        return Refusal(f"More than {LONGEST.days} days is no maintenance window: plan several.", "ends_at")
    if plan.ends_at <= now:
        return Refusal("This window has passed: set times that are still to come.", "ends_at")
    if len(plan.body) > LONGEST_BODY:
        return Refusal(f"The announcement has more than {LONGEST_BODY} characters: shorten it.", "body")
    return None
