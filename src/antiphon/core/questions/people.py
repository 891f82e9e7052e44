"""People and the questions: what a person answers, and whom the answers call to the business track."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import AnswerGiven
from antiphon.core.questions import QUESTIONS
from antiphon.core.questions.situation import Answer, Given, Word
from antiphon.core.severity import Severity


def give_answer(number: int, answer: str, *, by: Actor, reason: str, now: datetime) -> Decision[Given] | Refusal:
    """A person's answer to one question; weigh again with it in the situation."""
    if number not in {question.number for question in QUESTIONS}:
        return Refusal(f"There is no question {number}.", "number")
    if answer not in tuple(Word):
        return Refusal(f"“{answer}” is not an answer; choose yes, no or unknown.", "answer")
    if not reason.strip():
        return Refusal("Say what you know it from; the reason is shown as the evidence.", "reason")
    given = Given(number=number, answer=answer, by=str(by), reason=reason.strip(), at=now)
    return Decision(given, (AnswerGiven(number=number, answer=answer, reason=given.reason),))


@dataclass(frozen=True, slots=True, kw_only=True)
class PullIn:
    """A role the business track needs, and the questions that call for it."""

    role: str
    numbers: tuple[int, ...]


def pull_in(answers: Sequence[Answer], *, severity: int) -> tuple[PullIn, ...]:
    """Whom the answers call to the business track. Public relations come for strategic customers at SEV1 only."""
    wanted: dict[str, tuple[int, ...]] = {}
    yes = {answer.number for answer in answers if answer.answer == Word.YES}
    for question in QUESTIONS:
        if question.number in yes:
            extra = question.pulls_in_at_sev1 if severity == Severity.SEV1 else ()
            for role in (*question.pulls_in, *extra):
                wanted[role] = (*wanted.get(role, ()), question.number)
    return tuple(PullIn(role=role, numbers=numbers) for role, numbers in wanted.items())
