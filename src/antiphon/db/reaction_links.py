"""The links by which one recipient answers one mail: signed, so that nobody answers for another, and naming nobody.

A mail costs one HMAC. Its first half signs the link that a reader answers by; the second signs what is fetched without
their doing (opens, clicks), so that whoever sees a picture fetched cannot answer in the reader's place.
"""

import functools
import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.encoding import force_bytes

from antiphon.core.sending import CLICKED, OPENED
from antiphon.db.models import Organisation

_PURPOSE: Final = b"antiphon.reaction"
_HALF: Final = 16


@dataclass(frozen=True, slots=True)
class Measured:
    """What the organisation counts without a reader's doing: nothing, unless somebody turned it on."""

    opens: bool = False
    clicks: bool = False


NOTHING_MEASURED: Final = Measured()


def measured() -> Measured:
    """What is counted now. One statement."""
    chosen = Organisation.only().settings.get("measure", {})
    return Measured(opens=chosen.get("opens") is True, clicks=chosen.get("clicks") is True)


def slots(base: str, delivery: str, counted: Measured = NOTHING_MEASURED) -> dict[str, str]:
    """The recipient slots of a delivery (uid): where its reader answers, and what tells of opens and clicks.

    `base`: our own base URL.
    """
    answers, measures = _signed(delivery)
    found = {"reaction_url": f"{base}/heard/{delivery}.{answers}"}
    if counted.opens:
        found[OPENED] = f"{base}/opened/{delivery}.{measures}.gif"
    if counted.clicks:
        found[CLICKED] = f"{base}/followed/{delivery}.{measures}?to="
    return found


def answered_by(token: str) -> str | None:
    """The delivery (uid) of a reader's own link, or None when we did not write it."""
    return _checked(token, 0)


def measured_by(token: str) -> str | None:
    """The delivery (uid) of a picture or a counted link, or None when we did not write it."""
    return _checked(token, 1)


def _checked(token: str, half: int) -> str | None:
    uid, _, signature = token.partition(".")
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    fits = (hmac.compare_digest(_signed(uid, secret)[half].encode(), signature.encode()) for secret in known)
    return uid if any(fits) else None


def _signed(delivery: str, secret: str | bytes | None = None) -> tuple[str, str]:
    key = _key(force_bytes(settings.SECRET_KEY if secret is None else secret))
    digest = hmac.digest(key, delivery.encode(), "sha256")
    return _text(digest[:_HALF]), _text(digest[_HALF:])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@functools.cache
def _key(secret: bytes) -> bytes:
    return hashlib.sha256(_PURPOSE + b"\0" + secret).digest()
