"""Entities, changed one at a time by a form or the API. Waiting alerts and open verdicts look again."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from antiphon.actions.catalog import changed
from antiphon.actions.catalog.authors import origin_of, place_of
from antiphon.actions.catalog.writing import settle
from antiphon.core.configuration.catalog import (
    CUSTOMER,
    MOST_USERS,
    not_needed,
    overlap,
    redundancy_fault,
    stretch_fault,
)
from antiphon.core.configuration.catalog import KINDS as FILE_KINDS
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Affected, Entity, Link, Person, Policy
from antiphon.db.transactions import write

KINDS: Final = (*FILE_KINDS, CUSTOMER)
LONGEST_NAME: Final = 120
MOST_REVENUE: Final = 1e12
TIERS: Final = range(1, 10)
_ADDRESS: Final = "https?://[^\\s]+"


def save_entity(*, values: Mapping[str, Any], actor: Actor, now: datetime, uid: str = "") -> Entity | Refusal:
    """Add an entity, or change the one with this uid: the columns that `values` names, each of which then remembers
    who set it. Alerts that waited for its name are looked at again."""
    with write():
        row = Entity.objects.filter(uid=uid).first() if uid else Entity()
        if row is None:
            return Refusal("This entity is gone: somebody removed it. Reload the page.", "name")
        values = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
        if refused := _check(values, row) or _check_name(values.get("name", row.name), row):
            return refused
        before = row.name
        if not uid:
            row = Entity(name=values["name"], title=values["name"], updated_at=now)
        row.name = values.get("name", row.name)
        settled = _settle(row, values, source=origin_of(actor, now=now))
        if not (settled or row.name != before):
            return row
        row.updated_at = now
        row.save()
        said = f"{'changed' if uid else 'added'} {row.kind} {row.name}"
        changed.here(said, {row.name}, source=place_of(actor), actor=actor, now=now)
    return row


def _settle(row: Entity, values: Mapping[str, Any], *, source: str) -> bool:
    """What is empty in a new entity was said by nobody; an emptied title is the name again."""
    given = {key: value for key, value in values.items() if key != "name"}
    if "title" in given:
        given["title"] = given["title"] or row.name
    return bool(settle(row, given, source=source, overrule=True).changed)


def delete_entity(*, uid: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take an entity and its links out of the catalog; contracts on it go with it, so they stand in the way."""
    with write():
        row = Entity.objects.filter(uid=uid).first()
        if row is None:
            return Refusal("This entity is gone already.", "name")
        if row.contracts.exists() or row.contracted.exists():
            return Refusal(f"Contracts name “{row.name}”: take them away first.", "name")
        hit = changed.around([row.name])
        row.delete()
        changed.here(f"removed {row.kind} {row.name}", hit, source=place_of(actor), actor=actor, now=now)
    return None


# --- what cannot be -----------------------------------------------------------------------------------------------


def _check_name(name: str, row: Entity) -> Refusal | None:
    clash = Entity.objects.filter(name__iexact=name).exclude(pk=row.pk).first()
    if clash is not None:
        return Refusal(f"The catalog has “{clash.name}” already ({clash.kind}): change that one.", "name")
    if row.pk and row.name != name and Affected.objects.filter(entity=row.name).exists():
        return Refusal(f"Incidents on record name “{row.name}”: keep the name and change the title.", "name")
    return None


def _check(values: Mapping[str, Any], row: Entity) -> Refusal | None:
    """The first thing that cannot be; what is as it was is not looked at again."""
    if not row.pk and (refused := _check_new(values)):
        return refused
    for key, value in values.items():
        if key not in _CHECKS or (row.pk and getattr(row, key) == value):
            continue
        if said := next(iter(_CHECKS[key](value, row)), ""):
            return Refusal(said, key)
    return None


def _check_new(values: Mapping[str, Any]) -> Refusal | None:
    for key, said in (("name", "Give it a name: the word that alerts and links use for it."),
                      ("kind", f"Say what it is: {', '.join(KINDS)}.")):  # fmt: skip
        if not values.get(key):
            return Refusal(said, key)
    return None


def _name(name: str, row: Entity) -> Iterator[str]:
    if not name:
        yield "Give it a name: the word that alerts and links use for it."
    if len(name) > LONGEST_NAME or not name.isprintable():
        yield f"A name has at most {LONGEST_NAME} characters, on one line."


def _kind(kind: str, row: Entity) -> Iterator[str]:
    if kind not in KINDS:
        yield f"“{kind}” is no kind of entity: choose {', '.join(KINDS)}."
    elif row.pk and CUSTOMER in (kind, row.kind) and (row.contracts.exists() or row.contacts.exists()):
        yield f"“{row.name}” has contracts or contacts, so it stays a customer."


def _revenue(amount: float | None, row: Entity) -> Iterator[str]:
    if amount is not None and not 0 <= amount <= MOST_REVENUE:
        yield "What a minute is worth cannot be negative: write 0 or more, or leave it empty."


def _tier(tier: int | None, row: Entity) -> Iterator[str]:
    if tier is not None and tier not in TIERS:
        yield "A tier is a number from 1 (most important) to 9."


def _environment(word: str, row: Entity) -> Iterator[str]:
    if not re.fullmatch("[a-z][a-z0-9_-]{0,19}", word):
        yield "Write a word such as production or staging."


def _policy(name: str, row: Entity) -> Iterator[str]:
    if name and not Policy.objects.filter(name=name).exists():
        yield f"There is no escalation policy “{name}”: choose one that exists."


def _owner(owner: str, row: Entity) -> Iterator[str]:
    known = Person.objects.filter(email__iexact=owner) or Person.objects.filter(name=owner)
    if owner and not (Entity.objects.filter(name=owner).exists() or known.exists()):
        yield f"“{owner}” is neither a team in the catalog nor a person here."


def _runbook(address: str, row: Entity) -> Iterator[str]:
    if address and not re.match(_ADDRESS, address):
        yield "A runbook is an address that starts with https://."


def _documents(documents: list[dict[str, str]], row: Entity) -> Iterator[str]:
    for each in documents:
        if not re.fullmatch(_ADDRESS, each["url"]):
            yield f"“{each['url'][:60]}” is no address that starts with https://."


def _users(users: int | None, row: Entity) -> Iterator[str]:
    if users is not None and not 0 <= users <= MOST_USERS:
        yield f"Write how many people use it, from 0 to {MOST_USERS}, or leave it empty."


def _zone(zone: str, row: Entity) -> Iterator[str]:
    try:
        ZoneInfo(zone or "UTC")
    except (KeyError, ValueError, OSError):
        yield "There is no such time zone; write one such as Europe/Berlin or UTC."


def _redundancy(groups: list[dict[str, Any]], row: Entity) -> Iterator[str]:
    links = Link.objects.filter(source=row.pk, kind="depends_on").values_list("target__name", flat=True)
    needs = frozenset(links) if row.pk and groups else frozenset()
    for group in groups:
        if said := redundancy_fault(group["of"], group["up"]):
            yield said
        strange = not_needed(group["of"], needs)
        if strange:
            yield strange.replace("add it to “depends_on” too", "add that link first")


def _profile(profile: list[dict[str, Any]], row: Entity) -> Iterator[str]:
    yield from filter(None, map(stretch_fault, profile))
    if said := overlap(profile):
        yield said


def _periods(periods: list[dict[str, str]], row: Entity) -> Iterator[str]:
    for each in periods:
        if datetime.fromisoformat(each["ends_at"]) <= datetime.fromisoformat(each["starts_at"]):
            yield f"“{each['name']}” ends before it starts; correct one of the two."


_CHECKS: Final[Mapping[str, Callable[[Any, Entity], Iterator[str]]]] = {
    "name": _name, "kind": _kind, "revenue_per_minute": _revenue, "tier": _tier, "environment": _environment,
    "policy": _policy, "owner": _owner, "runbook": _runbook, "documents": _documents, "users": _users, "zone": _zone,
    "redundancy": _redundancy, "revenue_profile": _profile, "critical_periods": _periods,
}  # fmt: skip
