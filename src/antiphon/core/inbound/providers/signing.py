"""Who vouches for a provider's JSON, beside the key in the address: Mailgun and SendGrid sign what they post.

Amazon SES and Postmark are known by that key alone. Nothing is made of how old a signature is: what is posted twice
changes nothing.
"""

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from antiphon.core.decision import Refusal
from antiphon.core.inbound.providers import Posted, mailgun, sendgrid

SIGNATURE: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What providers' signatures are checked with, "" where none is set: Mailgun's HTTP webhook signing key, and the
    public key that SendGrid shows beside its signed event webhook."""

    mailgun_signing_key: str = ""
    sendgrid_public_key: str = ""


def check(keys: Keys) -> Refusal | None:
    """Why these keys cannot be used."""
    if len(keys.mailgun_signing_key) > LONGEST or not keys.mailgun_signing_key.isascii():
        return Refusal("Copy the HTTP webhook signing key as Mailgun shows it.", "mailgun_signing_key")
    if keys.sendgrid_public_key and _public_key(keys.sendgrid_public_key) is None:
        return Refusal("Copy the verification key as SendGrid shows it: it begins with MFkw.", "sendgrid_public_key")
    return None


def vouched(posted: Posted, data: bytes, headers: Mapping[str, str], keys: Keys) -> Refusal | None:
    """Why the post is not taken. Once a signing key is set, nothing is taken but what is signed with one."""
    if keys == Keys():
        return None
    if posted.provider == mailgun.NAME and keys.mailgun_signing_key:
        signed = _by_mailgun(posted.said.get("signature"), keys.mailgun_signing_key)
    elif posted.provider == sendgrid.NAME and keys.sendgrid_public_key:
        signed = _by_sendgrid(data, headers, keys.sendgrid_public_key)
    else:
        return Refusal(f"Only what is signed is taken here, and {posted.provider} is not set up to sign.", "signature")
    return (
        None if signed else Refusal("The signature is missing or does not fit the key that is set here.", "signature")
    )


def _by_mailgun(said: Any, key: str) -> bool:
    """HMAC-SHA256 over timestamp and token, which do not cover the event itself: the address's key stands for that."""
    if not isinstance(said, Mapping):
        return False
    timestamp, token, signature = (str(said.get(name, ""))[:200] for name in ("timestamp", "token", "signature"))
    wanted = hmac.new(key.encode(), f"{timestamp}{token}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return bool(timestamp and token) and hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))


def _by_sendgrid(data: bytes, headers: Mapping[str, str], key: str) -> bool:
    """ECDSA over the header's timestamp and the body, byte for byte."""
    public, timestamp = _public_key(key), headers.get(TIMESTAMP, "")
    if public is None or not timestamp:
        return False
    try:
        public.verify(b64decode(headers.get(SIGNATURE, ""), validate=True), timestamp.encode() + data, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(text: str) -> EllipticCurvePublicKey | None:
    bare = re.sub(r"-----[A-Z ]{1,30}-----|\s", "", text[:LONGEST])
    try:
        found = load_der_public_key(b64decode(bare, validate=True))
    except (UnsupportedAlgorithm, ValueError):
        return None
    return found if isinstance(found, EllipticCurvePublicKey) else None
