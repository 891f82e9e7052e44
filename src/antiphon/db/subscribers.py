"""How a delivery names a subscriber as its recipient, so that nobody takes them for a customer's contact."""

from collections.abc import Iterable

from django.db.models import CharField, Q, Value
from django.db.models.functions import Concat

from antiphon.db.models import Subscriber

_PREFIX = "subscriber:"


def recipient_of(uid: str) -> str:
    """The recipient of a delivery to the subscriber with this uid."""
    return f"{_PREFIX}{uid}"


def is_subscriber(recipient: str) -> bool:
    """Whether a delivery's recipient is a subscriber."""
    return recipient.startswith(_PREFIX)


def by_recipient(recipients: Iterable[str]) -> dict[str, Subscriber]:
    """Those of the recipients that are subscribers still; who was erased is missing."""
    uids = [each.removeprefix(_PREFIX) for each in recipients if is_subscriber(each)]
    return {recipient_of(row.uid): row for row in Subscriber.objects.filter(uid__in=uids)} if uids else {}


def still_there() -> Q:
    """Of deliveries those to anybody but subscribers who have unsubscribed or were erased."""
    told = Subscriber.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    names = told.annotate(recipient=Concat(Value(_PREFIX), "uid", output_field=CharField())).values("recipient")
    return ~Q(recipient__startswith=_PREFIX) | Q(recipient__in=names)
