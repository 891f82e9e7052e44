"""How the house, or one of its pages, shows itself: saved as a whole, and every page is rendered anew."""

from collections.abc import Mapping
from datetime import datetime

from antiphon.core.access import may
from antiphon.core.branding import FIELDS, Brand, checked
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.languages import LANGUAGES
from antiphon.core.png import made_anew
from antiphon.core.sending import digest_of_parts
from antiphon.db import public, public_page, record
from antiphon.db.public import PublicBrand, PublicPage
from antiphon.db.transactions import write

SOURCE = "the settings page"


def save(
    *,
    values: Mapping[str, str],
    actor: Actor,
    now: datetime,
    page: str = "",
    logo: bytes | None = None,
    source: str = SOURCE,
) -> bool | Refusal:
    """Let these values hold, and no others: for the house, or for the `page` with this slug alone.

    `logo`: a PNG picture, empty bytes to take it away, None to leave it. Answers whether anything changed.
    """
    brand = may(actor, "configuration.change") or checked(values)
    if isinstance(brand, Refusal):
        return brand
    picture = made_anew(logo) if logo else logo
    if isinstance(picture, Refusal):
        return picture
    with write():
        head = record.lock(record.CONFIGURATION)
        of = _page(page, now=now)
        if isinstance(of, Refusal):
            return of
        changed = keep(of, brand, picture, now=now)
        if changed:
            whose = f"branding of {page}" if page else "branding"
            event = ConfigurationApplied(source=source, changes=(f"~ {whose}: {', '.join(changed)}",))
            record.append(head, [event], actor=actor, now=now)
    return bool(changed)


def keep(page: PublicPage | None, brand: Brand, picture: bytes | None, *, now: datetime) -> list[str]:
    """Write the brand of the page, or the house's; answers what changed. Call it inside a transaction that has the
    configuration's lock."""
    house = page is None
    row = PublicBrand.objects.filter(page=page, house=house).first() or PublicBrand(page=page, house=house)
    changed = _fill(row, brand, picture)
    if changed:
        row.save()
        for each in PublicPage.objects.all():
            public.touch(each, now=now)
    return changed


def set_language(*, page: str, language: str, actor: Actor, now: datetime, source: str = SOURCE) -> bool | Refusal:
    """Let the page with this slug speak a language from now on; what stands on it stays as it was published."""
    if refusal := may(actor, "configuration.change"):
        return refusal
    if language not in LANGUAGES:
        return Refusal(f"“{language[:20]}” is no language of pages; choose {', '.join(LANGUAGES)}.", "language")
    with write():
        head = record.lock(record.CONFIGURATION)
        of = _page(page, now=now)
        if of is None or isinstance(of, Refusal):
            return of or Refusal("Name the page.", "page")
        if of.language == language:
            return False
        PublicPage.objects.filter(pk=of.pk).update(language=language)
        public.touch(of, now=now)
        event = ConfigurationApplied(source=source, changes=(f"~ status page {page}: language {language}",))
        record.append(head, [event], actor=actor, now=now)
    return True


def _page(slug: str, *, now: datetime) -> PublicPage | Refusal | None:
    if not slug:
        return None
    public_page.page(now=now)  # the installation's own page is always there
    found = PublicPage.objects.filter(slug=slug).first()
    return found or Refusal(f"There is no status page “{slug[:60]}”: reload the list.", "page")


def _fill(row: PublicBrand, brand: Brand, picture: bytes | None) -> list[str]:
    """Names of what is another than before."""
    values = {name: value for name in FIELDS if (value := getattr(brand, name))}
    changed = [name for name in FIELDS if row.values.get(name, "") != values.get(name, "")]
    row.values = values
    if picture is not None and bytes(row.logo) != picture:
        row.logo, row.logo_digest = picture, digest_of_parts(picture.hex()) if picture else ""
        changed.append("logo")
    return changed
