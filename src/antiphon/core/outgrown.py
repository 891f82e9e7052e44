"""Approvals that were enough when they were given and are no longer: it became worse, or a matter of law."""

from dataclasses import replace
from typing import Final

from antiphon.core.approving import Rules, further
from antiphon.core.audiences import OUTSIDE, ApprovalKind, Update, UpdateState, Version
from antiphon.core.decision import Decision
from antiphon.core.events import ApprovalVoided
from antiphon.core.updates import missing

BY_PEOPLE: Final = frozenset({ApprovalKind.TECHNICAL, ApprovalKind.FURTHER})
"""What rules ask for; two people who let a text go without it did so knowing how grave it is."""


def weigh(update: Update, *, severity: int, rules: Rules, legal: bool) -> Decision[Update]:
    """The update without the approvals that do not suffice at this severity; the yes of others stays given.

    `legal`: question 4 was answered yes. The writer's own yes counts below the severity of four eyes alone.
    """
    if not update.open:
        return Decision(update)
    versions, events = [], []
    for version in update.versions:
        kept, reason = _kept(version, severity=severity, rules=rules, legal=legal)
        versions.append(kept)
        if reason:
            events.append(ApprovalVoided(update=update.uid, audience=version.label, reason=reason))
    if not events:
        return Decision(update)
    return Decision(replace(update, versions=tuple(versions), state=UpdateState.DRAFT), tuple(events))


def _kept(version: Version, *, severity: int, rules: Rules, legal: bool) -> tuple[Version, str]:
    """The version with what still holds of its approval, and why it is not enough."""
    if version.audience not in OUTSIDE or version.approval is None or version.approval.kind not in BY_PEOPLE:
        return version, ""
    given = version.given or (version.approval,)
    if severity <= rules.four_eyes_up_to and version.author:
        given = tuple(each for each in given if each.by != version.author)
    beside = further(rules, version.audience, severity=severity, legal=legal)
    lacking = missing(given, beside)
    if ApprovalKind.TECHNICAL in lacking:
        return replace(version, given=given, approval=None), f"at SEV{severity} somebody beside the writer approves it"
    if beside is not None and lacking:
        return replace(version, given=given, approval=None), f"it needs the {beside.name} approval now"
    return version, ""
