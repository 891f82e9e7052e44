"""Whose a ticket is: the contact with the writer's address, else the customer by name or by the address's domain."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q
from django.db.models.functions import Lower

from antiphon.core.tickets import Written
from antiphon.db.models import Contact, Entity

PUBLIC_MAIL: Final = frozenset({
    "aol.com", "fastmail.com", "gmail.com", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.com",
    "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "orange.fr", "outlook.com", "pm.me",
    "proton.me", "protonmail.com", "qq.com", "t-online.de", "web.de", "yahoo.com", "ymail.com", "zoho.com",
})  # fmt: skip
"""Domains at which anybody may have an address: they tell nothing of whose customer it is."""

FEW: Final = 10
"""So many domains are looked for in the database; for more, all addresses are read once."""


class Writers:
    """The writers of a batch of tickets, looked up at once."""

    def __init__(self, written: Iterable[Written]) -> None:
        batch = list(written)
        self._contacts = _contacts({each.requester for each in batch if each.requester})
        self._customers = _customers({each.customer.lower() for each in batch if each.customer})
        domains = {_domain(each.requester) for each in batch if each.requester and each.requester not in self._contacts}
        self._domains = _of_domains({domain for domain in domains - PUBLIC_MAIL if domain})

    def of(self, written: Written) -> tuple[int | None, int | None]:
        """Keys of the customer and the contact; neither where nobody is known, and no contact where several fit."""
        named = self._customers.get(written.customer.lower()) if written.customer else None
        contacts = self._contacts.get(written.requester, {})
        if named in contacts:
            return named, contacts[named]
        if len(contacts) == 1 and named is None:
            return next(iter(contacts.items()))
        return named or self._domains.get(_domain(written.requester)), None


def _contacts(addresses: set[str]) -> dict[str, dict[int | None, int]]:
    """Of each address: the customers who have it, with the contact."""
    found: dict[str, dict[int | None, int]] = {}
    rows = Contact.objects.annotate(address=Lower("email")).filter(address__in=addresses)
    for address, customer, contact in rows.values_list("address", "customer_id", "pk"):
        found.setdefault(address, {})[customer] = contact
    return found


def _customers(names: set[str]) -> dict[str, int]:
    """Customers by name or title, where that is one customer's alone."""
    rows = Entity.objects.filter(kind="customer").annotate(called=Lower("name"), titled=Lower("title"))
    found: dict[str, set[int]] = {}
    for pk, *called in rows.filter(Q(called__in=names) | Q(titled__in=names)).values_list("pk", "called", "titled"):
        for name in called:
            found.setdefault(name, set()).add(pk)
    return {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}


def _of_domains(domains: set[str]) -> dict[str, int]:
    """The customer whose contacts write from a domain, where it is one customer's alone."""
    rows = Contact.objects.all()
    if len(domains) <= FEW:
        rows = rows.filter(reduce(or_, (Q(email__iendswith=f"@{domain}") for domain in domains), Q(pk=None)))
    found: dict[str, set[int]] = {}
    for address, customer in rows.values_list("email", "customer_id").iterator():
        domain = _domain(address.lower())
        if domain in domains:
            found.setdefault(domain, set()).add(customer)
    return {domain: next(iter(keys)) for domain, keys in found.items() if len(keys) == 1}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
