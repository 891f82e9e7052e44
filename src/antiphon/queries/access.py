"""Who a token or an e-mail address stands for."""

from datetime import datetime

from antiphon.core.decision import Actor
from antiphon.core.observations import key_hash
from antiphon.db.models import ApiToken, Person


def token_actor(token: str, *, now: datetime) -> Actor | None:
    """The service account whose token this is; None when it is unknown, expired or revoked. Writes nothing."""
    if not token.isascii():
        return None
    row = ApiToken.objects.filter(hash=key_hash(token), revoked_at=None).first()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Actor(kind="token", uid=row.uid, role=row.role)


def find_person(email: str) -> Person | None:
    """The active person with this e-mail, whatever its case, as the row that actions take."""
    return Person.objects.filter(email__iexact=email.strip(), is_active=True).first()
