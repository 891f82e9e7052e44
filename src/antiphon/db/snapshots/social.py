"""Posts for the public, as `core.social` sees them."""

from typing import Final

import msgspec

from antiphon.core.social import KIND, MASTODON, Choice, Post, PostState
from antiphon.db.models import ChannelSettings, Delivery, Organisation, SocialPost
from antiphon.db.models.incidents import Incident

SETTING: Final = KIND


def choice() -> Choice:
    """What the organisation chose."""
    kept = Organisation.only().settings.get(SETTING)
    return msgspec.convert(kept, Choice) if kept else Choice()


def account() -> str:
    """The server of the account that posts by itself; "" when none is set up."""
    row = ChannelSettings.objects.filter(channel=MASTODON).first()
    return str(row.values.get("server", "")) if row else ""


def posted_before(incident: Incident) -> bool:
    """Whether anything of the incident was posted, or is to be."""
    return SocialPost.objects.filter(incident=incident).exists() or queued(incident)


def queued(incident: Incident) -> bool:
    """Whether the program posts something of the incident itself."""
    return Delivery.objects.filter(text__incident=incident, channel=MASTODON).exists()


def first_post(incident: Incident) -> str:
    """The server's name for the incident's first post that stands; "" when there is none yet."""
    rows = Delivery.objects.filter(text__incident=incident, channel=MASTODON, state="sent").exclude(reference="")
    return rows.order_by("id").values_list("reference", flat=True).first() or ""


def post(row: SocialPost) -> Post:
    """One post that a person makes."""
    return Post(
        uid=row.uid,
        network=row.network,
        text=row.text,
        state=PostState(row.state),
        url=row.url,
        posted_at=row.posted_at,
    )
