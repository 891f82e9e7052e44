"""Tracks, roles, tasks, workarounds, changes and notes."""

from datetime import datetime

from antiphon.core.events.event import Event


class TrackOpened(Event, frozen=True, tag="track.opened"):
    milestone = True
    track: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track opened: {self.reason}"


class TrackMoved(Event, frozen=True, tag="track.moved"):
    track: str
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track is now {self.after}: {self.reason}"


class TrackDone(Event, frozen=True, tag="track.done"):
    milestone = True
    track: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track is done: {self.reason}"


class RoleAssigned(Event, frozen=True, tag="role.assigned"):
    role: str
    person: str

    def sentence(self) -> str:
        return f"{self.person} is {self.role}"


class TaskAdded(Event, frozen=True, tag="task.added"):
    task: str
    track: str
    title: str
    due_at: datetime | None = None

    def sentence(self) -> str:
        return f"Task for the {self.track} track: {self.title}"


class TaskGiven(Event, frozen=True, tag="task.given"):
    task: str
    title: str
    person: str

    def sentence(self) -> str:
        return f"{self.person} takes the task: {self.title}"


class TaskDone(Event, frozen=True, tag="task.done"):
    task: str
    title: str

    def sentence(self) -> str:
        return f"Task done: {self.title}"


class WorkaroundAdded(Event, frozen=True, tag="workaround.added"):
    workaround: str
    title: str

    def sentence(self) -> str:
        return f"Workaround in place: {self.title}"


class WorkaroundRemoved(Event, frozen=True, tag="workaround.removed"):
    workaround: str
    title: str
    waived: bool = False
    owner: str = ""
    until: datetime | None = None

    def sentence(self) -> str:
        if self.waived and self.until:
            return f"Workaround stays, owned by {self.owner} until {self.until:%Y-%m-%d}: {self.title}"
        return f"Workaround removed: {self.title}"


class ChangeRecorded(Event, frozen=True, tag="change.recorded"):
    title: str
    effect: str = ""

    def sentence(self) -> str:
        return f"Change made: {self.title}" + (f" Effect: {self.effect}" if self.effect else "")


class NoteAdded(Event, frozen=True, tag="note.added"):
    personal = frozenset({"text"})
    text: str

    def sentence(self) -> str:
        return self.text
