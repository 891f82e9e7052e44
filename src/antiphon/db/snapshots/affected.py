"""How much of what an incident hits is hit, and where, as people stated it."""

from collections.abc import Mapping

from antiphon.core.impact import Stated
from antiphon.db.models import Affected, Incident


def load(incident: Incident) -> dict[str, Stated]:
    """What is hit, in the order in which it was named; wholly and everywhere where nobody said otherwise."""
    rows = Affected.objects.filter(incident=incident).values_list("entity", "share", "region")
    return {entity: Stated(1.0 if share is None else share, region) for entity, share, region in rows}


def save(incident: Incident, stated: Mapping[str, Stated]) -> None:
    """Write what was stated of entities that are named already."""
    for entity, said in stated.items():
        share = None if said.share == 1 else said.share
        Affected.objects.filter(incident=incident, entity=entity).update(share=share, region=said.region)
