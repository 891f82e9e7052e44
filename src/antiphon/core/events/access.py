"""Configuration and access: the streams that belong to no incident."""

from antiphon.core.events.event import Event


class ConfigurationApplied(Event, frozen=True, tag="configuration.applied"):
    source: str
    changes: tuple[str, ...]

    def sentence(self) -> str:
        return f"Configuration applied from {self.source}: {len(self.changes)} changes"


class AccessChanged(Event, frozen=True, tag="access.changed"):
    what: str

    def sentence(self) -> str:
        return self.what
