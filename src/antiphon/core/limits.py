"""How many messages are let through: the limit per person, and the breaker's. Pure.

Who counts, and what becomes of the rest, is `delivery`'s (RELIABILITY I13, I23).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from antiphon.core.decision import Refusal

USUAL: Final = 30
AT_MOST: Final = 100_000
"""What no limit may be above."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages are let through.

    per_person  channel → messages to one of our people in 15 minutes; channels not named: 30
    recipient   messages to one address in 5 minutes, whoever it is
    instance    pages to all people together in 5 minutes
    """

    per_person: dict[str, int] = field(default_factory=lambda: {"sms": 5, "voice": 5, "mail": USUAL, "webhook": 600})
    recipient: int = 300
    instance: int = 500

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Limits":
        """The limits that the organisation's settings name under `limits`, the usual ones for the rest.

        What cannot be read counts as not named: no slip of a setting may stop the paging.
        """
        try:
            given = msgspec.convert(settings.get("limits", {}), cls)
        except msgspec.ValidationError:
            return cls()
        return replace(given, per_person={**cls().per_person, **given.per_person})

    def for_person(self, channel: str) -> int:
        """Messages to one person by this channel in 15 minutes."""
        return self.per_person.get(channel, USUAL)


def check(limits: Limits) -> Refusal | None:
    """Why these limits cannot hold: one of 0 would stop the paging."""
    each = {"per_person": limits.per_person.values(), "recipient": (limits.recipient,), "instance": (limits.instance,)}
    for name, numbers in each.items():
        if not all(1 <= number <= AT_MOST for number in numbers):
            return Refusal(f"Let at least 1 message through, and at most {AT_MOST:,}.", name)
    return None
