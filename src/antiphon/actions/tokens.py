"""API tokens: service accounts that act in nobody's name and never approve."""

import secrets
from datetime import datetime, timedelta

from antiphon.core.access import ROLES
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.observations import key_hash
from antiphon.db import record
from antiphon.db.models import ApiToken
from antiphon.db.transactions import write

PREFIX = "antiphon_"
"""Tokens begin so that scanners for leaked secrets can know one."""


def add(*, name: str, role: str, actor: Actor, now: datetime, lasts: timedelta | None = None) -> str | Refusal:
    """A new token, shown this once; the database keeps its SHA-256 (`core.observations.key_hash`)."""
    name = name.strip()
    if not name or len(name) > 120:
        return Refusal("Name the token in 1 to 120 characters, for what will use it.", "name")
    if role not in ROLES:
        return Refusal(f"{role!r} is no role; choose {', '.join(ROLES)}.", "role")
    if lasts is not None and lasts <= timedelta(0):
        return Refusal("A token has to last at least a day.", "expires")
    token = PREFIX + secrets.token_urlsafe(32)
    with write():
        head = record.lock(record.ACCESS)
        if ApiToken.objects.filter(name=name, revoked_at=None).exists():
            return Refusal(f"There is a token named {name!r} already: choose another name, or revoke that one.", "name")
        row = ApiToken.objects.create(
            name=name, role=role, hash=key_hash(token), created_at=now, expires_at=now + lasts if lasts else None
        )
        said = f"Token {row.uid} ({name}) added with role {role}"
        record.append(head, [AccessChanged(what=said)], actor=actor, now=now)
    return token


def revoke(*, name: str, actor: Actor, now: datetime) -> Refusal | None:
    """The token, named by its name or id, opens nothing any more."""
    with write():
        head = record.lock(record.ACCESS)
        in_use = ApiToken.objects.filter(revoked_at=None)
        row = in_use.filter(name=name).first() or in_use.filter(uid=name).first()
        if row is None:
            return Refusal(f"There is no token in use named {name!r}; `antiphon token list` shows them.", "name")
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record.append(head, [AccessChanged(what=f"Token {row.uid} ({row.name}) revoked")], actor=actor, now=now)
    return None
