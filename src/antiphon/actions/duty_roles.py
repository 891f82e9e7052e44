"""Naming who holds a role of the business that an answer brings in."""

from datetime import datetime

from antiphon.core.access import may
from antiphon.core.classification import DUTIES
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.severity import Severity
from antiphon.db import record
from antiphon.db.models import DutyRole, Person, Rota
from antiphon.db.transactions import write

NEVER = 0
"""The role is told by a notice and never paged."""


def name(*, role: str, kind: str, target: str, page_from: int, actor: Actor, now: datetime) -> Refusal | None:
    """The role is held by a person (`target` is a uid) or a rota (a name); an empty kind: by nobody.

    `page_from`: the mildest severity at which it is paged, 1 to 5; 0: never.
    """
    refusal = may(actor, "configuration.change") or _check(role, kind, target, page_from)
    if refusal:
        return refusal
    with write():
        rows = DutyRole.objects.filter(role=role)
        if kind:
            values = {"kind": kind, "target": target, "page_from": page_from}
            DutyRole.objects.update_or_create(role=role, defaults=values)
        elif not rows.exists():
            return None
        else:
            rows.delete()
        said = f"~ duty role {role}: {f'{kind} {target}' if kind else 'nobody'}"
        event = ConfigurationApplied(source="the settings page", changes=(said,))
        record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
    return None


def _check(role: str, kind: str, target: str, page_from: int) -> Refusal | None:
    if role not in DUTIES:
        return Refusal(f"“{role[:40]}” is not a role; choose of {', '.join(DUTIES)}.", "role")
    if page_from not in (NEVER, *Severity):
        return Refusal("Choose from which severity the role is paged: SEV1 to SEV5, or never.", "page_from")
    if kind == "person" and not Person.objects.filter(uid=target, is_active=True).exists():
        return Refusal("There is nobody of that name any more: reload the page and choose again.", "holder")
    if kind == "rota" and not Rota.objects.filter(name=target).exists():
        return Refusal(f"There is no rota “{target[:60]}” any more: reload the page and choose again.", "holder")
    if kind not in ("", "person", "rota"):
        return Refusal("Choose a person, a rota, or nobody.", "holder")
    return None
