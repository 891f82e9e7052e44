"""The catalog, changed by hand: what there is and what hangs on what. Waiting alerts and open verdicts look again."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from antiphon.core.configuration.sections import KINDS as FILE_KINDS
from antiphon.core.configuration.sections import LINKS
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.groups import GroupState
from antiphon.core.incidents import OVER
from antiphon.db import record, revisions
from antiphon.db.graph import graph
from antiphon.db.models import Affected, AlertGroup, Entity, Link, Person, Policy, Verdict
from antiphon.db.transactions import write

KINDS = (*FILE_KINDS, "customer")
LONGEST_NAME = 120
MOST_REVENUE = 1e12
TIERS = range(1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a form says of one entity. None: nobody has said. `revenue_per_minute` in the organisation's currency."""

    name: str
    kind: str
    title: str = ""
    public_title: str = ""
    description: str = ""
    environment: str = "production"
    customer_facing: bool | None = None
    internal: bool = False
    tier: int | None = None
    revenue_per_minute: float | None = None
    data_classes: tuple[str, ...] = field(default=())
    strategic: bool = False
    on_status_page: bool = False
    owner: str = ""
    policy: str = ""
    runbook: str = ""


def save_entity(*, facts: Facts, actor: Actor, now: datetime, uid: str = "") -> Entity | Refusal:
    """Add an entity, or change the one with this uid. Alerts that waited for its name are looked at again."""
    refused = _check(facts)
    if refused:
        return refused
    with write():
        row = Entity.objects.filter(uid=uid).first() if uid else Entity()
        if row is None:
            return Refusal("This entity is gone: somebody removed it. Reload the page.", "name")
        clash = Entity.objects.filter(name__iexact=facts.name.strip()).exclude(pk=row.pk).first()
        if clash is not None:
            return Refusal(f"The catalog has “{clash.name}” already ({clash.kind}): change that one.", "name")
        if uid and row.name != facts.name.strip() and Affected.objects.filter(entity=row.name).exists():
            return Refusal(f"Incidents on record name “{row.name}”: keep the name and change the title.", "name")
        verb = "changed" if uid else "added"
        _fill(row, facts, now=now)
        row.save()
        _changed(f"{verb} {row.kind} {row.name}", {row.name}, actor=actor, now=now)
    return row


def delete_entity(*, uid: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take an entity and its links out of the catalog; contracts on it go with it, so they stand in the way."""
    with write():
        row = Entity.objects.filter(uid=uid).first()
        if row is None:
            return Refusal("This entity is gone already.", "name")
        if row.contracts.exists() or row.contracted.exists():
            return Refusal(f"Contracts name “{row.name}”: take them away first, with “antiphon apply”.", "name")
        hit = _around(row.name)
        row.delete()
        _changed(f"removed {row.kind} {row.name}", hit, actor=actor, now=now)
    return None


def add_link(*, source: str, kind: str, target: str, actor: Actor, now: datetime) -> Refusal | None:
    """`source` depends on, serves, is part of, is contracted for or is owned by `target`; both by name."""
    if kind not in LINKS:
        return Refusal(f"“{kind}” is no kind of link: choose {', '.join(LINKS)}.", "kind")
    with write():
        found = Entity.objects.in_bulk([source, target], field_name="name")
        for name, at in ((source, "source"), (target, "target")):
            if name not in found:
                return Refusal(f"The catalog knows no “{name}”: add it first, or correct the name.", at)
        if source == target:
            return Refusal(f"“{source}” cannot be linked with itself: name another.", "target")
        _, new = Link.objects.get_or_create(source=found[source], target=found[target], kind=kind)
        if not new:
            return Refusal(f"“{source}” {kind.replace('_', ' ')} “{target}” already.", "target")
        _changed(f"{source} {kind} {target}", {source, target}, actor=actor, now=now)
    return None


def remove_link(*, link: int, actor: Actor, now: datetime) -> Refusal | None:
    """Take one link away."""
    with write():
        row = Link.objects.select_related("source", "target").filter(pk=link).first()
        if row is None:
            return Refusal("This link is gone already.", "link")
        hit = _around(row.source.name) | _around(row.target.name)
        row.delete()
        _changed(f"{row.source.name} no longer {row.kind} {row.target.name}", hit, actor=actor, now=now)
    return None


def _check(facts: Facts) -> Refusal | None:
    name = facts.name.strip()
    if not name:
        return Refusal("Give it a name: the word that alerts and links use for it.", "name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        return Refusal(f"A name has at most {LONGEST_NAME} characters, on one line.", "name")
    if facts.kind not in KINDS:
        return Refusal(f"“{facts.kind}” is no kind of entity: choose {', '.join(KINDS)}.", "kind")
    if facts.revenue_per_minute is not None and not 0 <= facts.revenue_per_minute <= MOST_REVENUE:
        return Refusal(
            "What a minute is worth cannot be negative: write 0 or more, or leave it empty.", "revenue_per_minute"
        )
    if facts.tier is not None and facts.tier not in TIERS:
        return Refusal("A tier is a number from 1 (most important) to 9.", "tier")
    if not re.fullmatch("[a-z][a-z0-9_-]{0,19}", facts.environment):
        return Refusal("Write a word such as production or staging.", "environment")
    return _check_names(facts)


def _check_names(facts: Facts) -> Refusal | None:
    """Names of others must be names of somebody; a runbook must be somewhere to go."""
    if facts.policy and not Policy.objects.filter(name=facts.policy).exists():
        return Refusal(f"There is no escalation policy “{facts.policy}”: choose one that exists.", "policy")
    known = Person.objects.filter(email__iexact=facts.owner) or Person.objects.filter(name=facts.owner)
    if facts.owner and not (Entity.objects.filter(name=facts.owner).exists() or known.exists()):
        return Refusal(f"“{facts.owner}” is neither a team in the catalog nor a person here.", "owner")
    if facts.runbook and not re.match("https?://", facts.runbook):
        return Refusal("A runbook is an address that starts with https://.", "runbook")
    return None


def _fill(row: Entity, facts: Facts, *, now: datetime) -> None:
    row.name, row.kind = facts.name.strip(), facts.kind
    row.title = facts.title.strip() or row.name
    row.public_title, row.description = facts.public_title.strip(), facts.description.strip()
    row.environment, row.customer_facing, row.internal = facts.environment, facts.customer_facing, facts.internal
    row.tier, row.revenue_per_minute = facts.tier, facts.revenue_per_minute
    row.data_classes, row.strategic = list(facts.data_classes), facts.strategic
    row.on_status_page, row.owner = facts.on_status_page, facts.owner
    row.policy, row.runbook, row.updated_at = facts.policy, facts.runbook, now


def _changed(what: str, names: set[str], *, actor: Actor, now: datetime) -> None:
    """Put it on the record, let caches see it, and wake whatever may now be decided differently."""
    revisions.bump(revisions.CATALOG)
    event = ConfigurationApplied(source="the catalog page", changes=(what,))
    record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
    AlertGroup.objects.filter(state=GroupState.UNMATCHED, firing__gt=0).update(wake_at=now)
    for name in tuple(names):
        names |= _around(name)
    over = [str(state) for state in OVER]
    open_here = Verdict.objects.filter(incident__affected__entity__in=names).exclude(incident__state__in=over)
    Verdict.objects.filter(pk__in=open_here.values("pk")).update(wake_at=now)


def _around(name: str) -> set[str]:
    """The entity and everything whose failure reaches it: incidents there may have other answers now."""
    return {name, *graph().foundations(name)}
