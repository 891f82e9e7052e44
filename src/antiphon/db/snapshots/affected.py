"""What an incident hits, how much of it and where as people stated it, and what that reaches."""

from collections.abc import Iterable, Mapping

from antiphon.core.impact import Stated
from antiphon.core.questions.situation import Reached
from antiphon.db.graph import graph
from antiphon.db.models import Affected, Incident


def load(incident: Incident) -> dict[str, Stated]:
    """What is hit, in the order in which it was named; wholly and everywhere where nobody said otherwise."""
    rows = Affected.objects.filter(incident=incident).values_list("entity", "share", "region")
    return {entity: Stated(1.0 if share is None else share, region) for entity, share, region in rows}


def reached(incident: Incident) -> tuple[Reached, ...]:
    """All that is hit by it, nearest first: with a region stated, only what is there."""
    return reached_by_all([incident])[incident.pk]


def reached_by_all(incidents: Iterable[Incident]) -> dict[int, tuple[Reached, ...]]:
    """The same of each of them by its id, in one statement."""
    stated: dict[int, dict[str, Stated]] = {incident.pk: {} for incident in incidents}
    rows = Affected.objects.filter(incident__in=list(stated)).values_list("incident_id", "entity", "share", "region")
    for incident, entity, share, region in rows.order_by("id"):
        stated[incident][entity] = Stated(1.0 if share is None else share, region)
    return {incident: graph().reach(said, stated=said) for incident, said in stated.items()}


def save(incident: Incident, stated: Mapping[str, Stated]) -> None:
    """Write what was stated of entities that are named already."""
    for entity, said in stated.items():
        share = None if said.share == 1 else said.share
        Affected.objects.filter(incident=incident, entity=entity).update(share=share, region=said.region)
