"""What no single key can tell: names that nobody has, periods that end before they begin, rules that cannot work."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from antiphon.core import declaring, escalation, oncall
from antiphon.core.access import may
from antiphon.core.audiences import Audience
from antiphon.core.configuration import organisation, telling
from antiphon.core.configuration.catalog import CUSTOMER, OWNERS, NeedsOf, check_contract, check_entity, ends_later
from antiphon.core.configuration.reading import Reading, Ref, nearest
from antiphon.core.configuration.shapes import rota_of, rule_of, steps_of, target_of
from antiphon.core.configuration.tree import Configuration, Entry
from antiphon.core.decision import Actor
from antiphon.core.wording import check_template

FIRST_LINE_OF_BODY: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the installation has already, as far as a file may lean on it.

    people: role by mail address; admins: addresses of those who may sign in; entities: kind by name; contracts:
    customer by name; needs: what an entity depends on; settings: what a channel says of settings (with those it has
    already), as (field, sentence); addresses, url_problem: what is wrong with an address, or a URL, or None.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    admins: frozenset[str] = frozenset()
    rotas: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    entities: Mapping[str, str] = field(default_factory=dict)
    contracts: Mapping[str, str] = field(default_factory=dict)
    needs: NeedsOf = lambda _name: frozenset()
    zone: str = "UTC"
    environ: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    settings: Mapping[str, Callable[[Mapping[str, object]], Iterable[tuple[str, str]]]] = field(default_factory=dict)
    url_problem: Callable[[str], str | None] = lambda _url: None


def check(config: Configuration, known: Known, reading: Reading) -> None:
    """Note everything that is wrong with a file whose records could be read."""
    _references(config, known, reading)
    _people(config, known, reading)
    _paging(config, reading)
    _catalog(config, known, reading)
    _twice(config, reading)
    _rules(config, reading)
    _holding(config, known, reading)
    _approvers(config, known, reading)
    telling.check(config, reading)
    organisation.check(config, known.url_problem, reading)
    for channel, entry in config.channels.items():
        for name, sentence in known.settings[channel](entry.values):
            reading.refuse(entry.at(name), f"{entry.path}.{name}".rstrip("."), sentence)


# --- names --------------------------------------------------------------------------------------------------------


def _references(config: Configuration, known: Known, reading: Reading) -> None:
    kinds = _kinds(config, known)
    people = {*known.people, *(each["email"] for each in config.people if "email" in each)}
    rotas = {*known.rotas, *_names(config.rotas)}
    names = {
        "person": people,
        "rota": rotas,
        "target": people | rotas,
        "policy": {*known.policies, *_names(config.policies)},
        "entity": set(kinds),
        "owner": people | {name for name, kind in kinds.items() if kind in OWNERS},
    }
    for each in reading.refs:
        if each.name not in names[each.kind]:
            reading.refuse(each.line, each.path, _unknown(each, names[each.kind]))


MEND: Final = {
    "person": "Nobody has the address “{}”; add the person under “people:”.",
    "rota": "There is no rota “{}”; add it under “rotas:”.",
    "target": "“{}” is neither a person's address nor a rota; add it under “people:” or “rotas:”.",
    "policy": "There is no policy “{}”; add it under “policies:”.",
    "entity": "The catalog has no “{}”; add it under “catalog:”.",
    "owner": "“{}” is neither a team of the catalog nor a person's address; add one of the two.",
}


def _unknown(each: Ref, names: Iterable[str]) -> str:
    return MEND[each.kind].format(each.name) + nearest(each.name, names)


def _names(entries: Iterable[Entry]) -> Iterator[str]:
    return (entry["name"] for entry in entries if "name" in entry)


def _kinds(config: Configuration, known: Known) -> dict[str, str]:
    """Every entity there will be, with its kind."""
    described = {entry["name"]: entry.get("kind", "") for entry in config.catalog if "name" in entry}
    return {**known.entities, **described, **dict.fromkeys(_names(config.customers), CUSTOMER)}


def _twice(config: Configuration, reading: Reading) -> None:
    """Contacts of one customer, stakeholders of one audience, holding messages of one audience and type."""
    for customer in config.customers:
        _once(customer.get("contacts", ()), ("email",), reading)
    for entries in config.stakeholders.values():
        _once(entries, ("email",), reading)
    _once(config.holding_messages, ("audience", "type"), reading)
    _once(config.messages, ("audience", "name", "language"), reading)


def _once(entries: Iterable[Entry], keys: tuple[str, ...], reading: Reading) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for entry in entries:
        named = tuple(entry.get(key) for key in keys)
        if named in seen:
            said = f"“{', '.join(map(str, named))}” stands twice, first on line {seen[named]}; keep one of the two."
            reading.refuse(entry.line, entry.path, said)
        seen.setdefault(named, entry.line)


# --- people and paging --------------------------------------------------------------------------------------------


def _people(config: Configuration, known: Known, reading: Reading) -> None:
    for person in config.people:
        for method in person.get("contact_methods", ()):
            for channel, address in method.items():
                if sentence := known.addresses[channel](address):
                    reading.refuse(person.at("contact_methods"), f"{person.path}.contact_methods", sentence)
    _last_admin(config, known, reading)


def _last_admin(config: Configuration, known: Known, reading: Reading) -> None:
    """Somebody must be left who may change things."""
    demoted = {
        person["email"]: person
        for person in config.people
        if "email" in person and (person.get("role", "admin") != "admin" or not person.get("active", True))
    }
    added = {
        person["email"]
        for person in config.people
        if "email" in person and person.get("role") == "admin" and person.get("active", True)
    }
    lost = known.admins & demoted.keys()
    if lost and not (known.admins | added) - demoted.keys():
        person = demoted[min(lost)]
        said = f"{min(lost)} is the last admin who may sign in; make somebody else admin in the same file."
        reading.refuse(person.at("role" if "role" in person else "active"), person.path, said)


def _paging(config: Configuration, reading: Reading) -> None:
    zone = reading.zone.key
    for rota in config.rotas:
        if all("name" in layer and "first" in layer and "members" in layer for layer in rota.get("layers", ())):
            _say(rota, oncall.check(rota_of(rota, zone=zone, uid_of=str)), reading)
        for override in rota.get("overrides", ()):
            ends_later(override, reading)
    for policy in config.policies:
        if "steps" in policy and "catch_all" in policy:
            shaped = escalation.Policy(
                name=policy.get("name", ""),
                steps=steps_of(policy, uid_of=str),
                repeat=policy.get("repeat", 1),
                catch_all=(target_of(policy["catch_all"], uid_of=str),),
            )
            _say(policy, escalation.check(shaped), reading)


def _say(entry: Entry, sentences: Iterable[str], reading: Reading) -> None:
    for sentence in sentences:
        reading.refuse(entry.line, entry.path, sentence)


# --- catalog ------------------------------------------------------------------------------------------------------


def _catalog(config: Configuration, known: Known, reading: Reading) -> None:
    for entry in config.catalog:
        check_entity(entry, entry.get("kind", ""), reading, kinds=known.entities, needs=known.needs)
    for customer in config.customers:
        check_entity(customer, CUSTOMER, reading, kinds=known.entities, needs=known.needs)
        for contract in customer.get("contracts", ()):
            check_contract(contract, customer.get("name", ""), reading, holders=known.contracts)
    for window in config.maintenance:
        ends_later(window, reading)
    for role, entry in config.duty_roles.items():
        if ("person" in entry) == ("rota" in entry):
            said = f"Say who is {role}: either “person: ann@example.org” or “rota: …”, one of the two."
            reading.refuse(entry.line, entry.path, said)


# --- rules and holding messages -----------------------------------------------------------------------------------

_KEYS: Final = {"expression": "when", "severity_map": "severity", "incident_type": "type"}


def _rules(config: Configuration, reading: Reading) -> None:
    for position, entry in enumerate(config.rules, start=1):
        for problem in declaring.check(rule_of(entry, position=position)):
            key = _KEYS.get(problem.field, problem.field)
            line = entry.at(key) + max(problem.line - 1, 0)
            place = f"{entry.path}.{key}" + (f", column {problem.column}" if problem.column else "")
            reading.refuse(line, place, problem.sentence)
        if entry.get("window", timedelta()) > timedelta() and entry.get("count", 1) == 1:
            said = "A window counts alerts; say how many with “count: 3”, or take the window away."
            reading.refuse(entry.at("window"), f"{entry.path}.window", said)


def _approvers(config: Configuration, known: Known, reading: Reading) -> None:
    """Whose yes is asked for must be allowed to give it."""
    further = config.approvals.get("further") if config.approvals else None
    if further is None:
        return
    roles = _roles(config, known)
    for person in further.get("people", ()):
        role = roles.get(person, "responder")
        if may(Actor(kind="person", uid="approver", role=role), "update.approve"):
            said = f"{person} is a {role}, who may not approve; name an admin, a communicator or a responder."
            reading.refuse(further.at("people"), f"{further.path}.people", said)


def _roles(config: Configuration, known: Known) -> dict[str, str]:
    return {**known.people, **{p["email"]: p["role"] for p in config.people if "email" in p and "role" in p}}


def _holding(config: Configuration, known: Known, reading: Reading) -> None:
    """Who approves a text that goes out by itself must be allowed to; the text must work before any fact is known."""
    roles = _roles(config, known)
    for entry in config.holding_messages:
        approver = entry.get("approved_by", "")
        role = roles.get(approver, "responder")
        if approver and may(Actor(kind="person", uid="approver", role=role), "holding.approve"):
            said = f"{approver} is a {role}; a holding message is approved by an admin or a communicator."
            reading.refuse(entry.at("approved_by"), f"{entry.path}.approved_by", said)
        if ("subject" in entry) != ("body" in entry):
            said = "Give both subject and body, or neither to use the text that Antiphon ships."
            reading.refuse(entry.line, entry.path, said)
        elif "audience" in entry:
            for words in (entry, *entry.get("translations", {}).values()):
                _template(words, Audience(entry["audience"]), reading)


def _template(entry: Entry, audience: Audience, reading: Reading) -> None:
    if "subject" not in entry or "body" not in entry:
        return
    whole = f"Subject: {' '.join(entry['subject'].split())}\n\n{entry['body']}"
    for problem in check_template(whole, audience, holding=True):
        key = "subject" if problem.line <= 1 else "body"
        line = entry.at(key) + max(problem.line - FIRST_LINE_OF_BODY, 0)
        reading.refuse(line, f"{entry.path}.{key}", problem.message)
