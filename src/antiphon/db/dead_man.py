"""The address outside that is called while the audits pass. Whoever knows it could feign our life: it is a secret."""

from typing import Final

from antiphon.db import secrets
from antiphon.db.models import Organisation

_KEY: Final = "dead_man"


def url() -> str:
    """The address, "" when none is set. Raises `secrets.WrongKey`."""
    return str(secrets.decrypt(str(Organisation.only().settings.get(_KEY, ""))).get("url", ""))


def keep(address: str) -> None:
    """Set it, or with "" take it away; call inside a write transaction."""
    organisation, _ = Organisation.objects.get_or_create(id=1)
    organisation.settings[_KEY] = secrets.encrypt({"url": address} if address else {})
    organisation.save(update_fields=["settings"])


def is_set() -> bool:
    """Whether there is one."""
    return bool(Organisation.only().settings.get(_KEY))
