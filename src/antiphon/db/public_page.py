"""From an incident's publication to the public tables: what the page says of it now."""

from datetime import datetime

from antiphon.core.audiences import Version
from antiphon.db import public
from antiphon.db.addresses import base_url
from antiphon.db.graph import graph
from antiphon.db.models import Entity, Incident, Organisation
from antiphon.db.public import PublicComponent, PublicPage

SLUG = "status"
IMPACTS = {1: "critical", 2: "major", 3: "minor", 4: "minor", 5: "none"}
DOWN = {1: "major_outage", 2: "partial_outage"}
STATUSES = {"triage": "investigating", "closed": "resolved"}
OVER = ("resolved", "closed")


def page(*, now: datetime) -> PublicPage:
    """The installation's page, made when there is none yet."""
    found = PublicPage.objects.filter(slug=SLUG).first()
    if found is not None:
        return found
    organisation = Organisation.only()
    url = f"{base_url()}/status/"
    return public.open_page(slug=SLUG, name=f"{organisation.name} status", url=url, zone=organisation.zone, now=now)


def publish(incident: Incident, version: Version, next_update_at: datetime | None, *, now: datetime) -> None:
    """Put the approved public version on the page; a drill or test never gets there."""
    if incident.nature != "real":
        return
    shown = page(now=now)
    over = incident.state in OVER
    public.publish(
        shown,
        incident_uid=incident.uid,
        number=incident.number,
        title=version.subject,
        impact=IMPACTS[incident.severity],
        status=STATUSES.get(incident.state, incident.state),
        body=version.body,
        started_at=incident.detected_at,
        next_update_at=None if over else next_update_at,
        components=_components(shown, incident, over=over),
        now=now,
    )


def _components(shown: PublicPage, incident: Incident, *, over: bool) -> dict[str, str]:
    """The page's components that the incident reaches, with the state that is said of them."""
    reached = {entity.name for entity in graph().reach(incident.affected.values_list("entity", flat=True))}
    uids = Entity.objects.filter(name__in=reached, on_status_page=True).values_list("uid", flat=True)
    listed = PublicComponent.objects.filter(page=shown, uid__in=list(uids)).values_list("uid", flat=True)
    down = DOWN.get(incident.severity, "degraded_performance")
    slow = "degraded_performance"
    state = "operational" if over else down if incident.incident_type == "disruption" else slow
    return dict.fromkeys(listed, state)
