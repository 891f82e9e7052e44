"""A channel's settings as plain values: what may be read stands open in its row, secrets stand encrypted.

Which names are secret the channel itself declares (`channels.settings.options`); this room knows no channel.
"""

from collections.abc import Mapping, Set
from typing import Any

from antiphon.db import secrets
from antiphon.db.models import ChannelSettings


def load(channel: str) -> dict[str, Any] | None:
    """All values, secrets included, or None when the channel was never set up. Raises `secrets.WrongKey`."""
    row = ChannelSettings.objects.filter(channel=channel).first()
    return None if row is None else {**row.values, **secrets.decrypt(row.secrets)}


def save(channel: str, values: Mapping[str, Any], *, secret_names: Set[str]) -> None:
    """Keep these values in place of the former ones, those of `secret_names` encrypted; call in a transaction."""
    hidden = {name: value for name, value in values.items() if name in secret_names}
    shown = {name: value for name, value in values.items() if name not in secret_names}
    ChannelSettings.objects.update_or_create(
        channel=channel, defaults={"values": shown, "secrets": secrets.encrypt(hidden)}
    )
