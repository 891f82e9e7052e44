"""The six questions, a file each: every module here named `q<number>_<slug>` with a `QUESTION` is asked.

A question joins by adding its file. Two with one number stop the program at start.
"""

import pkgutil
from datetime import datetime
from importlib import import_module

from antiphon.core.questions.situation import Answer, Question, Situation


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
    return tuple(question.ask(situation, now=now) for question in QUESTIONS)
