"""Whom the answers pull in to the business track."""

from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.core.classification import STANDARD, Classification
from antiphon.core.questions import QUESTIONS
from antiphon.core.questions.situation import Answer, Word
from antiphon.core.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PullIn:
    """A role the business track needs, and the questions that call for it."""

    role: str
    numbers: tuple[int, ...]


def pull_in(answers: Sequence[Answer], *, severity: int, rules: Classification = STANDARD) -> tuple[PullIn, ...]:
    """Whom the answers call to the business track. Public relations come for strategic customers at SEV1 only."""
    wanted: dict[str, tuple[int, ...]] = {}
    yes = {answer.number for answer in answers if answer.answer == Word.YES}
    for question in QUESTIONS:
        if question.number in yes:
            roles = rules.pulls_in.get(question.number, question.pulls_in)
            extra = rules.pulls_in_at_sev1.get(question.number, question.pulls_in_at_sev1)
            for role in dict.fromkeys((*roles, *(extra if severity == Severity.SEV1 else ()))):
                wanted[role] = (*wanted.get(role, ()), question.number)
    return tuple(PullIn(role=role, numbers=numbers) for role, numbers in wanted.items())
