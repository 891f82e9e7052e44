"""Changing what classification goes by: by the form, or by a configuration file."""

from dataclasses import fields
from datetime import datetime

from antiphon.actions.catalog import changed
from antiphon.actions.ledger import Ledger
from antiphon.core.access import may
from antiphon.core.classification import Classification, check
from antiphon.core.configuration import Entry
from antiphon.core.configuration.classification import rules_of
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.questions import QUESTIONS
from antiphon.db import classification, record, revisions
from antiphon.db.transactions import write


def change(*, rules: Classification, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """Let these settings hold from now on; open incidents are asked again with them. Everything wrong, or nothing."""
    if refusal := may(actor, "configuration.change"):
        return (refusal,)
    if wrong := check(rules, questions={question.number for question in QUESTIONS}):
        return wrong
    with write():
        head = record.lock(record.CONFIGURATION)
        names = _differing(classification.current(), rules)
        if names:
            classification.keep(rules)
            revisions.bump(revisions.RULES)
            changed.everywhere(now=now)
            said = (f"~ classification: {', '.join(names)}",)
            record.append(head, [ConfigurationApplied(source="the settings page", changes=said)], actor=actor, now=now)
    return ()


def lay(entry: Entry, ledger: Ledger) -> None:
    """Let what a file mentions hold; the file's run moves the counters on and writes the record."""
    before = classification.current()
    rules = rules_of(entry, before)
    if names := _differing(before, rules):
        classification.keep(rules)
        ledger.note("~", "classification", "settings", *names)


def _differing(before: Classification, after: Classification) -> tuple[str, ...]:
    """The names of the settings that differ, as people read them."""
    names = (each.name for each in fields(before))
    return tuple(name.replace("_", " ") for name in names if getattr(before, name) != getattr(after, name))
