"""Status pages as those who keep them see them."""

from dataclasses import dataclass

from django.db.models import Count, Q

from antiphon.db import addresses
from antiphon.db.models import Entity
from antiphon.db.public import PublicPage
from antiphon.db.public_page import SLUG

MOST_READERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKept:
    """One page. `link` opens it; `components` by the names of the catalog, in the page's order."""

    uid: str
    slug: str
    name: str
    audience: str
    private: bool
    reader: str
    link: str
    own: bool
    components: tuple[str, ...]
    subscribers: int


def kept() -> list[PageKept]:
    """Every page, the installation's own first. Four statements, however many subscribers there are."""
    told = Q(subscribers__confirmed_at__isnull=False, subscribers__ended_at__isnull=True)
    rows = PublicPage.objects.order_by("pk").annotate(told=Count("subscribers", filter=told))
    pages = list(rows.prefetch_related("components"))
    uids = {component.uid for page in pages for component in page.components.all()}
    names = dict(Entity.objects.filter(uid__in=uids).values_list("uid", "name"))
    base = addresses.base_url()
    return [_kept(page, names, page.told, base) for page in pages]


def readers() -> tuple[str, ...]:
    """Names that a private page may be for."""
    found = Entity.objects.filter(kind__in=("customer", "segment", "partner")).order_by("name")
    return tuple(found.values_list("name", flat=True)[:MOST_READERS])


def _kept(page: PublicPage, names: dict[str, str], subscribers: int, base: str) -> PageKept:
    listed = sorted(page.components.all(), key=lambda each: (each.position, each.pk))
    key = f"?key={addresses.page_key(page.uid, page.link_version)}" if page.private else ""
    return PageKept(
        uid=page.uid,
        slug=page.slug,
        name=page.name,
        audience=page.audience,
        private=page.private,
        reader=page.reader,
        link=f"{page.address(base)}{key}",
        own=page.slug == SLUG,
        components=tuple(names[each.uid] for each in listed if each.uid in names),
        subscribers=subscribers,
    )
