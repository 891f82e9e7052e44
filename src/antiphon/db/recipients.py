"""Who of the customers is affected, and which version each contact reads. Untagged reads the business one."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from antiphon.core.audiences import Audience, Moment, audience_of
from antiphon.core.questions.situation import Reached
from antiphon.db.models import Contact, Delivery, Incident, Link


def affected(reached: Iterable[Reached]) -> dict[Audience, list[Contact]]:
    """Contacts of every customer that the failure reaches, by audience; who unsubscribed is left out."""
    return _by_audience(_listening().filter(customer__name__in=_customers(reached)))


def readers(incident: Incident, reached: Iterable[Reached]) -> dict[Audience, list[Contact]]:
    """Who reads the incident's next texts: contacts of those it reaches, and whoever was told of it before.

    A reader stays one when the customer is hit no more: they were told that it is open (RELIABILITY I29).
    """
    uids = told_uids(incident)
    return _by_audience(_listening().filter(Q(customer__name__in=_customers(reached)) | Q(uid__in=uids)))


def told(incident: Incident) -> QuerySet[Contact]:
    """The contacts who were told of the incident and still listen."""
    return _listening().filter(uid__in=told_uids(incident))


def told_uids(incident: Incident, *, resolved_since: datetime | None = None) -> QuerySet[Delivery, str]:
    """Whom any text was for of the incident, and of those merged into it; with `resolved_since`, only texts since then
    that say it is over."""
    rows = Delivery.objects.filter(text__incident__in=with_merged(incident), outside=True).exclude(recipient="")
    if resolved_since is not None:
        ends = {"text__version__update__moment": Moment.RESOLUTION, "created_at__gte": resolved_since}
        rows = rows.filter(**ends)
    return rows.order_by().values_list("recipient", flat=True)


def with_merged(incident: Incident) -> list[int]:
    """The keys of the incident and of those that were merged into it: who was told of one was told of all."""
    return [incident.pk, *incident.merged.values_list("pk", flat=True)]


def _listening() -> QuerySet[Contact]:
    return Contact.objects.filter(unsubscribed_at__isnull=True)


def _customers(reached: Iterable[Reached]) -> list[str]:
    return [entity.name for entity in reached if entity.kind == "customer"]


def _by_audience(contacts: QuerySet[Contact]) -> dict[Audience, list[Contact]]:
    found: dict[Audience, list[Contact]] = {}
    for contact in contacts.select_related("customer").order_by("id"):
        found.setdefault(audience_of(contact), []).append(contact)
    return found


def by_part(contacts: Iterable[Contact], parts: Collection[str]) -> dict[str, list[Contact]]:
    """Each contact under the part (an entity's uid) whose text they read: their customer, else the first of its
    segments by name, else "" for the audience's own text."""
    links = Link.objects.filter(kind="part_of", target__uid__in=list(parts)).order_by("-target__name")
    segments = dict(links.values_list("source_id", "target__uid")) if parts else {}
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        own = contact.customer.uid if contact.customer.uid in parts else segments.get(contact.customer_id, "")
        found.setdefault(own, []).append(contact)
    return found


def affected_audiences(reached: tuple[Reached, ...]) -> frozenset[Audience]:
    """Audiences outside with somebody affected; the public page speaks when anything customers use is hit."""
    audiences = set(affected(reached))
    if audiences or any(entity.customer_facing for entity in reached if entity.production):
        audiences.add(Audience.PUBLIC)
    return frozenset(audiences)
