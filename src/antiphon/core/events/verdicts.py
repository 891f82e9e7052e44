"""The six questions, their answers, and the verdict."""

from datetime import datetime

import msgspec

from antiphon.core.events.event import Event


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One of the six answers as it was given, with what it rested on."""

    number: int
    answer: str
    evidence: tuple["Evidence", ...] = ()
    by: str = "catalog"
    confidence: float = 1.0


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer rests on. `source` is `entity:<name>`, `contract:<uid>`, `clock`, `fact:<uid>`, …"""

    source: str
    text: str


class VerdictReached(Event, frozen=True, tag="verdict.reached"):
    """Saved at each asking that changed an answer. `inputs`: what the questions saw, for replay; of it, what changed
    since the asking before (`core.questions.inputs`)."""

    milestone = True
    before: str
    after: str
    answers: tuple[Answered, ...]
    inputs: str
    reason: str

    def sentence(self) -> str:
        if self.before == self.after:
            return f"Six questions asked again: still {self.after}. {self.reason}"
        return f"Verdict: {self.after}. {self.reason}"


class QuestionsAsked(Event, frozen=True, tag="verdict.asked"):
    """Saved at each asking that saw something else and came to the same. `inputs` as in `VerdictReached`."""

    inputs: str

    def sentence(self) -> str:
        return "Six questions asked again; no answer changed."


class VerdictOverridden(Event, frozen=True, tag="verdict.overridden"):
    milestone = True
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"Verdict set to {self.after} by a person: {self.reason}"


class AnswerGiven(Event, frozen=True, tag="verdict.answer_given"):
    number: int
    answer: str
    reason: str

    def sentence(self) -> str:
        return f"Question {self.number} answered {self.answer}: {self.reason}"


class AnswerRequested(Event, frozen=True, tag="verdict.answer_requested"):
    numbers: tuple[int, ...]
    person: str
    until: datetime

    def sentence(self) -> str:
        which = ", ".join(str(number) for number in self.numbers)
        return f"Question {which} put to {self.person}, answer wanted by {self.until:%H:%M} UTC"
