"""Addresses that are never written to again, known only by a keyed hash, so that erasing somebody holds for ever.

The key is the installation's secret: a list that leaks names nobody.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.crypto import salted_hmac

from antiphon.db.models import Suppression

_SALT = "antiphon.suppression"


def hash_of(address: str) -> str:
    """The keyed hash of an address, whatever its case."""
    return salted_hmac(_SALT, address.strip().lower(), algorithm="sha256").hexdigest()


def suppressed(addresses: Iterable[str]) -> dict[str, datetime]:
    """Those of the addresses that may not be written to, each with the last instant at which that was said."""
    hashes = {address: hash_of(address) for address in addresses}
    found = dict(Suppression.objects.filter(hash__in=set(hashes.values())).values_list("hash", "at"))
    return {address: found[hashed] for address, hashed in hashes.items() if hashed in found}


def suppress(address: str, *, reason: str, now: datetime) -> None:
    """Never write to the address again; call inside a transaction."""
    said = {"reason": reason[:200], "at": now}
    Suppression.objects.update_or_create(hash=hash_of(address), defaults=said)
