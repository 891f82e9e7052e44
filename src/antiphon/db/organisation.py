"""One setting of the organisation, kept beside the others."""

from typing import Any

import msgspec

from antiphon.db.models import Organisation
from antiphon.db.transactions import remember


def keep(name: str, value: Any) -> None:
    """Let this hold under the name from now on; call inside a write transaction."""
    organisation, _ = Organisation.objects.select_for_update().get_or_create(id=1)
    organisation.settings = {**organisation.settings, name: msgspec.to_builtins(value)}
    organisation.save(update_fields=["settings"])
    remember("organisation", organisation)
