"""Apply a configuration file: everything it says in one transaction, or nothing and all that is wrong with it.

What a file does not mention stays as it is. A run that would change nothing changes nothing; a trial run is the same
run taken back at its end, so that what it says is what would happen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions.catalog import changed
from antiphon.actions.configuration import catalog, known, organisation, outward, people, refused, rules, telling
from antiphon.actions.configuration.yaml_tree import parse
from antiphon.actions.ledger import Change, Ledger
from antiphon.core.access import may
from antiphon.core.configuration import Configuration, Node, Problem, understand
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import AccessChanged, ConfigurationApplied
from antiphon.db import record, revisions
from antiphon.db.models import AlertGroup
from antiphon.db.transactions import write

_IN_RULES = ("rule", "maintenance", "classification")
_IN_CATALOG = ("entity", "customer", "link", "contract", "contact", "classification")


@dataclass(frozen=True, slots=True)
class Applied:
    """What was changed (or, on trial, would be); nothing when there are problems."""

    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


class _TakeBack(Exception):
    """Ends the transaction without its changes."""


def apply(
    text: str, *, source: str, environ: Mapping[str, str], actor: Actor, now: datetime, trial: bool = False
) -> Applied | Refusal:
    """Apply the YAML text. `source` is its name on the record; `environ` holds what `{env: NAME}` names."""
    if refusal := may(actor, "configuration.change"):
        return refusal
    root, problems = parse(text)
    outcome = Applied()
    try:
        with write():
            outcome = _carry_out(root, problems, source=source, environ=environ, actor=actor, now=now)
            if trial or not outcome.changes:
                raise _TakeBack
    except _TakeBack:
        pass
    except refused.Refused as found:
        return Applied(problems=(found.problem,))
    return outcome


def look(text: str, *, environ: Mapping[str, str]) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """What the YAML text says, without applying it; None with everything that is wrong with it."""
    root, problems = parse(text)
    config = understand(root, known.load(environ), problems=problems)
    return (config, ()) if isinstance(config, Configuration) else (None, config)


def _carry_out(
    root: Node, problems: list[Problem], *, source: str, environ: Mapping[str, str], actor: Actor, now: datetime
) -> Applied:
    head = record.lock(record.CONFIGURATION)
    config = understand(root, known.load(environ), problems=problems)
    if not isinstance(config, Configuration):
        return Applied(problems=config)
    ledger = Ledger(now)
    for room in (people, catalog, rules, outward, telling, organisation):
        room.apply(config, ledger)
    if ledger.changes:
        _look_again(ledger, now=now)
        recorded = tuple(change.recorded() for change in ledger.changes)
        record.append(head, [ConfigurationApplied(source=source, changes=recorded)], actor=actor, now=now)
    if ledger.access:
        access = [AccessChanged(what=what) for what in ledger.access]
        record.append(record.lock(record.ACCESS), access, actor=actor, now=now)
    return Applied(changes=tuple(ledger.changes))


def _look_again(ledger: Ledger, *, now: datetime) -> None:
    """Move the counters on; what waits or was answered may be decided differently in the new light."""
    if ledger.touched(*_IN_RULES):
        revisions.bump(revisions.RULES)
    if ledger.touched(*_IN_CATALOG):
        changed.everywhere(now=now)
    if ledger.touched(*_IN_RULES, *_IN_CATALOG):
        AlertGroup.objects.filter(incident=None, firing__gt=0).update(wake_at=now)
