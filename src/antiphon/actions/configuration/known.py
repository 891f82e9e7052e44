"""What the installation has already, as far as a configuration file may lean on it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from antiphon.channels import settings
from antiphon.channels.channel import Channel, registry
from antiphon.core.configuration import Known
from antiphon.db import channel_settings
from antiphon.db.models import Contract, Entity, Link, Organisation, Person, Policy, Rota
from antiphon.db.secrets import WrongKey
from antiphon.egress.guard import url_problem


def load(environ: Mapping[str, str]) -> Known:
    """Names and roles as stored, and what each channel says of addresses and settings."""
    channels = registry()
    return Known(
        people={email.lower(): role for email, role in Person.objects.values_list("email", "role")},
        admins=frozenset(
            email.lower()
            for email in Person.objects.filter(role="admin", is_active=True).values_list("email", flat=True)
        ),
        rotas=frozenset(Rota.objects.values_list("name", flat=True)),
        policies=frozenset(Policy.objects.values_list("name", flat=True)),
        entities=dict(Entity.objects.values_list("name", "kind")),
        contracts=dict(Contract.objects.values_list("name", "customer__name")),
        needs=needs,
        zone=Organisation.only().zone,
        environ=environ,
        addresses={name: _of_people(channel) for name, channel in channels.items()},
        settings={name: _checker(name, channel.settings) for name, channel in channels.items()},
        url_problem=url_problem,
    )


def needs(name: str) -> frozenset[str]:
    """What the catalog says already that this entity depends on."""
    links = Link.objects.filter(source__name=name, kind="depends_on")
    return frozenset(links.values_list("target__name", flat=True))


def stored(channel: str) -> dict[str, Any]:
    """A channel's settings as they are; nothing where they were never set or cannot be opened any more."""
    try:
        return channel_settings.load(channel) or {}
    except WrongKey:
        return {}


def _of_people(channel: Channel) -> Callable[[str], str | None]:
    """What is wrong with an address as a person's way to be reached."""
    if channel.public:
        return lambda address: f"Nobody is reached by {channel.label}: everybody reads it."
    return channel.check_address


def _checker(channel: str, declared: type) -> Callable[[Mapping[str, object]], Iterator[tuple[str, str]]]:
    def check(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        found = settings.read(declared, {**stored(channel), **values})
        if isinstance(found, list):
            yield from ((problem.field, problem.sentence) for problem in found)

    return check
