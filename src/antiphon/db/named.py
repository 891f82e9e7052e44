"""Finding an entity of the catalog as people and scripts name it."""

from collections.abc import Collection

from antiphon.db.models import Entity


def named(words: str, *, kinds: Collection[str]) -> Entity | None:
    """The one of these kinds with this name, else the only one that is shown by this title; None when there is none
    or there are several."""
    entities = Entity.objects.filter(kind__in=kinds)
    found = entities.filter(name=words).first()
    if found is None and words:
        titled = list(entities.filter(title__iexact=words)[:2])
        found = titled[0] if len(titled) == 1 else None
    return found
