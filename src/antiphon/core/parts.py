"""A text of its own for one customer or segment, in place of what the rest of its audience reads.

It is a version like any other: begun with its audience's words, edited, read by the lint and approved apart.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from antiphon.core.audiences import Audience, Update, UpdateState
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import ApprovalVoided, DraftPrepared

PARTED: Final = (Audience.TECHNICAL, Audience.BUSINESS)
"""Audiences whose texts can differ for one customer or segment: those that customers get by name."""


@dataclass(frozen=True, slots=True)
class Part:
    """A customer or segment of the catalog, by uid and name."""

    uid: str
    name: str


def add(update: Update, audience: Audience, part: Part, *, now: datetime) -> Decision[Update] | Refusal:
    """Begin a version for the part with the words of its audience. There already: nothing happens."""
    whole = update.version(audience)
    if audience not in PARTED or whole is None:
        return Refusal(f"Choose an audience of this update that customers get by name: {_listed(update)}.", "audience")
    if not update.open:
        return _closed(update)
    new = replace(whole, part=part.uid, part_name=part.name, approval=None, given=(), author="", edited_at=now)
    if update.version(new.key):
        return Decision(update)
    event = DraftPrepared(update=update.uid, moment=update.moment, audiences=(new.label,))
    return Decision(replace(update, versions=(*update.versions, new), state=UpdateState.DRAFT), (event,))


def drop(update: Update, key: str) -> Decision[Update] | Refusal:
    """Take the version of a part away: its readers read their audience's again."""
    version = update.version(key)
    if version is None or not version.part:
        return Refusal("This update has no text of its own for such a reader.", "audience")
    if not update.open:
        return _closed(update)
    rest = tuple(each for each in update.versions if each is not version)
    state = UpdateState.APPROVED if all(each.approved for each in rest) else UpdateState.DRAFT
    voided = ApprovalVoided(update=update.uid, audience=version.label, reason="the text was taken away")
    return Decision(replace(update, versions=rest, state=state), (voided,) if version.given or version.approval else ())


def _closed(update: Update) -> Refusal:
    return Refusal(f"This update is {update.state}: prepare a new one.", field="update")


def _listed(update: Update) -> str:
    return " or ".join(each for each in PARTED if update.version(each)) or "there is none"
