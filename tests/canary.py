"""Tokens in every inside field of a story, and the search for them wherever somebody outside could read."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime

from antiphon.pages.load import load, others
from antiphon.pages.render import render
from tests.contracts.sinks import ReceivedMail

OUTSIDE = "@customer.test"
_numbers = itertools.count(1000)


def token(field: str) -> str:
    """A word that stands nowhere else, for one inside field."""
    return f"canary-{field}-{next(_numbers)}-zx"


def found(mails: Iterable[ReceivedMail], *, now: datetime) -> list[str]:
    """Places outside where a token stands; empty when nothing leaked."""
    surfaces = itertools.chain(_mails(mails), _pages(now))
    return [f"{place}: {_around(text)}" for place, text in surfaces if "canary-" in text]


def _mails(mails: Iterable[ReceivedMail]) -> Iterator[tuple[str, str]]:
    for mail in mails:
        if mail.recipient.endswith(OUTSIDE):
            headers = "\n".join(f"{name}: {value}" for name, value in mail.message.items())
            yield f"mail to {mail.recipient}", f"{headers}\n{mail.body()}\n{mail.body('html')}"


def _pages(now: datetime) -> Iterator[tuple[str, str]]:
    for slug in (None, *(slug for slug, _ in others())):
        for path, content in render(load(slug), now=now).items():
            yield f"page {slug}/{path}" if slug else f"page {path}", content.decode(errors="replace")


def _around(text: str) -> str:
    at = text.index("canary-")
    return text[max(at - 40, 0) : at + 60].replace("\n", " ")
