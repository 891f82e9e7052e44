"""The addresses of our own pages as they stand in messages."""

from django.core import signing

from antiphon import config
from antiphon.db.models import Organisation

_UNSUBSCRIBE = "antiphon.unsubscribe"


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
    return f"{base}/unsubscribe/{signing.Signer(salt=_UNSUBSCRIBE).sign(contact)}"


def contact_of(signed: str) -> str | None:
    """The contact (uid) that an unsubscribe link names, or None when we did not write the link."""
    try:
        return signing.Signer(salt=_UNSUBSCRIBE).unsign(signed)
    except signing.BadSignature:
        return None
