"""Setting who must approve texts before they leave."""

from dataclasses import fields
from datetime import datetime

from antiphon.core import approving as core
from antiphon.core.access import may
from antiphon.core.approving import Rules
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.db import approving, record
from antiphon.db.models import Person
from antiphon.db.transactions import write


def change(*, rules: Rules, actor: Actor, now: datetime) -> Refusal | None:
    """Let these rules hold from now on. An approval that is whole stays so; one that is not meets the new rules."""
    refusal = may(actor, "configuration.change") or core.check(rules) or strangers(rules)
    if refusal:
        return refusal
    with write():
        head = record.lock(record.CONFIGURATION)
        before = approving.rules()
        if before == rules:
            return None
        approving.keep(rules)
        names = [each.name for each in fields(rules.further) if _differs(before, rules, each.name)]
        if before.four_eyes_up_to != rules.four_eyes_up_to:
            names.insert(0, f"four eyes up to SEV{rules.four_eyes_up_to}")
        names += [
            f"{each.name} {getattr(rules.pace, each.name)}"
            for each in fields(rules.pace)
            if _paced(before, rules, each.name)
        ]
        if before.prepare != rules.prepare:
            names.append("drafts are made by themselves" if rules.prepare else "no drafts are made by themselves")
        said = f"~ approvals: {', '.join(names).replace('_', ' ')}"
        record.append(head, [ConfigurationApplied(source="the settings page", changes=(said,))], actor=actor, now=now)
    return None


def _differs(before: Rules, after: Rules, name: str) -> bool:
    return bool(getattr(before.further, name) != getattr(after.further, name))


def _paced(before: Rules, after: Rules, name: str) -> bool:
    return bool(getattr(before.pace, name) != getattr(after.pace, name))


def strangers(rules: Rules) -> Refusal | None:
    """Named people must be there, and be of a role that may approve."""
    there = Person.objects.filter(uid__in=rules.further.people, is_active=True)
    unfit = len(rules.further.people) - sum(
        1 for one in there if may(Actor(kind="person", uid=one.uid, role=one.role), "update.approve") is None
    )
    return Refusal("A person named here is gone or may not approve: choose again.", "people") if unfit else None
