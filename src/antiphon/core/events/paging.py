"""Who was paged, and who answered."""

from antiphon.core.events.event import Event


class PagingStarted(Event, frozen=True, tag="paging.started"):
    policy: str
    track: str
    cycle: int

    def sentence(self) -> str:
        return f"Paging for the {self.track} track by policy {self.policy}"


class PersonPaged(Event, frozen=True, tag="paging.person_paged"):
    milestone = True
    person: str
    step: int
    channels: tuple[str, ...]
    reason: str

    def sentence(self) -> str:
        return f"Paged {self.person} by {', '.join(self.channels) or 'no channel'} (step {self.step}): {self.reason}"


class StepReachedNobody(Event, frozen=True, tag="paging.step_reached_nobody"):
    step: int
    reason: str

    def sentence(self) -> str:
        return f"Step {self.step} reached nobody: {self.reason}"


class PageAcknowledged(Event, frozen=True, tag="paging.acknowledged"):
    milestone = True
    person: str
    via: str

    def sentence(self) -> str:
        return f"{self.person} acknowledged by {self.via}"


class PagingExhausted(Event, frozen=True, tag="paging.exhausted"):
    milestone = True
    policy: str
    cycle: int
    reason: str

    def sentence(self) -> str:
        return f"Nobody answered policy {self.policy} in cycle {self.cycle}: {self.reason}"


class PagingStopped(Event, frozen=True, tag="paging.stopped"):
    reason: str

    def sentence(self) -> str:
        return f"Paging stopped: {self.reason}"
