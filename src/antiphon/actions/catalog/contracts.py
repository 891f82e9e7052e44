"""Contracts with customers, changed one at a time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from antiphon.actions.catalog import changed
from antiphon.actions.catalog.authors import origin_of, place_of
from antiphon.actions.catalog.writing import settle
from antiphon.core.configuration.catalog import CUSTOMER
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Contract, Entity, Link
from antiphon.db.transactions import write

MOST_MINUTES: Final = 1_000_000
MINUTES: Final = ("resolution_minutes", "response_minutes", "downtime_minutes_per_month", "update_minutes")


def save_contract(
    *, customer: str, service: str, values: Mapping[str, Any], actor: Actor, now: datetime, uid: str = ""
) -> Contract | Refusal:
    """Add a contract, or change the one with this uid. `customer` and `service` are names; `values` the other columns.

    A customer with a contract is hit when its service fails, so the link between them is made too.
    """
    with write():
        row = Contract.objects.select_related("customer", "service").filter(uid=uid).first() if uid else Contract()
        if row is None:
            return Refusal("This contract is gone: somebody removed it. Reload the page.", "name")
        ends = Entity.objects.in_bulk([customer, service], field_name="name")
        refused = _check_ends(customer, service, ends) or _check(values, row)
        if refused:
            return refused
        source = origin_of(actor, now=now)
        row.customer = ends[customer]
        settled = settle(row, {"service_id": ends[service].pk, **values}, source=source, overrule=True)
        if not settled.changed:
            return row
        row.save()
        Link.objects.get_or_create(
            source=ends[customer], target=ends[service], kind="contracted_for", defaults={"origin": source}
        )
        said = f"{'changed' if uid else 'added'} contract {row.name}"
        changed.here(said, {customer, service}, source=place_of(actor), actor=actor, now=now)
    return row


def delete_contract(*, uid: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take a contract away. That the customer uses the service stays, as a link."""
    with write():
        row = Contract.objects.select_related("customer", "service").filter(uid=uid).first()
        if row is None:
            return Refusal("This contract is gone already.", "name")
        names = {row.customer.name, row.service.name}
        row.delete()
        changed.here(f"removed contract {row.name}", names, source=place_of(actor), actor=actor, now=now)
    return None


def _check_ends(customer: str, service: str, ends: Mapping[str, Entity]) -> Refusal | None:
    if customer not in ends or ends[customer].kind != CUSTOMER:
        return Refusal(f"The catalog knows no customer “{customer}”: add it first, or correct the name.", "customer")
    if service not in ends:
        return Refusal(f"The catalog knows no “{service}”: add it first, or correct the name.", "service")
    if ends[service].kind == CUSTOMER:
        return Refusal("A contract is over a service, not over a customer: name what was promised.", "service")
    return None


def _check(values: Mapping[str, Any], row: Contract) -> Refusal | None:
    name = values.get("name", row.name)
    if not name.strip():
        return Refusal("Give the contract a name: it stands in what is told of it.", "name")
    if Contract.objects.filter(name=name).exclude(pk=row.pk).exists():
        return Refusal(f"There is a contract “{name}” already: choose another name.", "name")
    starts, ends = values.get("starts_at"), values.get("ends_at")
    if starts and ends and ends <= starts:
        return Refusal("It ends before it starts; correct one of the two.", "ends_at")
    for each in MINUTES:
        if (many := values.get(each)) is not None and not 1 <= many <= MOST_MINUTES:
            return Refusal(f"Write minutes from 1 to {MOST_MINUTES}, or leave it empty.", each)
    return None
