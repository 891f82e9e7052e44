"""What the auditor found of an incident."""

from antiphon.core.events.event import Event


class AuditFound(Event, frozen=True, tag="audit.found"):
    """Something of the incident ought not to be. `rule` is a word of `core.auditing.Rule`."""

    milestone = True
    rule: str
    finding: str
    text: str

    def sentence(self) -> str:
        return f"Antiphon found: {self.text}"


class AuditCleared(Event, frozen=True, tag="audit.cleared"):
    """What was found is so no more."""

    rule: str
    finding: str
    text: str

    def sentence(self) -> str:
        return f"No longer so: {self.text}"
