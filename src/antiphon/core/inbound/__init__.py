"""A mail that came in: what it is, which of ours it belongs to, and what it says. Pure, and safe with any bytes.

Reports of mail servers (RFC 3464), complaints (RFC 5965) and automatic answers (RFC 3834) are told from what people
write. The old parsing policy of the library is used on purpose: the newer one reads every header by a grammar, in a
time that grows with the square of what a stranger sends.
"""

from antiphon.core.inbound.reading import LARGEST, Failure, Nature, Received, Unreadable, digest_of, read
from antiphon.core.inbound.words import split_quoted

__all__ = ["LARGEST", "Failure", "Nature", "Received", "Unreadable", "digest_of", "read", "split_quoted"]
