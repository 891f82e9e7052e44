"""The six questions, a file each: every module here named `q<number>_<slug>` with a `QUESTION` is asked.

A question joins by adding its file. Two with one number stop the program at start.
"""

import pkgutil
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Final

from antiphon.core.events import Evidence
from antiphon.core.questions.situation import Answer, Question, Situation

MOST_EVIDENCE: Final = 25
"""Pieces of evidence that an answer names; a failure may reach thousands of entities."""


def _found() -> tuple[Question, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("q"))
    questions: list[Question] = [import_module(f"{__name__}.{name}").QUESTION for name in names]
    numbers = [question.number for question in questions]
    if len(set(numbers)) != len(numbers):
        raise RuntimeError(f"Two questions share a number ({numbers}): give each file in core/questions its own.")
    return tuple(sorted(questions, key=lambda question: question.number))


QUESTIONS: tuple[Question, ...] = _found()


def ask_all(situation: Situation, *, now: datetime) -> tuple[Answer, ...]:
    """What the program itself answers to every question, in their order; people's answers are not looked at."""
    return tuple(_short(question.ask(situation, now=now)) for question in QUESTIONS)


def _short(answer: Answer) -> Answer:
    """The answer with so much evidence as anybody reads; the rest is counted."""
    left = len(answer.evidence) - MOST_EVIDENCE
    if left <= 0:
        return answer
    rest = Evidence(source=answer.by, text=f"and {left:,} more of the same kind")
    return replace(answer, evidence=(*answer.evidence[:MOST_EVIDENCE], rest))
