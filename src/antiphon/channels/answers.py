"""What the answers of HTTP providers have in common: when there is none, when they are too busy, how long to wait."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from antiphon.core.sending import Retry
from antiphon.egress.failures import EgressFailure, NotTried
from antiphon.egress.http import Reply

LONGEST_WAIT: Final = timedelta(hours=1)
_AGAIN: Final = frozenset({408, 425, 429})


def none_came(failure: EgressFailure) -> Retry:
    """Another try; one that never got its turn was no attempt."""
    return Retry(str(failure), tried=not isinstance(failure, NotTried))


def busy(reply: Reply) -> bool:
    """Whether the same request may do better later."""
    return reply.status in _AGAIN or reply.status >= 500


def wait(reply: Reply, *, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110 §10.2.3), kept between nothing and an hour."""
    asked = reply.headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", asked):
        after = timedelta(seconds=float(asked))
    else:
        try:
            at = parsedate_to_datetime(asked)
        except ValueError:
            return None
        after = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(after, timedelta()), LONGEST_WAIT)


def json_of(reply: Reply) -> dict[str, Any]:
    """The answer as a JSON object; empty when it is none."""
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
