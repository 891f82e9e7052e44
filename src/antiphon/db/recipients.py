"""Who of the customers is affected, and which version each contact reads. Untagged reads the business one."""

from collections.abc import Iterable

from antiphon.core.audiences import Audience, audience_of
from antiphon.core.questions.situation import Reached
from antiphon.db.models import Contact


def affected(reached: Iterable[Reached]) -> dict[Audience, list[Contact]]:
    """Contacts of every customer that the failure reaches, by audience; who unsubscribed is left out."""
    customers = [entity.name for entity in reached if entity.kind == "customer"]
    contacts = Contact.objects.filter(customer__name__in=customers, unsubscribed_at__isnull=True)
    found: dict[Audience, list[Contact]] = {}
    for contact in contacts.select_related("customer").order_by("id"):
        found.setdefault(audience_of(contact), []).append(contact)
    return found


def affected_audiences(reached: tuple[Reached, ...]) -> frozenset[Audience]:
    """Audiences outside with somebody affected; the public page speaks when anything customers use is hit."""
    audiences = set(affected(reached))
    if audiences or any(entity.customer_facing for entity in reached if entity.production):
        audiences.add(Audience.PUBLIC)
    return frozenset(audiences)
