"""Addresses that are never written to again, known only by a keyed hash, so that erasing somebody holds for ever.

The key is the installation's secret: a list that leaks names nobody.
"""

import functools
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.encoding import force_bytes

from antiphon.db.among import among
from antiphon.db.models import Suppression

_SALT = "antiphon.suppression"
ASKED: Final = "asked"
BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"


def hash_of(address: str) -> str:
    """The keyed hash of an address, whatever its case."""
    return hmac.digest(_key(settings.SECRET_KEY), address.strip().lower().encode(), "sha256").hex()


@functools.cache
def _key(secret: str | bytes) -> bytes:
    return hashlib.sha256(_SALT.encode() + force_bytes(secret)).digest()


def suppressed(addresses: Iterable[str]) -> dict[str, datetime]:
    """Those of the addresses that may not be written to, each with the last instant at which that was said."""
    if not Suppression.objects.exists():
        return {}
    hashes = {address: hash_of(address) for address in addresses}
    found = dict(Suppression.objects.filter(among("hash", set(hashes.values()))).values_list("hash", "at"))
    return {address: found[hashed] for address, hashed in hashes.items() if hashed in found}


def suppress(address: str, *, reason: str, now: datetime, kind: str = ASKED, recipient: str = "") -> None:
    """Never write to the address again; call inside a transaction.

    `kind`: ASKED when its owner said so, which a bounce or a complaint that comes later does not change. `recipient`:
    whose delivery it came of.
    """
    hashed, said = hash_of(address), {"reason": reason[:200], "at": now, "kind": kind, "recipient": recipient}
    if kind != ASKED and Suppression.objects.filter(hash=hashed, kind=ASKED).exists():
        return
    Suppression.objects.update_or_create(hash=hashed, defaults=said)
