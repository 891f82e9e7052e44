"""Secrets at rest: JSON encrypted under a key that is derived from the installation's own secret."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

_PURPOSE = b"antiphon secrets at rest, version 1"


class WrongKey(Exception):
    """What was encrypted does not open with the installation's secret."""


def encrypt(values: Mapping[str, Any]) -> str:
    """The values as text that only this installation's secret opens; empty when there are none."""
    return _fernet().encrypt(msgspec.json.encode(dict(values))).decode() if values else ""


def decrypt(text: str) -> dict[str, Any]:
    """What `encrypt` was given. Raises `WrongKey` when the installation's secret is another one by now."""
    if not text:
        return {}
    try:
        opened = _fernet().decrypt(text.encode())
    except InvalidToken:
        raise WrongKey(
            "The stored secrets were encrypted under another key: put the former secret.key back, "
            "or enter the secrets again."
        ) from None
    return msgspec.json.decode(opened, type=dict[str, Any])


def _fernet() -> MultiFernet:
    """Encrypts under the present secret, opens under former ones too (Django's SECRET_KEY_FALLBACKS)."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(force_bytes(secret))) for secret in known])


def _key(secret: bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    return base64.urlsafe_b64encode(derived)
