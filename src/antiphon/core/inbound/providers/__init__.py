"""Bounces and complaints as large mail providers tell of them: JSON, posted to an address of ours. Pure.

A file for each provider says which JSON is its own and what it means, in the shape of a mail that came back. Only the
fields that are named there are looked at. Who vouches for it is another matter: `signing`.
"""

from typing import Any, Final

import msgspec

from antiphon.core.inbound.providers import mailgun, postmark, sendgrid, ses
from antiphon.core.inbound.providers.event import Confirmation
from antiphon.core.inbound.reading import Received, Unreadable

__all__ = ["LARGEST", "Confirmation", "Posted", "is_json", "read"]
LARGEST: Final = 5_000_000
"""Bytes of one post; the largest that a provider sends are about one million."""
MOST: Final = 5_000
_PROVIDERS: Final = (ses, postmark, mailgun, sendgrid)


class Posted(msgspec.Struct, frozen=True):
    """One post: the provider's name, its JSON as it is, and what happened to mails of ours."""

    provider: str
    said: Any
    events: tuple[Received | Confirmation, ...]


def is_json(data: bytes) -> bool:
    """Whether this is a provider's JSON and no mail: a mail begins with the name of a header."""
    return data[:1_000].lstrip()[:1] in (b"{", b"[")


def read(data: bytes) -> Posted:
    """What a provider posted. Raises Unreadable for what is too large, no JSON, or of no provider that is known."""
    if len(data) > LARGEST:
        raise Unreadable(f"It has {len(data):,} bytes, more than the {LARGEST:,} of a provider's JSON that are taken.")
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Unreadable("It is not JSON that can be read.") from error
    for provider in _PROVIDERS:
        if provider.fits(said):
            try:
                return Posted(provider.NAME, said, tuple(provider.read(said))[:MOST])
            except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
                raise Unreadable(f"It looks like {provider.NAME}, and does not have its form.") from error
    names = ", ".join(provider.NAME for provider in _PROVIDERS)
    raise Unreadable(f"It is the JSON of no provider that is known here; known are {names}.")
