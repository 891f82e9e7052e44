"""How a delivery names a subscriber as its recipient, so that nobody takes them for a customer's contact."""

from collections.abc import Iterable

from django.db.models import CharField, Q, Value
from django.db.models.functions import Concat

from antiphon.core.subscriptions import WAYS
from antiphon.db.models import ChannelSettings, Subscriber

SEALED = "sealed"
"""The key in a delivery's slots under which its encrypted URL stands, where it is posted to one."""
PAGE, PUBLISHED = "page", "published"
"""The keys of the page's uid, and of the uid there of the incident or work that is told of."""
_PREFIX = "subscriber:"


def offered_ways() -> tuple[str, ...]:
    """The ways that are set up here and meant for readers; mail where none is, so that the form says what is missing
    when it is tried rather than being empty."""
    known = dict(ChannelSettings.objects.filter(channel__in=WAYS).values_list("channel", "values"))
    meant = {"mail": True, "chat": True, "sms": False, "webhook": False}  # unless the channel's settings say otherwise
    found = tuple(way for way in WAYS if way in known and known[way].get("subscribers", meant[way]))
    return found or WAYS[:1]


def recipient_of(uid: str) -> str:
    """The recipient of a delivery to the subscriber with this uid."""
    return f"{_PREFIX}{uid}"


def is_subscriber(recipient: str) -> bool:
    """Whether a delivery's recipient is a subscriber."""
    return recipient.startswith(_PREFIX)


def uids_of(recipients: Iterable[str]) -> list[str]:
    """The uids of those recipients that are subscribers."""
    return [each.removeprefix(_PREFIX) for each in recipients if is_subscriber(each)]


def by_recipient(recipients: Iterable[str]) -> dict[str, Subscriber]:
    """Those of the recipients that are subscribers still; who was erased is missing."""
    uids = uids_of(recipients)
    return {recipient_of(row.uid): row for row in Subscriber.objects.filter(uid__in=uids)} if uids else {}


def still_there() -> Q:
    """Of deliveries those to anybody but subscribers who have unsubscribed or were erased."""
    told = Subscriber.objects.filter(confirmed_at__isnull=False, ended_at__isnull=True)
    names = told.annotate(recipient=Concat(Value(_PREFIX), "uid", output_field=CharField())).values("recipient")
    return ~Q(recipient__startswith=_PREFIX) | Q(recipient__in=names)
