"""The organisation's own settings of classification."""

from antiphon.core.classification import Classification, differences, read
from antiphon.db.models import Organisation
from antiphon.db.transactions import forget, remembered

KEY = "classification"


def current() -> Classification:
    """What holds now; read once in a write transaction."""
    return remembered(KEY, lambda: read(Organisation.only().settings.get(KEY, {})))


def keep(rules: Classification) -> None:
    """Write what differs from the defaults. The caller bumps the revisions of what is built with it."""
    organisation = Organisation.only()
    kept = {name: value for name, value in organisation.settings.items() if name != KEY}
    if changed := differences(rules):
        kept[KEY] = changed
    Organisation.objects.update_or_create(id=1, defaults={"settings": kept})
    forget("organisation")
    forget(KEY)
