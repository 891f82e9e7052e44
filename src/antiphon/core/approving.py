"""Who must approve a text before it leaves: the organisation's settings.

Every text for people outside needs the yes of a technical person (DOMAIN §5). Up to a severity the writer's own does
not count. The organisation may name people whose yes some texts need beside it, such as those of legal matters.
"""

from dataclasses import dataclass
from typing import Final

from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.decision import Refusal

LEAST, MOST = 1, 5
LONGEST_NAME: Final = 40
SMALLEST_SHARE, LARGEST_SHARE = 10, 90
LONGEST_WAIT: Final = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """A second yes, of one of `people` (uids), for texts of these audiences at SEV1 to `up_to`. `legal_only`: only
    where question 4 (legal and compliance) was answered yes. `name` says what it is: “legal”, “the board”."""

    name: str = "legal"
    people: frozenset[str] = frozenset()
    audiences: frozenset[Audience] = OUTSIDE
    up_to: int = MOST
    legal_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long those asked have before the next in line hears of it: `share` percent of the time until word is
    promised, at SEV1 at most `minutes_at_sev1`; `minutes` where nothing is promised."""

    share: int = 50
    minutes_at_sev1: int = 3
    minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds in the organisation. `four_eyes_up_to`: from SEV1 to this the writer's own yes does not count.
    `prepare`: drafts are made by themselves before they are due, and put to those who approve."""

    four_eyes_up_to: int = 3
    further: Further = Further()
    pace: Pace = Pace()
    prepare: bool = True


SHIPPED: Final = Rules()
"""Four eyes up to SEV3, a technical yes, and nobody beside: people are named by the organisation."""


def further(rules: Rules, audience: Audience, *, severity: int, legal: bool) -> Further | None:
    """The second yes that a text for this audience needs; None when it needs none. `legal`: question 4 is a yes."""
    second = rules.further
    asked = bool(second.people) and audience in second.audiences and severity <= second.up_to
    return second if asked and (legal or not second.legal_only) else None


def check(rules: Rules) -> Refusal | None:
    """Why these rules cannot hold."""
    second = rules.further
    if refusal := _check_pace(rules.pace):
        return refusal
    if not all(LEAST <= each <= MOST for each in (rules.four_eyes_up_to, second.up_to)):
        return Refusal(f"A severity is a number from {LEAST} to {MOST}.", "up_to")
    if not second.people:
        return None
    if not second.name.strip() or len(second.name) > LONGEST_NAME or not second.name.isprintable():
        return Refusal(f"Say in up to {LONGEST_NAME} characters what approval it is, such as “legal”.", "name")
    if not second.audiences or not second.audiences <= OUTSIDE:
        return Refusal("Choose at least one audience outside: texts inside need no approval.", "audiences")
    return None


def _check_pace(pace: Pace) -> Refusal | None:
    if not SMALLEST_SHARE <= pace.share <= LARGEST_SHARE:
        return Refusal(f"Say {SMALLEST_SHARE} to {LARGEST_SHARE} percent of the time that is left.", "share")
    for name in ("minutes_at_sev1", "minutes"):
        if not 1 <= getattr(pace, name) <= LONGEST_WAIT:
            return Refusal(f"Say 1 to {LONGEST_WAIT} minutes.", name)
    return None
