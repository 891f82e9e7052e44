"""The organisation, its people, and whom an incident pages."""

from typing import Any

import msgspec
from django.contrib.auth.hashers import make_password

from antiphon.actions.ledger import Ledger
from antiphon.core.configuration import Configuration, Entry
from antiphon.core.configuration.shapes import rota_of, steps_of
from antiphon.db.models import ContactMethod, DutyRole, Organisation, Person, Policy, Rota, RotaOverride
from antiphon.db.transactions import forget
from antiphon.db.vocabulary import GLOSSARY

NEVER = 0
"""A duty role that is told by a notice and never paged."""


def apply(config: Configuration, ledger: Ledger) -> None:
    """Organisation first, then people, then the rotas and policies that name them."""
    if config.organisation:
        _organisation(config.organisation, ledger)
    people = {person.email.lower(): person for person in Person.objects.all()}
    for entry in config.people:
        people[entry["email"]] = _person(entry, people.get(entry["email"]), ledger)
    for entry in config.rotas:
        _rota(entry, people, ledger)
    for entry in config.policies:
        _policy(entry, people, ledger)
    for role, entry in config.duty_roles.items():
        _duty_role(role, entry, people, ledger)


def _organisation(entry: Entry, ledger: Ledger) -> None:
    row = Organisation.objects.filter(id=1).first()
    values = {key: value for key, value in entry.values.items() if key != GLOSSARY}
    if GLOSSARY in entry:
        values["settings"] = {**(row.settings if row else {}), GLOSSARY: entry[GLOSSARY]}
    ledger.put(row, Organisation(id=1), values, noun="organisation", name=entry.get("name", ""))
    forget("organisation")


def _person(entry: Entry, row: Person | None, ledger: Ledger) -> Person:
    values = entry.only("name", "role", "zone", "language")
    if "active" in entry:
        values["is_active"] = entry["active"]
    before = (row.role, row.is_active) if row else None
    fresh = Person(email=entry["email"], password=make_password(None))
    person = ledger.put(row, fresh, values, noun="person", name=entry["email"], personal=True)
    if before != (person.role, person.is_active):
        may = "may sign in" if person.is_active else "may not sign in any more"
        ledger.access.append(f"Person {person.uid} has role {person.role} and {may}")
    # Somebody new whom nothing else can reach is at least written to.
    default = () if row else ({"mail": entry["email"]},)
    _methods(person, entry.get("contact_methods", default), ledger)
    return person


def _methods(person: Person, wanted: tuple[dict[str, str], ...], ledger: Ledger) -> None:
    """The file's ways to reach somebody come first, in its order; ways entered by hand stay, behind them."""
    pairs = list(dict.fromkeys(pair for each in wanted for pair in each.items()))
    rows = {(row.channel, row.address): row for row in person.contact_methods.all()}
    others = [key for key in rows if key not in pairs]
    for position, (channel, address) in enumerate([*pairs, *others] if pairs else []):
        fresh = ContactMethod(person=person, channel=channel, address=address)
        ledger.put(
            rows.get((channel, address)),
            fresh,
            {"position": position},
            noun="contact method",
            name=f"{channel} of {person.email}",
            personal=True,
        )


def _rota(entry: Entry, people: dict[str, Person], ledger: Ledger) -> None:
    row = Rota.objects.filter(name=entry["name"]).first()
    zone = row.zone if row else Organisation.only().zone
    rota = rota_of(entry, zone=zone, uid_of=lambda email: people[email].uid)
    values = {"zone": rota.zone, "layers": _json(rota.layers)}
    members = "; ".join(f"{layer['name']}: {', '.join(layer['members'])}" for layer in entry["layers"])
    saved = ledger.put(row, Rota(name=rota.name), values, noun="rota", name=rota.name, shown={"layers": members})
    for override in entry.get("overrides", ()):
        _override(saved, override, people[override["person"]], ledger)


def _override(rota: Rota, entry: Entry, person: Person, ledger: Ledger) -> None:
    row = rota.overrides.filter(person=person, starts_at=entry["starts"]).first()
    fresh = RotaOverride(rota=rota, person=person, starts_at=entry["starts"])
    name = f"of {rota.name} by {person.email}"
    ledger.put(row, fresh, {"ends_at": entry["ends"]}, noun="override", name=name, personal=True)


def _policy(entry: Entry, people: dict[str, Person], ledger: Ledger) -> None:
    row = Policy.objects.filter(name=entry["name"]).first()
    steps = steps_of(entry, uid_of=lambda email: people[email].uid)
    catch_all = people[entry["catch_all"]]
    values = {"steps": _json(steps), "catch_all_id": catch_all.pk, **entry.only("repeat")}
    shown = {
        "steps": " then ".join(", ".join(step["page"]) for step in entry["steps"]),
        "catch_all_id": catch_all.email,
    }
    ledger.put(row, Policy(name=entry["name"]), values, noun="policy", name=entry["name"], shown=shown)


def _duty_role(role: str, entry: Entry, people: dict[str, Person], ledger: Ledger) -> None:
    """Who holds a role of the business: a person (by uid) or a rota. Without `page_from`, paged from SEV2 on."""
    row = DutyRole.objects.filter(role=role).first()
    person = people[entry["person"]] if "person" in entry else None
    values: dict[str, Any] = {"kind": "person" if person else "rota", "target": person.uid if person else entry["rota"]}
    if "page_from" in entry:
        values["page_from"] = entry["page_from"] or NEVER
    shown = {"target": person.email if person else entry["rota"]}
    ledger.put(row, DutyRole(role=role), values, noun="duty role", name=role, shown=shown)


def _json(shapes: tuple[Any, ...]) -> Any:
    """As the JSON column gives it back, so that what is the same compares as the same."""
    return msgspec.json.decode(msgspec.json.encode(shapes))
