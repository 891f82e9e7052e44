"""Facts, drafts, approvals and publications."""

from datetime import datetime

from antiphon.core.events.event import Event


class FactRecorded(Event, frozen=True, tag="fact.recorded"):
    fact: str
    name: str
    text: str
    audiences: tuple[str, ...]
    confidence: str
    supersedes: str = ""
    translations: dict[str, str] = {}

    def sentence(self) -> str:
        verb = "Fact corrected" if self.supersedes else "Fact"
        return f"{verb}, {self.name}: {self.text}"


class DraftPrepared(Event, frozen=True, tag="update.drafted"):
    update: str
    moment: str
    audiences: tuple[str, ...]

    def sentence(self) -> str:
        return f"Draft ready ({self.moment.replace('_', ' ')}) for {', '.join(self.audiences)}"


class VersionApproved(Event, frozen=True, tag="update.approved"):
    update: str
    audience: str
    digest: str
    approval: str

    def sentence(self) -> str:
        return f"Text for {self.audience} approved ({self.approval})"


class ApprovalVoided(Event, frozen=True, tag="update.approval_voided"):
    update: str
    audience: str
    reason: str

    def sentence(self) -> str:
        return f"Approval of the text for {self.audience} voided: {self.reason}"


class ApprovalAsked(Event, frozen=True, tag="update.approval_asked"):
    """`people` are uids."""

    update: str
    audiences: tuple[str, ...]
    people: tuple[str, ...]
    due_at: datetime

    def sentence(self) -> str:
        texts = f"Approval of the text for {', '.join(self.audiences)}"
        if not self.people:
            return f"{texts} waits, and nobody at hand may give it"
        count = "1 person" if len(self.people) == 1 else f"{len(self.people)} people"
        return f"{texts} asked of {count}, by {self.due_at:%H:%M} UTC"


class ApprovalOverdue(Event, frozen=True, tag="update.approval_overdue"):
    update: str
    audiences: tuple[str, ...]
    told: str

    def sentence(self) -> str:
        return f"No approval yet of the text for {', '.join(self.audiences)}: {self.told} is told"


class TextReturned(Event, frozen=True, tag="update.returned"):
    update: str
    audiences: tuple[str, ...]
    note: str

    def sentence(self) -> str:
        return f"Text for {', '.join(self.audiences)} sent back: {self.note}"


class ApprovalBypassed(Event, frozen=True, tag="update.bypassed"):
    """An emergency: texts leave without their approvals. `whole`: the second person confirmed it."""

    milestone = True
    update: str
    digests: dict[str, str]
    reason: str
    whole: bool

    def sentence(self) -> str:
        by = "by two people" if self.whole else "asked for by one person, waits for a second"
        return f"Approval bypassed {by}, for {', '.join(sorted(self.digests))}: {self.reason}"


class UpdatePublished(Event, frozen=True, tag="update.published"):
    milestone = True
    update: str
    moment: str
    digests: dict[str, str]
    recipients: dict[str, int]
    next_update_at: datetime | None
    texts: dict[str, str]

    def sentence(self) -> str:
        told = ", ".join(_told(audience, count) for audience, count in sorted(self.recipients.items()))
        return f"Update sent ({self.moment.replace('_', ' ')}): {told or 'nobody'}"


class HoldingSent(Event, frozen=True, tag="update.holding_sent"):
    milestone = True
    audience: str
    digest: str
    recipients: int

    def sentence(self) -> str:
        return f"Holding message sent: {_told(self.audience, self.recipients)}"


def _told(audience: str, count: int) -> str:
    return "the status page" if audience == "public" else f"{count} {audience}"
