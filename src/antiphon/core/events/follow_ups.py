"""What a customer is told of its contract after an incident: prepared, approved, sent, let go."""

from antiphon.core.events.event import Event


class FollowUpPrepared(Event, frozen=True, tag="follow_up.prepared"):
    follow_up: str
    customer: str
    contract: str
    why: str

    def sentence(self) -> str:
        return f"Message to {self.customer} about its contract prepared: {self.why}"


class FollowUpApproved(Event, frozen=True, tag="follow_up.approved"):
    follow_up: str
    customer: str
    digest: str
    approval: str

    def sentence(self) -> str:
        return f"Message to {self.customer} about its contract approved ({self.approval})"


class FollowUpVoided(Event, frozen=True, tag="follow_up.approval_voided"):
    follow_up: str
    customer: str
    reason: str

    def sentence(self) -> str:
        return f"Approval of the message to {self.customer} about its contract voided: {self.reason}"


class FollowUpSent(Event, frozen=True, tag="follow_up.sent"):
    milestone = True
    follow_up: str
    customer: str
    digest: str
    recipients: int
    text: str

    def sentence(self) -> str:
        people = "1 person" if self.recipients == 1 else f"{self.recipients} people"
        return f"Message about its contract sent to {self.customer}, {people}"


class FollowUpEnded(Event, frozen=True, tag="follow_up.ended"):
    """No message: `waived` by a person with the reason, or `void` since the incident is open again."""

    follow_up: str
    customer: str
    contract: str
    state: str
    reason: str

    def sentence(self) -> str:
        verb = "settled without a message" if self.state == "waived" else "put away"
        return f"The contract matter of {self.customer} was {verb}: {self.reason}"
