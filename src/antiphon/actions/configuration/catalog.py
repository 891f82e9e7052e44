"""The catalog: entities, links, customers with their contracts and contacts, stakeholders inside.

Applying a file is a deliberate act: it takes the place of what was set by hand or came from elsewhere, and says so.
"""

from collections.abc import Iterable

from antiphon.actions.catalog.writing import Writer
from antiphon.actions.ledger import Ledger
from antiphon.core.configuration import Configuration, Entry
from antiphon.core.sources.origins import FILE
from antiphon.core.sources.rows import of_file
from antiphon.db.models import Stakeholder


def apply(config: Configuration, ledger: Ledger) -> None:
    """Entities first, then the links between them, then what hangs on customers."""
    if config.catalog or config.customers:
        Writer(ledger, overrule=True).write([(FILE, of_file(config.catalog, config.customers))])
    for audience, entries in config.stakeholders.items():
        _stakeholders(audience, entries, ledger)


def _stakeholders(audience: str, entries: Iterable[Entry], ledger: Ledger) -> None:
    have = {row.email.lower(): row for row in Stakeholder.objects.filter(audience=audience)}
    for each in entries:
        fresh = Stakeholder(audience=audience, email=each["email"])
        name = f"{each['email']} ({audience})"
        ledger.put(have.get(each["email"]), fresh, each.only("name"), noun="stakeholder", name=name, personal=True)
