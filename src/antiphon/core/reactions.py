"""What may come back from a reader of a text, which of it keeps us from writing again, and how it is counted. Pure.

A report of a mail server names why by an enhanced status code (RFC 3463): where the address itself is wrong, the first
report is enough; a full mailbox, a policy or a time-out says nothing against the address until it is said again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """bounced: the address is wrong; undelivered: given up for another reason; delayed: still tried by their server."""

    BOUNCED = "bounced"
    UNDELIVERED = "undelivered"
    DELAYED = "delayed"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"
    ACKNOWLEDGED = "acknowledged"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    REPLIED = "replied"
    AUTO_REPLIED = "auto_replied"
    WANTS_TECHNICAL = "wants_technical"
    WANTS_PLAIN = "wants_plain"


LOST: Final = frozenset({Kind.BOUNCED, Kind.UNDELIVERED})
"""The text did not arrive, though a server had taken it."""

SOFT_LIMIT: Final = 3
SOFT_WITHIN: Final = timedelta(days=30)
"""So many texts of one address given up within so long, and it is not written to again."""

_WRONG_ADDRESS: Final = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_NOBODY: Final = re.compile(
    r"user unknown|no such (?:user|mailbox|recipient)|unknown user|unrouteable address|recipient ?not ?found"
    r"|mailbox (?:not found|unavailable|does not exist)|(?:account|address)[^.\n]{0,60} does not exist",
    re.IGNORECASE,
)


def kind_of_report(action: str, status: str, diagnostic: str) -> Kind | None:
    """What a delivery report (RFC 3464) means; None when it reports a success."""
    if action == "delayed":
        return Kind.DELAYED
    if action != "failed":
        return None
    return Kind.BOUNCED if status_of(status, diagnostic) in _WRONG_ADDRESS else Kind.UNDELIVERED


def status_of(status: str, diagnostic: str) -> str:
    """The code that says most: the report's own, else the one in the other server's words; "" when there is none."""
    own = _STATUS.fullmatch(status.strip())
    if own and not own[1].endswith(".0.0"):
        return own[1]
    said = _STATUS.search(diagnostic)
    if said and not said[1].endswith(".0.0"):
        return said[1]
    if _NOBODY.search(diagnostic):
        return "5.1.1"
    return own[1] if own else ""


_IN_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("5.1.2", "there is no mail server for this address"),
    ("5.1.", "there is no such mailbox"),
    ("5.2.1", "the mailbox is switched off"),
    (".2.2", "the mailbox is full"),
    (".2.3", "the mail is larger than they take"),
    (".3.4", "the mail is larger than they take"),
    (".4.", "their mail server could not be reached"),
    (".7.", "their mail server refused it by its own rules"),
)


def in_words(status: str) -> str:
    """Why a mail did not arrive, for people: the code's meaning in RFC 3463, and the code. It names no address."""
    meaning = next((words for code, words in _IN_WORDS if code in status), "their mail server refused it")
    return f"{meaning} ({status})" if status else meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of one text, or of many: how many were to get it, and what came back. `sent` were taken by a mail
    server and not reported lost."""

    to: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    bounced: int = 0
    counts: Mapping[str, int]

    def count(self, kind: Kind) -> int:
        """How many readers this came from."""
        return self.counts.get(kind, 0)

    @property
    def answered(self) -> int:
        """Readers who said whether it was helpful."""
        return self.count(Kind.HELPFUL) + self.count(Kind.UNHELPFUL)

    @property
    def helpful_share(self) -> float | None:
        """Of those who said, the part that found it helpful, 0 to 1; None when nobody said."""
        return self.count(Kind.HELPFUL) / self.answered if self.answered else None
