"""Whether the business track fitted an incident, by what its review says. Source: DOMAIN §4 and §12."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

LATE: Final = timedelta(minutes=30)
"""A business track that opens later than this after the declaration was opened late."""


class Fit(StrEnum):
    """over: opened and not needed; under: needed, and not opened, opened late or by a person's word; right: else;
    unsaid: no review says whether it was needed."""

    RIGHT = "right"
    OVER = "over"
    UNDER = "under"
    UNSAID = "unsaid"


DEFINITIONS: Final = {
    Fit.RIGHT: "The business track was opened in time and needed, or neither.",
    Fit.OVER: "The business track was opened, and the review says that it was not needed.",
    Fit.UNDER: "The review says that it was needed, and it was never opened, opened only by a person's word, or later "
    f"than {LATE.seconds // 60} minutes after the declaration.",
    Fit.UNSAID: "The review does not say whether it was needed.",
}


def fit(needed: str, *, opened_after: timedelta | None, by_person: bool) -> tuple[Fit, str]:
    """How it fitted and why. `needed`: yes, no or "" as in the review; `opened_after`: how long after the declaration
    the track opened, None when it never did; `by_person`: it opened by a person's verdict instead of the program's."""
    if needed not in ("yes", "no"):
        return Fit.UNSAID, ""
    if needed == "no":
        if opened_after is None:
            return Fit.RIGHT, "not opened, not needed"
        return Fit.OVER, "opened, not needed"
    if opened_after is None:
        return Fit.UNDER, "needed, never opened"
    if by_person:
        return Fit.UNDER, "needed, opened only by a person's word"
    if opened_after > LATE:
        return Fit.UNDER, f"needed, opened after {opened_after // timedelta(minutes=1)} minutes"
    return Fit.RIGHT, "opened in time, needed"
