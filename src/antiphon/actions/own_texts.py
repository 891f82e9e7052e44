"""The organisation's own templates: saved as a new version each time, given back, or restored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from antiphon import messages
from antiphon.core import languages
from antiphon.core import own_texts as rules
from antiphon.core.access import may
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.languages import LANGUAGES
from antiphon.core.own_texts import LONGEST_WHY
from antiphon.db import own_texts, record
from antiphon.db.models import MessageTemplate, Organisation, Person
from antiphon.db.transactions import write

SHOWN: Final = 8
"""Problems that one refusal names."""


def save(
    *, audience: str, name: str, text: str, why: str, actor: Actor, now: datetime, language: str = ""
) -> int | Refusal:
    """Let this template hold from now on, when nothing is wrong with it. Answers the number of its version.

    The same text again is no new version. Without a `language` it is in the organisation's.
    """
    if refusal := may(actor, "configuration.change"):
        return refusal
    known = rules.named(audience, name)
    if isinstance(known, Refusal):
        return known
    words = text.replace("\r\n", "\n").strip()
    tongue = language or house_language()
    if tongue not in LANGUAGES:
        return Refusal(f"“{tongue[:20]}” is no language of texts; choose {', '.join(LANGUAGES)}.", "language")
    problems = rules.check(f"{words}\n", known, now=now, language=tongue)
    if problems:
        listed = [f"Line {problem.line}: {problem.message}" for problem in problems[:SHOWN]]
        return Refusal(" ".join(listed), field="text")
    return _keep(audience, name, f"{words}\n", why, language=tongue, actor=actor, now=now)


def give_back(*, audience: str, name: str, why: str, actor: Actor, now: datetime, language: str = "") -> int | Refusal:
    """Let the shipped template hold again, or none where none is shipped; the versions stay to be restored."""
    refusal = may(actor, "configuration.change")
    if refusal:
        return refusal
    tongue = language or house_language()
    if name not in own_texts.own(audience, language=tongue):
        return Refusal("There is no text of your own here: the shipped one holds already.", "name")
    return _keep(audience, name, "", why, language=tongue, actor=actor, now=now)


def restore(
    *, audience: str, name: str, number: int, why: str, actor: Actor, now: datetime, language: str = ""
) -> int | Refusal:
    """Let an earlier version hold again, as a new one; it is looked at anew, since the rules may have changed."""
    tongue = language or house_language()
    row = MessageTemplate.objects.filter(audience=audience, name=name, number=number, language=tongue).first()
    if row is None or not row.text:
        return Refusal(f"There is no version {number} with a text: reload the page.", "number")
    reason = why.strip() or f"version {number} restored"
    return save(audience=audience, name=name, text=row.text, why=reason, language=tongue, actor=actor, now=now)


def house_language() -> str:
    """The language that the organisation's texts and facts are in."""
    return languages.spoken(Organisation.only().language)


def templates(audience: str, *, language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """An audience's templates by name: with the organisation's own in their places, and the shipped ones alone."""
    shipped = messages.shipped(audience, language=language)
    return {**shipped, **own_texts.own(audience, language=language)}, shipped


def _keep(
    audience: str, name: str, text: str, why: str, *, language: str, actor: Actor, now: datetime
) -> int | Refusal:
    reason = " ".join(why.split())
    if not reason or len(reason) > LONGEST_WHY:
        return Refusal(f"Say why in one line of up to {LONGEST_WHY} characters: who comes later reads it.", "why")
    with write():
        head = record.lock(record.CONFIGURATION)
        author = Person.objects.filter(uid=actor.uid).first()
        number = keep(audience, name, text, reason, language=language, author=author, now=now)
        if number == 0:
            rows = MessageTemplate.objects.filter(audience=audience, name=name, language=language)
            return rows.order_by("-number").values_list("number", flat=True)[0]
        what = f"version {number}" if text else "shipped again"
        said = f"~ text for {audience}, {name} ({language}): {what}, because {reason}"
        record.append(head, [ConfigurationApplied(source="the settings page", changes=(said,))], actor=actor, now=now)
    return number


def keep(audience: str, name: str, text: str, why: str, *, language: str, author: Person | None, now: datetime) -> int:
    """Write another version of a text; answers its number, or 0 when the last one says the same. Call it inside a
    transaction that has the configuration's lock."""
    rows = MessageTemplate.objects.filter(audience=audience, name=name, language=language)
    last = rows.order_by("-number").first()
    if last is not None and last.text == text:
        return 0
    row = MessageTemplate.objects.create(
        audience=audience,
        language=language,
        name=name,
        number=last.number + 1 if last else 1,
        text=text,
        author=author,
        at=now,
        why=why,
    )
    return row.number
