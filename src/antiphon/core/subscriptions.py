"""What a subscriber of a status page wants to hear of, and how often an address may be asked whether it does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from antiphon.core.public_words import IMPACTS

WAYS: Final = ("mail", "sms", "chat", "webhook")
"""How a reader can be told, in the order in which a page offers it."""
ASK_AGAIN: Final = timedelta(hours=1)
"""At most one question in this time goes to an address, whoever asks for it."""
FORGET: Final = timedelta(days=7)
"""So long a question waits for its yes; then the address is forgotten."""
MOST_TRIES: Final = 5
"""Wrong codes for one question; a million codes are possible."""
MOST_ASKED: Final[Mapping[str, int]] = {"sms": 60, "chat": 120, "webhook": 120}
"""New addresses that may be asked in `ASK_AGAIN` by one way, whoever enters them: an SMS costs money."""
MOST_AT_ONE_HOST: Final = 10
"""Of these, at one host that is no provider's, so that a form here cannot be turned against a server elsewhere."""


def too_many(way: str, *, asked: int, at_host: int) -> str | None:
    """Why nobody else is asked by this way now, as a sentence. `asked`: in the last hour by this way and unanswered;
    `at_host`: those of them at the same host."""
    if asked >= MOST_ASKED.get(way, asked + 1):
        return "Many asked for this in the last hour. Try again in an hour, or choose another way."
    if at_host >= MOST_AT_ONE_HOST:
        return "Many addresses at this host were entered in the last hour. Confirm those first, or wait for an hour."
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """`components`: uids of a page's components, empty for all; `impact`: the mildest of IMPACTS to hear of."""

    components: frozenset[str] = frozenset()
    impact: str = "none"

    def met_by(self, components: Collection[str], impact: str) -> bool:
        """Whether a publication of this impact about these components (uids) is wanted."""
        if IMPACTS.index(impact) < IMPACTS.index(self.impact):
            return False
        return not self.components or not self.components.isdisjoint(components)
