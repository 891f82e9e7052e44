"""Calls to the largest accounts, as `core.calls` sees them."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from antiphon.core.calls import USUAL, About, Account, Call, CallState
from antiphon.core.questions.situation import Situation
from antiphon.db.models import Call as Row
from antiphon.db.models import Contact, Entity, Organisation, Person
from antiphon.db.models.incidents import Incident

SETTING: Final = "calls"
_MOVES: Final = ("state", "outcome", "reason", "due_at", "made_at", "warned_at", "overdue_at", "settled_at", "wake_at")
_LISTENS_FIRST: Final = ("business", "untagged", "technical")


def most() -> int:
    """How many of the largest accounts are called, as the organisation set it."""
    return int(Organisation.only().settings.get(SETTING, {}).get("most", USUAL))


def load(incident: Incident) -> tuple[Call, ...]:
    """Every call of the incident, in the order in which they were made."""
    rows = Row.objects.filter(incident=incident).select_related("owner").order_by("id")
    return tuple(call(row) for row in rows)


def save(incident: Incident, calls: Iterable[Call]) -> None:
    """Write changed and new calls, settled ones first so that an open one may take their place."""
    ordered = sorted(calls, key=lambda each: each.open)
    if not ordered:
        return
    people = {row.uid: row for row in Person.objects.filter(uid__in={each.owner for each in ordered})}
    there = {row.uid: row for row in Row.objects.filter(uid__in=[each.uid for each in ordered])}
    new = [each for each in ordered if each.uid not in there and not each.practice]
    contacts = to_ring_up(each.customer for each in new)
    for each in ordered:
        row = there.get(each.uid) or Row(
            uid=each.uid,
            incident=incident,
            customer=each.customer,
            title=each.title[:200],
            kind=each.about,
            practice=each.practice,
            contact=contacts.get(each.customer),
        )
        row.owner = people.get(each.owner)
        for name in _MOVES:
            setattr(row, name, getattr(each, name))
        row.save()


def accounts(situation: Situation) -> tuple[Account, ...]:
    """The customers that are hit, with what makes one large. One statement."""
    hit = {each.name: each for each in situation.reached if each.kind == "customer"}
    contracts = Counter(contract.customer for contract in situation.contracts)
    owners = dict(Entity.objects.filter(name__in=hit).exclude(owner="").values_list("name", "owner")) if hit else {}
    managers = _people(owners.values())
    return tuple(
        Account(
            name=each.name,
            title=each.shown,
            strategic=each.strategic,
            revenue_per_minute=each.revenue_per_minute,
            contracts=contracts[each.title],
            person=managers.get(owners.get(each.name, "").casefold(), ""),
        )
        for each in hit.values()
    )


def to_ring_up(customers: Iterable[str]) -> dict[str, Contact]:
    """Whom to ring up at each customer: somebody with a number first, then who reads the business version. Whoever
    asked to hear no more is left alone (RELIABILITY I31)."""
    rows = Contact.objects.filter(customer__name__in=list(customers), unsubscribed_at__isnull=True)
    found: dict[str, Contact] = {}
    for row in sorted(rows.select_related("customer"), key=_preferred):
        found.setdefault(row.customer.name, row)
    return found


def call(row: Row) -> Call:
    """One call; its row comes with its owner."""
    return Call(
        uid=row.uid,
        customer=row.customer,
        title=row.title,
        about=About(row.kind),
        made_at=row.made_at,
        due_at=row.due_at,
        owner=row.owner.uid if row.owner else "",
        practice=row.practice,
        state=CallState(row.state),
        outcome=row.outcome,
        reason=row.reason,
        warned_at=row.warned_at,
        overdue_at=row.overdue_at,
        settled_at=row.settled_at,
    )


def _preferred(contact: Contact) -> tuple[bool, int, int]:
    kind = contact.segment if contact.segment in _LISTENS_FIRST else "untagged"
    return (not contact.phone, _LISTENS_FIRST.index(kind), contact.pk)


def _people(names: Iterable[str]) -> dict[str, str]:
    """People by what the catalog may call them, their address or their name, in lower case."""
    wanted = {name.casefold() for name in names}
    if not wanted:
        return {}
    rows = Person.objects.filter(is_active=True).values_list("uid", "email", "name")
    return {word.casefold(): uid for uid, *words in rows for word in words if word.casefold() in wanted}
