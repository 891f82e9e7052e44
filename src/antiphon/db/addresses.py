"""The addresses of our own pages as they stand in messages."""

import functools
import hashlib
import hmac

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes

from antiphon import config
from antiphon.db.models import Organisation

_UNSUBSCRIBE = "antiphon.unsubscribe"
_PAGE = "antiphon.status-page"
_ASK = "antiphon.approval"


def base_url() -> str:
    """Where people reach this installation, without a slash at the end.

    The organisation's own setting, else the process's, else the address where it listens.
    """
    here = config.from_environment()
    return (Organisation.only().base_url or here.base_url or here.address).rstrip("/")


def page_url(base: str, token: str) -> str:
    """Where a page is acknowledged: GET shows, POST acts."""
    return f"{base}/acknowledge/{token}"


def unsubscribe_url(base: str, contact: str) -> str:
    """Where a customer's contact (uid) stops our mails; signed, so that nobody stops another's."""
    signature = hmac.digest(_unsubscribe_key(settings.SECRET_KEY), contact.encode(), "sha256")
    return f"{base}/unsubscribe/{contact}:{signing.b64_encode(signature).decode()}"


@functools.cache
def _unsubscribe_key(secret: str | bytes) -> bytes:
    """What `Signer` derives for each signature anew: a mailing signs a hundred thousand."""
    return hashlib.sha256(f"{_UNSUBSCRIBE}signer".encode() + force_bytes(secret)).digest()


def contact_of(signed: str) -> str | None:
    """The contact (uid) that an unsubscribe link names, or None when we did not write the link."""
    try:
        return signing.Signer(salt=_UNSUBSCRIBE).unsign(signed)
    except signing.BadSignature:
        return None


def approval_url(base: str, ask: str) -> str:
    """Where one person reads and approves what they were asked about (uid); signed, so that nobody makes one."""
    return f"{base}/approve/{signing.Signer(salt=_ASK).sign(ask)}"


def ask_of(signed: str) -> str | None:
    """What an approval link asks about (uid), or None when we did not write the link."""
    try:
        return signing.Signer(salt=_ASK).unsign(signed)
    except signing.BadSignature:
        return None


def subscription_url(base: str, token: str) -> str:
    """Where a subscriber confirms, changes and ends what they hear of a status page; the token is theirs alone."""
    return f"{base}/subscription/{token}"


def page_key(uid: str, link_version: int) -> str:
    """What opens a private status page: its link carries it. Another version of the link opens it no more."""
    return signing.Signer(salt=_PAGE).signature(f"{uid}.{link_version}")


def opens_page(key: str, uid: str, link_version: int) -> bool:
    """Whether this key opens that page now."""
    return constant_time_compare(key, page_key(uid, link_version))
