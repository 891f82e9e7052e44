"""With what mail providers sign their webhooks. Kept encrypted: Mailgun's is a secret."""

from dataclasses import asdict
from typing import Final

from antiphon.core.inbound.providers.signing import Keys
from antiphon.db import organisation, secrets
from antiphon.db.models import Organisation

_SETTING: Final = "provider_keys"


def load() -> Keys:
    """The keys. Raises `secrets.WrongKey`."""
    return Keys(**secrets.decrypt(str(Organisation.only().settings.get(_SETTING, ""))))


def keep(keys: Keys) -> None:
    """Let these hold; call inside a write transaction."""
    given = {name: key for name, key in asdict(keys).items() if key}
    organisation.keep(_SETTING, secrets.encrypt(given))


def are_set() -> bool:
    """Whether there is any, even one that does not open."""
    return bool(Organisation.only().settings.get(_SETTING))
