"""How often each audience hears: first word and then every so many minutes, by severity. Source: DOMAIN §8.2."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from antiphon.core.tracks import TrackKind, talk_every

AT_ONCE: Final = timedelta(minutes=5)
HOLDING: Final = timedelta(minutes=1)
TOP: Final = 1


@dataclass(frozen=True, slots=True)
class Cadence:
    """First word so long after the clock starts; then again each `then_every`. None: with each change only."""

    first_word: timedelta
    then_every: timedelta | None
    all_channels: bool = False


def _minutes(first: int | None, every: int, *, all_channels: bool = False) -> Cadence:
    first_word = AT_ONCE if first is None else timedelta(minutes=first)
    return Cadence(first_word, timedelta(minutes=every), all_channels)


CUSTOMERS: Final[Mapping[str, Mapping[int, Cadence]]] = {
    "technical": {
        1: _minutes(None, 30),
        2: _minutes(15, 60),
        3: _minutes(15, 60),
        4: _minutes(30, 120),
        5: _minutes(30, 120),
    },
    "business": {
        1: _minutes(None, 60, all_channels=True),
        2: _minutes(15, 60),
        3: _minutes(15, 60),
        4: _minutes(45, 180),
        5: _minutes(45, 180),
    },
}
"""Minutes to the first word (None: at once) and between updates, by audience and SEV."""

WHILE_BUSINESS_OPEN: Final = frozenset({"internal", "executives", "support"})
"""Audiences inside that are promised a synthesis as long as the business track is open."""

CUSTOMER_AUDIENCES: Final = ("technical", "business", "public")


def cadence(severity: int, audience: str, *, holding: bool = False) -> Cadence | None:
    """The default cadence (DOMAIN §8.2) of an audience; None for those promised nothing, as responders.

    `holding`: a holding message for it is approved, so that “at once” at SEV1 means within a minute, else 5 minutes.
    """
    if audience in WHILE_BUSINESS_OPEN:
        every = talk_every(TrackKind.BUSINESS, severity=severity)
        return Cadence(every, every) if every else None
    if audience == "legal":
        return Cadence(AT_ONCE, None)
    table = CUSTOMERS.get("business" if audience == "public" else audience)
    if table is None:
        return None
    found = table[severity]
    return replace(found, first_word=HOLDING) if severity == TOP and holding else found


def owed(
    *, affected: Collection[str], business_open: bool, legal: bool, technical_only: bool = False
) -> tuple[str, ...]:
    """Which audiences are promised word now, in a fixed order.

    affected        customer audiences with somebody affected, by the catalog or a person's word
    business_open   the business track is open
    legal           question 3 or 4 is answered yes
    technical_only  an environment with no customer behind it: nobody outside is promised anything
    """
    customers = () if technical_only else tuple(a for a in CUSTOMER_AUDIENCES if a in affected)
    inside = tuple(sorted(WHILE_BUSINESS_OPEN)) if business_open else ()
    return (*customers, *inside, *(("legal",) if legal else ()))
