"""How the house and each page show themselves, for the settings."""

from base64 import b64encode
from dataclasses import dataclass, replace

from antiphon.core.branding import DARK, LIGHT, Brand, contrast, legible
from antiphon.core.languages import spoken
from antiphon.db import public
from antiphon.db.models import Organisation
from antiphon.db.public import PublicBrand, PublicPage
from antiphon.db.public_page import SLUG


@dataclass(frozen=True, slots=True, kw_only=True)
class Branded:
    """The house (an empty slug) or a page: its own values, what readers see with those of the house, and its logo."""

    slug: str
    name: str
    own: Brand
    seen: Brand
    logo: str
    own_logo: bool
    language: str

    @property
    def light(self) -> str:
        """The colour of links on a light ground."""
        return legible(self.seen.accent, dark=False) if self.seen.accent else ""

    @property
    def dark(self) -> str:
        """The colour of links on a dark ground."""
        return legible(self.seen.accent, dark=True) if self.seen.accent else ""

    @property
    def contrasts(self) -> tuple[str, str]:
        """How well these can be read, light and dark, as in “5.9”."""
        if not self.seen.accent:
            return "", ""
        light, dark = contrast(self.light, LIGHT[0]), contrast(self.dark, DARK[0])
        return f"{light:.1f}", f"{dark:.1f}"


def house() -> Branded:
    """The house's own."""
    row = PublicBrand.objects.filter(house=True).first()
    seen = public.house_brand()
    organisation = Organisation.only()
    return Branded(
        slug="",
        name=organisation.name,
        own=seen,
        seen=seen,
        logo=_picture(bytes(row.logo) if row else b""),
        own_logo=bool(row and row.logo_digest),
        language=spoken(organisation.language),
    )


def house_name() -> str:
    """What readers outside call the house."""
    return public.house_brand().name or Organisation.only().name


def of_page(slug: str) -> Branded | None:
    """A page's, or None where there is no such page."""
    page = PublicPage.objects.filter(slug=slug).first()
    if page is None:
        return replace(house(), slug=slug, own=Brand(), own_logo=False) if slug == SLUG else None
    row = PublicBrand.objects.filter(page=page).first()
    seen, picture = public.brand_of(page)
    own = Brand(**row.values) if row else Brand()
    return Branded(
        slug=slug,
        name=page.name,
        own=own,
        seen=seen,
        logo=_picture(picture),
        own_logo=bool(row and row.logo_digest),
        language=page.language,
    )


def pages() -> tuple[tuple[str, str], ...]:
    """Slug and name of every page, the installation's own first, also before it was ever rendered."""
    found = dict(PublicPage.objects.order_by("pk").values_list("slug", "name"))
    return tuple({SLUG: found.get(SLUG, f"{Organisation.only().name} status"), **found}.items())


def _picture(data: bytes) -> str:
    """The picture as it can stand in a page by itself."""
    return f"data:image/png;base64,{b64encode(data).decode()}" if data else ""
