"""What the catalog has already, as far as an import leans on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from antiphon.core.configuration.catalog import NeedsOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """kinds: kind by name; contracts: customer by contract's name; people: mail addresses of those who work here;
    policies: names; needs: what an entity depends on; aliases: name by other name, in lower case (a customer's title,
    a Backstage reference, an alias); zone: what times without a zone are read in."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    contracts: Mapping[str, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    needs: NeedsOf = lambda _name: frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
