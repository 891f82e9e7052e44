"""What a subscriber of a status page wants to hear of, and how often an address may be asked whether it does."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from antiphon.core.public_words import IMPACTS

ASK_AGAIN: Final = timedelta(hours=1)
"""At most one question in this time goes to an address, whoever asks for it."""
FORGET: Final = timedelta(days=7)
"""So long a question waits for its yes; then the address is forgotten."""


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
