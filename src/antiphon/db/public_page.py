"""From an incident's publication to the public tables: what each page says of it now."""

from collections.abc import Collection
from datetime import datetime

from antiphon.core.audiences import Audience, Version
from antiphon.core.public_words import OPERATIONAL
from antiphon.db import public
from antiphon.db.models import Entity, Incident, Link, Organisation
from antiphon.db.public import SLUG as SLUG
from antiphon.db.public import PublicComponent, PublicPage, PublicUpdate
from antiphon.db.snapshots import affected

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
    return public.open_page(slug=SLUG, name=f"{organisation.name} status", url="", zone=organisation.zone, now=now)


def publish(
    incident: Incident,
    version: Version,
    next_update_at: datetime | None,
    *,
    own: Collection[str] = (),
    now: datetime,
) -> list[PublicUpdate]:
    """Put an approved version on every page of its audience; a drill or test never gets there.

    A page shows it in its own language where it was written in it, else as it is. A version for one customer or segment
    goes to that reader's pages alone; `own`: the uids of all that have one
    in this update, whose pages do not take the audience's. Answers what stands where since."""
    if incident.nature != "real":
        return []
    if version.audience is Audience.PUBLIC:
        page(now=now)
    pages = _pages_of(version, own)
    if not pages:
        return []
    reached = {entity.name for entity in affected.reached(incident)}
    found = []
    for shown in pages:
        said = _publish(shown, incident, version, next_update_at, reached, now=now)
        also = _of_merged(shown, incident, version, next_update_at, now=now)
        found += [said] if said else also[:1]  # once to each subscriber of the page
    return found


def _pages_of(version: Version, own: Collection[str]) -> list[PublicPage]:
    """The pages that take this version; a customer's page takes its own, else that of a segment it belongs to."""
    pages = PublicPage.objects.filter(audience=version.audience)
    if not own:
        return list(pages)
    named = dict(Entity.objects.filter(uid__in=own).values_list("uid", "name"))
    links = Link.objects.filter(kind="part_of", target__uid__in=list(own)).order_by("-target__name")
    part_of = dict(links.values_list("source__name", "target__uid")) | {name: uid for uid, name in named.items()}
    return [page for page in pages if part_of.get(page.reader, "") == version.part]


def _publish(
    shown: PublicPage,
    incident: Incident,
    version: Version,
    next_update_at: datetime | None,
    reached: Collection[str],
    *,
    now: datetime,
) -> PublicUpdate | None:
    over = incident.state in OVER
    components = _components(shown, incident, reached, over=over)
    if not _concerns(shown, incident, reached, components):
        return None
    words = version.translations.get(shown.language, version)
    return public.publish(
        shown,
        incident_uid=incident.uid,
        number=incident.number,
        title=words.subject,
        impact=IMPACTS[incident.severity],
        status=STATUSES.get(incident.state, incident.state),
        body=words.body,
        started_at=incident.detected_at,
        next_update_at=None if over else next_update_at,
        components=components,
        now=now,
    )


def _of_merged(
    shown: PublicPage, incident: Incident, version: Version, next_update_at: datetime | None, *, now: datetime
) -> list[PublicUpdate]:
    """The same words under what the page shows of incidents that were merged into this one, until it is over: who reads
    of those hears the end as well (RELIABILITY I29)."""
    merged = list(incident.merged.values_list("uid", flat=True))
    entries = shown.incidents.filter(uid__in=merged, resolved_at=None) if merged else ()
    over, words = incident.state in OVER, version.translations.get(shown.language, version)
    return [
        public.publish(
            shown,
            incident_uid=entry.uid,
            number=entry.incident_number,
            title=words.subject,
            impact=entry.impact,
            status=STATUSES.get(incident.state, incident.state),
            body=words.body,
            started_at=entry.started_at,
            next_update_at=None if over else next_update_at,
            components=dict.fromkeys(public.not_well(shown, entry.uid), OPERATIONAL) if over else {},
            now=now,
        )
        for entry in entries
    ]


def _concerns(shown: PublicPage, incident: Incident, reached: Collection[str], components: Collection[str]) -> bool:
    """The installation's own page shows all; another what hits its reader or, without one, a component it lists.

    What a page has once told of an incident it tells to the end (RELIABILITY I29).
    """
    if shown.slug == SLUG or shown.incidents.filter(uid=incident.uid).exists():
        return True
    if not shown.reader:
        return bool(components)
    return hits_reader(shown.reader, reached)


def hits_reader(reader: str, reached: Collection[str]) -> bool:
    """Whether what reaches these entities hits a customer, or a customer of a segment; all by name."""
    members = Link.objects.filter(kind="part_of", target__name=reader).values_list("source__name", flat=True)
    return reader in reached or not set(reached).isdisjoint(members)


def _components(shown: PublicPage, incident: Incident, reached: Collection[str], *, over: bool) -> dict[str, str]:
    """The page's components that the incident reaches, with the state that is said of them."""
    uids = Entity.objects.filter(name__in=reached).values_list("uid", flat=True)
    listed = PublicComponent.objects.filter(page=shown, uid__in=list(uids)).values_list("uid", flat=True)
    down = DOWN.get(incident.severity, "degraded_performance")
    slow = "degraded_performance"
    state = OPERATIONAL if over else down if incident.incident_type == "disruption" else slow
    # What it said was down and reaches no longer is well again: nobody else would ever say so (RELIABILITY I29).
    return dict.fromkeys(public.not_well(shown, incident.uid), OPERATIONAL) | dict.fromkeys(listed, state)
