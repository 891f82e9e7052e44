"""Which incidents a reader may see: all, save restricted ones in which they hold no role and were not paged."""

from django.db.models import Q, QuerySet

from antiphon.core.decision import Actor
from antiphon.db.models import Escalation, Incident, RoleAssignment


def seen_by(reader: Actor) -> QuerySet[Incident]:
    """The incidents that exist for this reader. Admins see restricted ones too."""
    return Incident.objects.filter(seen(reader))


def seen(reader: Actor, incident: str = "") -> Q:
    """The same of rows that belong to an incident; `incident` is the way there, such as "update__incident"."""
    if reader.role == "admin" or reader.kind == "system":
        return Q()
    key, restricted = (incident, f"{incident}__restricted") if incident else ("pk", "restricted")
    theirs = RoleAssignment.objects.filter(person__uid=reader.uid).values("incident")
    paged = Escalation.objects.filter(pages__person__uid=reader.uid).values("incident")
    return Q((restricted, False)) | Q((f"{key}__in", theirs)) | Q((f"{key}__in", paged))


def find(number: int, *, reader: Actor) -> Incident | None:
    """The incident of this number, or None when there is none for the reader."""
    return seen_by(reader).filter(number=number).first()
