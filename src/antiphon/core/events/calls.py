"""Calls to the largest accounts: owed, tried, handed over, late, no longer owed. Names of contacts are never here."""

from datetime import datetime

from antiphon.core.events.event import Event

_ABOUT = {"opening": "", "closing": " that it is over"}
_CAME = {
    "reached": "reached",
    "asks": "reached, and asks for something",
    "message": "a message was left",
    "not_reached": "not reached, to be tried again",
}


class CallOwed(Event, frozen=True, tag="call.owed"):
    call: str
    customer: str
    about: str
    due_at: datetime
    why: str = ""

    def sentence(self) -> str:
        because = f" ({self.why})" if self.why else ""
        return f"Call {self.customer}{_ABOUT.get(self.about, '')} by {self.due_at:%H:%M} UTC{because}"


class CallTried(Event, frozen=True, tag="call.tried"):
    """What they said stands with the call alone, and goes with the contact."""

    call: str
    customer: str
    outcome: str

    def sentence(self) -> str:
        return f"Call to {self.customer}: {_CAME.get(self.outcome, self.outcome)}"


class CallGiven(Event, frozen=True, tag="call.given"):
    call: str
    customer: str
    person: str

    def sentence(self) -> str:
        return f"{self.person} calls {self.customer}"


class CallWarned(Event, frozen=True, tag="call.warned"):
    call: str
    customer: str
    due_at: datetime

    def sentence(self) -> str:
        return f"The call to {self.customer} is due at {self.due_at:%H:%M} UTC"


class CallOverdue(Event, frozen=True, tag="call.overdue"):
    call: str
    customer: str
    due_at: datetime

    def sentence(self) -> str:
        return f"{self.customer} was to be called by {self.due_at:%H:%M} UTC and was not reached"


class CallEnded(Event, frozen=True, tag="call.ended"):
    """No longer owed: `waived` by a person, or `void` since nobody needs it any more."""

    call: str
    customer: str
    state: str
    reason: str

    def sentence(self) -> str:
        verb = "A person let the call go" if self.state == "waived" else "The call is owed no more"
        return f"{verb}, {self.customer}: {self.reason}"
