"""How messages leave the house, and what the public page lists."""

from antiphon.actions import page_targets
from antiphon.actions.configuration import known
from antiphon.actions.ledger import Ledger
from antiphon.channels.channel import registry
from antiphon.channels.settings import options
from antiphon.core.configuration import Configuration, Entry
from antiphon.core.configuration.page_targets import target_of
from antiphon.db import channel_settings
from antiphon.db.models import Entity, Organisation
from antiphon.db.public import Listed, PublicComponent, PublicPage, list_components, open_page
from antiphon.db.public_page import SLUG


def apply(config: Configuration, ledger: Ledger) -> None:
    """Channels' settings; then the page, where it is pushed, and its components as the catalog has them now."""
    for channel, entry in config.channels.items():
        _channel(channel, entry, ledger)
    if config.status_page:
        _page(config.status_page, ledger)
    targets = {entry["name"]: target_of(entry) for entry in config.page_targets}
    page_targets.apply({name: target for name, target in targets.items() if target is not None}, ledger)
    list_page(ledger)


def list_page(ledger: Ledger) -> None:
    """Let the public page, where there is one, list what the catalog has on it now."""
    if page := PublicPage.objects.filter(slug=SLUG).first():
        _components(page, ledger)


def _channel(channel: str, entry: Entry, ledger: Ledger) -> None:
    """Settings that the file does not mention stay. No secret is ever shown."""
    before = known.stored(channel)
    after = {**before, **entry.values}
    if after == before:
        return
    secret = frozenset(option.name for option in options(registry()[channel].settings) if option.secret)
    channel_settings.save(channel, after, secret_names=secret)
    changed = [name for name, value in entry.values.items() if before.get(name) != value]
    ledger.note("~" if before else "+", "channel", channel, f"sets {', '.join(changed)}")


def _page(entry: Entry, ledger: Ledger) -> None:
    row = PublicPage.objects.filter(slug=SLUG).first()
    told = {
        "name": entry["name"],
        "url": f"{entry['url']}/" if "url" in entry else row.url if row else "",
        "zone": entry.get("zone") or (row.zone if row else Organisation.only().zone),
    }
    if row and all(getattr(row, key) == value for key, value in told.items()):
        return
    ledger.note("~" if row else "+", "status page", entry["name"])
    open_page(slug=SLUG, now=ledger.now, **told)


def _components(page: PublicPage, ledger: Ledger) -> None:
    """An entity and its component share their uid, so that a publication finds the one by the other."""
    shown = Entity.objects.filter(on_status_page=True).order_by("pk")
    wanted = [Listed(uid=each.uid, name=each.public_title or each.title) for each in shown]
    present = PublicComponent.objects.filter(page=page).order_by("position", "pk").values_list("uid", "name")
    if [(each.uid, each.name) for each in wanted] == list(present):
        return
    list_components(page, wanted, now=ledger.now)
    ledger.note("~", "status page", page.name, f"lists {', '.join(each.name for each in wanted) or 'no component'}")
