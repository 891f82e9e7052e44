"""Subscribers of a status page: for whoever holds a link, and for those who keep the page."""

from dataclasses import dataclass, replace
from datetime import datetime

from antiphon.core.subscriptions import Wishes
from antiphon.db import secrets
from antiphon.db.addresses import base_url
from antiphon.db.models import Subscriber
from antiphon.db.public import PublicComponent, PublicPage
from antiphon.db.subscribers import offered_ways

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What can be subscribed to on a page, by which ways: (uid, name) of each component in the page's order."""

    slug: str
    name: str
    url: str
    components: tuple[tuple[str, str], ...]
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription. `state`: told, asked (no yes yet) or ended; `components` by name, empty for all. Of a URL the
    `address` is the host alone; `keys` sign what is posted there and are for whoever holds the link."""

    id: int
    uid: str
    way: str
    address: str
    state: str
    since: datetime
    components: tuple[str, ...]
    impact: str
    origin: str
    keys: tuple[str, ...] = ()


def offered(slug: str) -> Offered | None:
    """What everybody may subscribe to on the page with this slug; None for one that is private or not there."""
    page = PublicPage.objects.filter(slug=slug, private=False).first()
    return replace(_offered(page), ways=offered_ways()) if page else None


def by_token(token: str) -> tuple[Subscription, Wishes, Offered] | None:
    """What the holder of a link subscribed to, and what else there is on the page."""
    row = Subscriber.objects.select_related("page").filter(token=token).first() if token else None
    if row is None:
        return None
    offer = _offered(row.page)
    keys = tuple(secrets.decrypt(row.secret).get("keys", ()))
    return (
        replace(_subscription(row, dict(offer.components)), keys=keys),
        Wishes(components=frozenset(row.components), impact=row.impact),
        offer,
    )


def of_page(
    page: str, *, like: str = "", before: int | None = None
) -> tuple[str, list[Subscription], int | None] | None:
    """The name of the page (uid), its subscribers, the newest first, and the key of the next part or None.

    `like`: part of an address; `before`: the key that the part before gave.
    """
    found = PublicPage.objects.filter(uid=page).first()
    if found is None:
        return None
    rows = Subscriber.objects.filter(page=found).order_by("-id")
    if like:
        rows = rows.filter(address__icontains=like)
    if before is not None:
        rows = rows.filter(id__lt=before)
    some = list(rows[: PAGE + 1])
    names = dict(_offered(found).components)
    more = some[PAGE - 1].pk if len(some) > PAGE else None
    return found.name, [_subscription(row, names) for row in some[:PAGE]], more


def _offered(page: PublicPage) -> Offered:
    listed = PublicComponent.objects.filter(page=page).order_by("position", "pk").values_list("uid", "name")
    return Offered(slug=page.slug, name=page.name, url=page.address(base_url()), components=tuple(listed))


def _subscription(row: Subscriber, names: dict[str, str]) -> Subscription:
    state = "ended" if row.ended_at else "told" if row.confirmed_at else "asked"
    return Subscription(
        id=row.pk,
        uid=row.uid,
        way=row.channel,
        address=row.address.partition("#")[0],
        state=state,
        since=row.ended_at or row.confirmed_at or row.asked_at,
        components=tuple(names[uid] for uid in row.components if uid in names),
        impact=row.impact,
        origin=row.origin,
    )
