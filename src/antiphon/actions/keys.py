"""Keys of integrations: what lets a sender of alerts in."""

import secrets
import string
from datetime import datetime

from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.observations import key_hash
from antiphon.db import record
from antiphon.db.models import Integration
from antiphon.db.transactions import write

KEY_LETTERS = string.ascii_lowercase + string.digits
KEY_LENGTH = 32
HINT_LENGTH = 4


def add(*, name: str, kind: str, actor: Actor, now: datetime) -> str | Refusal:
    """A new key, shown this once, for the integration of this name.

    A new integration is made; one whose key was revoked goes on with the new key and its old alerts.
    """
    name = name.strip()
    if not name or len(name) > 120:
        return Refusal("Name the sender in 1 to 120 characters, for example prometheus-eu.", "name")
    if kind not in Integration.Kind.values:
        return Refusal(f"{kind!r} is no kind of sender; choose {', '.join(Integration.Kind.values)}.", "kind")
    key = "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
    with write():
        head = record.lock(record.ACCESS)
        row = Integration.objects.filter(name=name).first()
        if row is not None and (row.enabled or row.kind != kind):
            return Refusal(_taken(row), "name")
        row = row or Integration(name=name, kind=kind, created_at=now)
        row.key_hash, row.key_hint, row.enabled = key_hash(key), key[-HINT_LENGTH:], True
        row.save()
        record.append(
            head, [AccessChanged(what=f"Key …{row.key_hint} added for {name} ({kind})")], actor=actor, now=now
        )
    return key


def revoke(*, name: str, actor: Actor, now: datetime) -> Refusal | None:
    """The integration's key opens nothing any more; a web process forgets it within 5 s."""
    with write():
        head = record.lock(record.ACCESS)
        row = Integration.objects.filter(name=name, enabled=True).first()
        if row is None:
            return Refusal(f"There is no key in use that is named {name!r}; `antiphon key list` shows them.", "name")
        row.enabled = False
        row.save(update_fields=["enabled"])
        record.append(head, [AccessChanged(what=f"Key …{row.key_hint} of {name} revoked")], actor=actor, now=now)
    return None


def _taken(row: Integration) -> str:
    if row.enabled:
        return f"There is a key named {row.name!r} already: choose another name, or revoke that one first."
    return f"{row.name!r} was a key of kind {row.kind}: choose another name for a new kind."
