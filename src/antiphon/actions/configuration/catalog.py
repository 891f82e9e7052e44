"""The catalog: entities, links, customers with their contracts and contacts, stakeholders inside."""

from collections.abc import Iterable
from typing import Any

from antiphon.actions.configuration.ledger import Ledger
from antiphon.core.configuration import Configuration, Entry
from antiphon.core.configuration.checks import CUSTOMER
from antiphon.core.configuration.sections import LINKS
from antiphon.db.models import Contact, Contract, Entity, Link, Stakeholder

_PLAIN = (
    "kind", "title", "public_title", "description", "environment", "customer_facing", "internal", "tier",
    "revenue_per_minute", "strategic", "on_status_page", "owner", "policy", "runbook",
)  # fmt: skip
_TERMS = ("resolution_minutes", "downtime_minutes_per_month", "update_minutes", "credits")
_SHOWN = {"critical_periods": "", "extra": ""}


def apply(config: Configuration, ledger: Ledger) -> None:
    """Entities first, then the links between them, then what hangs on customers."""
    rows = {row.name: row for row in Entity.objects.all()}
    for entry in config.catalog:
        rows[entry["name"]] = _entity(entry, rows.get(entry["name"]), ledger, noun="entity")
    for entry in config.customers:
        rows[entry["name"]] = _entity(entry, rows.get(entry["name"]), ledger, noun=CUSTOMER, kind=CUSTOMER)
    _links(config, rows, ledger)
    for entry in config.customers:
        _contracts(entry, rows, ledger)
        _contacts(entry, rows[entry["name"]], ledger)
    for audience, entries in config.stakeholders.items():
        _stakeholders(audience, entries, ledger)


def _entity(entry: Entry, row: Entity | None, ledger: Ledger, *, noun: str, kind: str = "") -> Entity:
    """Fields that the file mentions; of facts of one's own, those keys."""
    values: dict[str, Any] = {**entry.only(*_PLAIN), **({"kind": kind} if kind else {})}
    if "data_classes" in entry:
        values["data_classes"] = list(entry["data_classes"])
    if "critical_periods" in entry:
        values["critical_periods"] = [_period(each) for each in entry["critical_periods"]]
    if "extra" in entry:
        values["extra"] = {**(row.extra if row else {}), **entry["extra"]}
    fresh = Entity(name=entry["name"], title=entry["name"])
    return ledger.put(row, fresh, values, noun=noun, name=entry["name"], shown=_SHOWN)


def _period(entry: Entry) -> dict[str, str]:
    return {
        "name": entry["name"],
        "starts_at": entry["starts"].isoformat(),
        "ends_at": entry["ends"].isoformat(),
    }


def _links(config: Configuration, rows: dict[str, Entity], ledger: Ledger) -> None:
    """Links that are missing are made; links that the file does not mention stay."""
    wanted = [
        (entry["name"], target, kind) for entry in config.catalog for kind in LINKS for target in entry.get(kind, ())
    ]
    wanted += [
        (entry["name"], service, "contracted_for")
        for entry in config.customers
        for service in (*entry.get("uses", ()), *(each["service"] for each in entry.get("contracts", ())))
    ]
    have = set(Link.objects.values_list("source__name", "target__name", "kind"))
    missing = [each for each in dict.fromkeys(wanted) if each not in have]
    Link.objects.bulk_create([Link(source=rows[a], target=rows[b], kind=kind) for a, b, kind in missing])
    for source, target, kind in missing:
        ledger.note("+", "link", f"{source} {kind.replace('_', ' ')} {target}")


def _contracts(entry: Entry, rows: dict[str, Entity], ledger: Ledger) -> None:
    have = {row.name: row for row in Contract.objects.filter(customer=rows[entry["name"]])}
    for each in entry.get("contracts", ()):
        values = {
            "service_id": rows[each["service"]].pk,
            "starts_at": each["starts"],
            "ends_at": each["ends"],
            **each.only(*_TERMS),
        }
        fresh = Contract(name=each["name"], customer=rows[entry["name"]])
        shown = {"service_id": each["service"]}
        ledger.put(have.get(each["name"]), fresh, values, noun="contract", name=each["name"], shown=shown)


def _contacts(entry: Entry, customer: Entity, ledger: Ledger) -> None:
    """New contacts get the customer's segment; one that a person has tagged since keeps the tag."""
    have = {row.email.lower(): row for row in customer.contacts.all()}
    for each in entry.get("contacts", ()):
        row = have.get(each["email"])
        values = each.only("name", "segment", "wants_technical", "zone", "language")
        fresh = Contact(customer=customer, email=each["email"], segment=entry.get("segment", "untagged"))
        name = f"{each['email']} of {customer.name}"
        ledger.put(row, fresh, values, noun="contact", name=name, personal=True)


def _stakeholders(audience: str, entries: Iterable[Entry], ledger: Ledger) -> None:
    have = {row.email.lower(): row for row in Stakeholder.objects.filter(audience=audience)}
    for each in entries:
        fresh = Stakeholder(audience=audience, email=each["email"])
        name = f"{each['email']} ({audience})"
        ledger.put(have.get(each["email"]), fresh, each.only("name"), noun="stakeholder", name=name, personal=True)
