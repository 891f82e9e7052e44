"""What the record, the catalog and the settings give to a text, beside its facts."""

from collections.abc import Iterable

from antiphon.core.lint import Known
from antiphon.core.questions.situation import PEOPLE, Reached
from antiphon.core.variables import About
from antiphon.db.addresses import base_url
from antiphon.db.graph import graph
from antiphon.db.models import Entity, Incident, Organisation, Person, RoleAssignment
from antiphon.db.snapshots import incidents
from antiphon.db.transactions import remembered

SERVICES = frozenset({"service", "application", "workflow"})
PRODUCTS = frozenset({"application", "workflow"})


def load(incident: Incident, *, commander: str | None = None) -> About:
    """What texts about the incident may say of it, each audience within what it may know.

    `commander`: who commands it, when that is known already.
    """
    organisation, base = Organisation.only(), base_url()
    reached = _reached(incident)
    return About(
        number=incident.number,
        incident_type=incident.incident_type,
        severity=incident.severity,
        state=incident.state,
        detected_at=incident.detected_at,
        services=services(reached),
        products=products(reached),
        resolved_at=incident.resolved_at,
        status_page=f"{base}/status/",
        support=organisation.support,
        title=incident.title,
        link=f"{base}/incidents/{incident.number}",
        commander=commanders([incident]).get(incident.pk, "") if commander is None else commander,
        practice=incident.nature != "real",
    )


def commanders(incidents: Iterable[Incident]) -> dict[int, str]:
    """The names of those who command the incidents, by the incident's id."""
    held = RoleAssignment.objects.filter(incident__in=incidents, role="incident commander")
    return dict(held.values_list("incident_id", "person__name"))


def lint_known(incident: Incident, *, contacts: Iterable[str] = ()) -> Known:
    """What the lint must know of the incident and the organisation; `contacts` may be named in a text."""
    names = tuple(Person.objects.filter(is_active=True).values_list("name", flat=True))
    reached = _reached(incident)
    return Known(
        state=incident.state,
        zone=Organisation.only().zone,
        names=names,
        contacts=tuple(contacts),
        products=(*products(reached), *services(reached)),
    )


def known_words(incident: Incident) -> tuple[str, ...]:
    """Names of services and products, which readers know anyway."""
    reached = _reached(incident)
    return (*products(reached), *services(reached))


def services(reached: Iterable[Reached]) -> tuple[str, ...]:
    """Affected services as technical readers know them; when the failing part is none of these, its title."""
    found = [each for each in reached if each.kind not in PEOPLE]
    named = [each.shown for each in found if each.kind in SERVICES]
    return tuple(dict.fromkeys(named or [each.shown for each in found[:1]]))


def products(reached: Iterable[Reached]) -> tuple[str, ...]:
    """Affected products under the names that customers know."""
    facing = [each.name for each in reached if each.customer_facing and each.kind in SERVICES]
    if not facing:
        return ()
    titles = remembered(f"public titles of {facing}", lambda: _public_titles(facing))
    known = graph().entities
    shown = {name: known[name].shown for name in titles if name in known}
    return tuple(dict.fromkeys(titles.get(name) or shown.get(name, name) for name in facing))


def _public_titles(names: Iterable[str]) -> dict[str, str]:
    return dict(Entity.objects.filter(name__in=names).values_list("name", "public_title"))


def _reached(incident: Incident) -> tuple[Reached, ...]:
    return graph().reach(incidents.load(incident).entities)
