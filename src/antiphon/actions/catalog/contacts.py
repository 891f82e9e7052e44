"""Contacts of customers, changed one at a time. The record names them by their id alone."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from antiphon.actions.catalog import changed
from antiphon.actions.catalog.authors import origin_of, place_of
from antiphon.actions.catalog.writing import settle
from antiphon.core.audiences import Segment
from antiphon.core.configuration.catalog import CUSTOMER
from antiphon.core.decision import Actor, Refusal
from antiphon.core.sources.origins import author
from antiphon.db.models import Contact, Entity
from antiphon.db.transactions import write

_ADDRESS: Final = r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;]+"


def save_contact(
    *, customer: str, values: Mapping[str, Any], actor: Actor, now: datetime, uid: str = ""
) -> Contact | Refusal:
    """Add a contact of this customer (by name), or change the one with this uid: the columns that `values` names."""
    with write():
        row = Contact.objects.select_related("customer").filter(uid=uid).first() if uid else None
        if uid and row is None:
            return Refusal("This contact is gone: somebody removed it. Reload the page.", "email")
        owner = row.customer if row else Entity.objects.filter(name=customer, kind=CUSTOMER).first()
        if owner is None:
            return Refusal(f"The catalog knows no customer “{customer}”.", "customer")
        row = row or Contact(customer=owner, email="")
        if refused := _check(values, row):
            return refused
        if "email" in values and values["email"] != row.email:
            # Who wrote that they want no more mail wrote it of the former address, which stays suppressed.
            row.email, row.unsubscribed_at = values["email"], None
        plain = {key: value for key, value in values.items() if key != "email"}
        settle(row, plain, source=author(origin_of(actor, now=now)), overrule=True)
        row.save()
        said = f"{'changed' if uid else 'added'} contact {row.uid} of {owner.name}"
        changed.here(said, {owner.name}, source=place_of(actor), actor=actor, now=now)
    return row


def delete_contact(*, uid: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take a contact off the list. What was sent to them stays on record."""
    with write():
        row = Contact.objects.select_related("customer").filter(uid=uid).first()
        if row is None:
            return Refusal("This contact is gone already.", "email")
        said = f"removed contact {row.uid} of {row.customer.name}"
        row.delete()
        changed.here(said, {row.customer.name}, source=place_of(actor), actor=actor, now=now)
    return None


def _check(values: Mapping[str, Any], row: Contact) -> Refusal | None:
    email = values.get("email", row.email)
    if not re.fullmatch(_ADDRESS, email) or len(email) > 254:
        return Refusal("Write a mail address such as ann@example.org.", "email")
    others = Contact.objects.filter(customer=row.customer, email__iexact=email).exclude(pk=row.pk)
    if others.exists():
        return Refusal(f"{email} is a contact of this customer already: change that one.", "email")
    if not values.get("name", row.name).strip():
        return Refusal("Write the name by which this person is greeted.", "name")
    if values.get("segment", row.segment) not in list(Segment):
        return Refusal("A contact is technical, business or untagged.", "segment")
    return None
