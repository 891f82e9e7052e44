"""Rotas and policies as `core` sees them, and who their targets are right now."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from antiphon.core.escalation import Policy, Reach, Reachable, Step, Target, TargetKind
from antiphon.core.oncall import Layer, Override, Rota, on_call
from antiphon.db.models import oncall as rows
from antiphon.db.models.organisation import Organisation
from antiphon.db.models.people import Person
from antiphon.db.transactions import remembered


def load_rota(row: rows.Rota) -> Rota:
    """A rota with its overrides in the order in which they were made."""
    overrides = row.overrides.select_related("person").order_by("id")
    return Rota(
        name=row.name,
        zone=row.zone,
        layers=tuple(msgspec.convert(layer, Layer) for layer in row.layers),
        overrides=tuple(
            Override(uid=each.uid, person=each.person.uid, start=each.starts_at, end=each.ends_at) for each in overrides
        ),
    )


def load_policy(row: rows.Policy) -> Policy:
    """A policy; its catch-all is one person."""
    return Policy(
        name=row.name,
        steps=tuple(msgspec.convert(step, Step) for step in row.steps),
        repeat=row.repeat,
        catch_all=(Target(TargetKind.PERSON, row.catch_all.uid),),
    )


ROLE: Final = "role: "
"""How the policy of a business role is named; the role's name follows."""
ROLE_WAIT: Final = timedelta(minutes=10)


def role_policy_name(role: str) -> str:
    """The name under which the holder of a business role is paged."""
    return f"{ROLE}{role}"


def role_of(policy: str) -> str:
    """The business role that a policy pages for; "" for every other policy."""
    return policy.removeprefix(ROLE) if policy.startswith(ROLE) else ""


def holders(duty: rows.DutyRole, *, now: datetime) -> list[Person]:
    """Who holds a business role at `now`: a person, or those whom a rota has on call."""
    uids = _people(_target(duty), now=now)
    people = {person.uid: person for person in load_people(uids)}
    return [people[uid] for uid in uids if uid in people and people[uid].is_active]


def role_policy(duty: rows.DutyRole) -> Policy:
    """Page the holder of a role, again and again until they answer."""
    target = _target(duty)
    return Policy(role_policy_name(duty.role), (Step(ROLE_WAIT, (target,)),), 1, (target,))


def _target(duty: rows.DutyRole) -> Target:
    return Target(TargetKind(duty.kind), duty.target)


def find_policy(name: str) -> Policy | None:
    """The policy of this name, else the organisation's, else the first; None when there is none."""
    return remembered(f"policy {name}", lambda: _find_policy(name))


def _find_policy(name: str) -> Policy | None:
    if name.startswith(ROLE) and (duty := rows.DutyRole.objects.filter(role=name.removeprefix(ROLE)).first()):
        return role_policy(duty)
    found = rows.Policy.objects.select_related("catch_all")
    wanted = (name, Organisation.only().technical_policy)
    row = next((row for each in wanted if each and (row := found.filter(name=each).first())), None)
    row = row or found.order_by("id").first()
    return load_policy(row) if row else None


def reach(policy: Policy, *, now: datetime) -> Reach:
    """Who each target of the policy is at `now`, with the channels that are set up for them."""
    return remembered(f"reach of {policy.name} at {now}", lambda: _reach(policy, now=now))


def _reach(policy: Policy, *, now: datetime) -> Reach:
    targets = {target for step in policy.steps for target in step.targets} | set(policy.catch_all)
    resolved = {target: _people(target, now=now) for target in targets}
    channels = channels_of({uid for people in resolved.values() for uid in people})
    return {
        target: tuple(Reachable(person=uid, channels=channels[uid]) for uid in people if uid in channels)
        for target, people in resolved.items()
    }


def first_paged(name: str, *, now: datetime) -> tuple[str, ...]:
    """Whom a policy (the organisation's when it is not named) pages first at `now`, by uid."""
    policy = find_policy(name)
    if policy is None:
        return ()
    reached = reach(policy, now=now)
    for targets in (*(step.targets for step in policy.steps), policy.catch_all):
        uids = tuple(dict.fromkeys(found.person for target in targets for found in reached.get(target, ())))
        if uids:
            return uids
    return ()


def load_people(uids: Iterable[str]) -> list[Person]:
    """People with their contact methods."""
    wanted = sorted(set(uids))
    return remembered(f"people {wanted}", lambda: _load_people(wanted))


def _load_people(uids: Iterable[str]) -> list[Person]:
    return list(Person.objects.filter(uid__in=uids).prefetch_related("contact_methods"))


def channels_of(people: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The channels of each active person (by uid), preferred first; those without any are left out."""
    active = [person for person in load_people(people) if person.is_active]
    channels = {person.uid: [method.channel for method in person.contact_methods.all()] for person in active}
    return {uid: tuple(dict.fromkeys(names)) for uid, names in channels.items() if names}


def _people(target: Target, *, now: datetime) -> tuple[str, ...]:
    if target.kind is TargetKind.PERSON:
        return (target.name,)
    row = rows.Rota.objects.filter(name=target.name).first()
    if row is None:
        return ()
    return tuple(dict.fromkeys(shift.person for shift in on_call(load_rota(row), at=now)))
