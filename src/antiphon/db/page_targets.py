"""Page targets as plain values: what may be read stands open in the row, the key of a store stands encrypted."""

from typing import Final

import msgspec

from antiphon.core.page_targets import Bucket, Command, Folder, Target
from antiphon.db import secrets
from antiphon.db.models import PageTarget

KINDS: Final[dict[str, type[Folder] | type[Bucket] | type[Command]]] = {
    "folder": Folder,
    "s3": Bucket,
    "command": Command,
}
SECRET: Final = "secret_key"  # noqa: S105 – the name of a field


def load(row: PageTarget) -> Target:
    """What the row describes, secret included. Raises `secrets.WrongKey`."""
    return msgspec.convert({**row.values, **secrets.decrypt(row.secrets)}, KINDS[row.kind])


def fill(row: PageTarget, target: Target) -> None:
    """Put the target's values into the row; another place holds nothing of ours yet."""
    values = msgspec.to_builtins(target)
    hidden = {SECRET: values.pop(SECRET)} if SECRET in values else {}
    kind = next(name for name, each in KINDS.items() if isinstance(target, each))
    if (row.kind, row.values) != (kind, values):
        row.shown, row.shown_as_of, row.shown_revision = {}, None, None
    row.kind, row.values, row.secrets = kind, values, secrets.encrypt(hidden)
    row.next_real, row.failures = None, 0
