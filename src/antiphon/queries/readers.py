"""Which incidents a reader may see: all, save restricted ones in which they hold no role and were not paged."""

from django.db.models import Q, QuerySet

from antiphon.core.decision import Actor
from antiphon.db.models import Escalation, Incident, RoleAssignment


def seen_by(reader: Actor) -> QuerySet[Incident]:
    """The incidents that exist for this reader. Admins see restricted ones too."""
    if reader.role == "admin" or reader.kind == "system":
        return Incident.objects.all()
    theirs = RoleAssignment.objects.filter(person__uid=reader.uid).values("incident")
    paged = Escalation.objects.filter(pages__person__uid=reader.uid).values("incident")
    return Incident.objects.filter(Q(restricted=False) | Q(pk__in=theirs) | Q(pk__in=paged))


def find(number: int, *, reader: Actor) -> Incident | None:
    """The incident of this number, or None when there is none for the reader."""
    return seen_by(reader).filter(number=number).first()
