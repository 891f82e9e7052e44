"""What readers see, from the file: own texts, status pages beside the installation's own, branding."""

from typing import Final

from antiphon.actions import branding, own_texts, status_pages
from antiphon.actions.configuration.refused import Refused
from antiphon.actions.ledger import Ledger
from antiphon.actions.status_pages import Shown
from antiphon.core.branding import FIELDS, Brand, checked
from antiphon.core.configuration import Configuration, Entry, Problem
from antiphon.core.decision import Refusal
from antiphon.db.models import Entity
from antiphon.db.public import PublicBrand, PublicComponent, PublicPage

BECAUSE: Final = "from the configuration file"


def apply(config: Configuration, ledger: Ledger) -> None:
    """Texts, then the house's brand, then pages with theirs. Raises Refused."""
    for entry in config.messages:
        _message(entry, ledger)
    if config.branding:
        _brand(config.branding, None, "branding", ledger)
    for entry in config.status_pages:
        _page(entry, ledger)


def _message(entry: Entry, ledger: Ledger) -> None:
    language = entry.get("language") or own_texts.house_language()
    why, text = entry.get("why") or BECAUSE, f"{entry['text'].strip()}\n"
    number = own_texts.keep(entry["audience"], entry["name"], text, why, language=language, author=None, now=ledger.now)
    if number:
        name = f"{entry['audience']}, {entry['name']} ({language})"
        ledger.note("~" if number > 1 else "+", "text", name, f"version {number}")


def _brand(entry: Entry, page: PublicPage | None, noun: str, ledger: Ledger) -> None:
    """Values that the file does not mention stay, and so does the logo."""
    row = PublicBrand.objects.filter(page=page, house=page is None).first()
    before = {name: value for name, value in (row.values if row else {}).items() if name in FIELDS}
    wanted = checked({**before, **entry.values})
    assert isinstance(wanted, Brand)  # the file was checked
    changed = branding.keep(page, wanted, None, now=ledger.now)
    if changed:
        ledger.note("~" if row else "+", noun, page.slug if page else "of the house", f"sets {', '.join(changed)}")


def _page(entry: Entry, ledger: Ledger) -> None:
    row = PublicPage.objects.filter(slug=entry["slug"]).first()
    before = _as_it_is(row)
    shown = Shown(
        slug=entry["slug"],
        name=entry["name"],
        audience=entry.get("audience", before.audience),
        private=entry.get("private", before.private),
        reader=entry.get("reader", before.reader),
        components=tuple(entry.get("components", before.components)),
    )
    if row is None or shown != before:
        made = status_pages.keep(shown, uid=row.uid if row else "", now=ledger.now)
        if isinstance(made, Refusal):
            raise Refused(Problem(entry.at(made.field), f"{entry.path}.{made.field}", made.sentence))
        ledger.note("~" if row else "+", "status page", entry["slug"])
        row = made
    if "language" in entry and row.language != entry["language"]:
        PublicPage.objects.filter(pk=row.pk).update(language=entry["language"])
        ledger.note("~", "status page", entry["slug"], f"language {entry['language']}")
    if "branding" in entry:
        _brand(entry["branding"], row, "branding of status page", ledger)


def _as_it_is(row: PublicPage | None) -> Shown:
    if row is None:
        return Shown(slug="", name="", audience="public", private=False)
    uids = PublicComponent.objects.filter(page=row).order_by("position", "pk").values_list("uid", flat=True)
    names = dict(Entity.objects.filter(uid__in=list(uids)).values_list("uid", "name"))
    listed = tuple(names[uid] for uid in uids if uid in names)
    return Shown(
        slug=row.slug,
        name=row.name,
        audience=row.audience,
        private=row.private,
        reader=row.reader,
        components=listed,
    )
