"""What the record, the catalog and the settings give to a text, beside its facts."""

from collections.abc import Iterable, Mapping, Sequence

from antiphon.core.lint import Known
from antiphon.core.questions.situation import PEOPLE, Reached
from antiphon.core.variables import About
from antiphon.db.addresses import base_url
from antiphon.db.graph import graph
from antiphon.db.models import Entity, Incident, Organisation, Person, RoleAssignment
from antiphon.db.snapshots import affected

SERVICES = frozenset({"service", "application", "workflow"})
PRODUCTS = frozenset({"application", "workflow"})


def load(incident: Incident) -> About:
    """What texts about the incident may say of it, each audience within what it may know."""
    return load_all([incident])[incident.pk]


def load_all(rows: Sequence[Incident]) -> dict[int, About]:
    """What texts may say of each of the incidents, by its id; in a few statements for all of them."""
    roles = RoleAssignment.objects.filter(incident__in=rows, role="incident commander")
    commanders = dict(roles.values_list("incident_id", "person__name"))
    return _of_all(rows, affected.reached_by_all(rows), commanders)


def of_begun(rows: Sequence[tuple[Incident, Iterable[str]]]) -> dict[int, About]:
    """The same of incidents just declared, each with what it hits: nobody has said or done more yet."""
    reached = {incident.pk: graph().reach(names) for incident, names in rows}
    return _of_all([incident for incident, _ in rows], reached, {})


def _of_all(
    rows: Iterable[Incident], reached: Mapping[int, tuple[Reached, ...]], commanders: Mapping[int, str]
) -> dict[int, About]:
    titles, base = _public_titles(name for each in reached.values() for name in _facing(each)), base_url()
    return {
        incident.pk: _about(
            incident, reached[incident.pk], base=base, titles=titles, commander=commanders.get(incident.pk, "")
        )
        for incident in rows
    }


def _about(
    incident: Incident, reached: tuple[Reached, ...], *, base: str, titles: Mapping[str, str], commander: str
) -> About:
    organisation = Organisation.only()
    return About(
        number=incident.number,
        incident_type=incident.incident_type,
        severity=incident.severity,
        state=incident.state,
        detected_at=incident.detected_at,
        services=services(reached),
        products=_products(reached, titles),
        resolved_at=incident.resolved_at,
        status_page=f"{base}/status/",
        support=organisation.support,
        title=incident.title,
        link=f"{base}/incidents/{incident.number}",
        commander=commander,
        practice=incident.nature != "real",
    )


def lint_known(incident: Incident, *, contacts: Iterable[str] = ()) -> Known:
    """What the lint must know of the incident and the organisation; `contacts` may be named in a text."""
    names = tuple(Person.objects.filter(is_active=True).values_list("name", flat=True))
    reached = affected.reached(incident)
    return Known(
        state=incident.state,
        zone=Organisation.only().zone,
        names=names,
        contacts=tuple(contacts),
        products=(*products(reached), *services(reached)),
    )


def known_words(incident: Incident) -> tuple[str, ...]:
    """Names of services and products, which readers know anyway."""
    reached = affected.reached(incident)
    return (*products(reached), *services(reached))


def services(reached: Iterable[Reached]) -> tuple[str, ...]:
    """Affected services as technical readers know them; when the failing part is none of these, its title."""
    found = [each for each in reached if each.kind not in PEOPLE]
    named = [each.shown for each in found if each.kind in SERVICES]
    return tuple(dict.fromkeys(named or [each.shown for each in found[:1]]))


def products(reached: Iterable[Reached]) -> tuple[str, ...]:
    """Affected products under the names that customers know."""
    found = tuple(reached)
    return _products(found, _public_titles(_facing(found)))


def _products(reached: Iterable[Reached], titles: Mapping[str, str]) -> tuple[str, ...]:
    shown = {each.name: each.shown for each in reached}
    return tuple(dict.fromkeys(titles.get(name) or shown[name] for name in _facing(reached)))


def _facing(reached: Iterable[Reached]) -> list[str]:
    return [each.name for each in reached if each.customer_facing and each.kind in SERVICES]


def _public_titles(names: Iterable[str]) -> dict[str, str]:
    wanted = sorted(set(names))
    return dict(Entity.objects.filter(name__in=wanted).values_list("name", "public_title")) if wanted else {}
