"""What a text's approval waits for, and for whom."""

from collections.abc import Iterable, Mapping

from antiphon.core.access import may
from antiphon.core.approving import Further
from antiphon.core.audiences import ApprovalKind, Version
from antiphon.core.decision import Actor
from antiphon.core.updates import missing
from antiphon.db import approving
from antiphon.db.models import Incident


def why_not(version: Version, incident: Incident, reader: Actor) -> str:
    """Why this reader cannot approve it now, in a sentence; empty when they can."""
    if version.errors:
        return "Mend what is marked, then it can be approved."
    beside = approving.further(incident, version.audience)
    lacking = missing(version.given, beside)
    named = beside is not None and reader.uid in beside.people and ApprovalKind.FURTHER in lacking
    if any(each.by == reader.uid and each.kind is not ApprovalKind.BYPASS for each in version.given):
        return f"You approved it; it waits for the {_kinds(lacking, beside)} approval of somebody else."
    if not named and (ApprovalKind.TECHNICAL not in lacking or may(reader, "update.approve_technical")):
        technical = ApprovalKind.TECHNICAL in lacking
        return "Somebody of the technical track approves it." if technical else _waits_for(beside)
    if incident.severity <= approving.rules().four_eyes_up_to and version.author == reader.uid:
        return f"You wrote it; at SEV{incident.severity} somebody else approves it."
    return ""


def partly(version: Version, incident: Incident, names: Mapping[str, str]) -> str:
    """Who said yes so far, where one yes is not enough."""
    beside = approving.further(incident, version.audience)
    if any(each.kind is ApprovalKind.BYPASS for each in version.given):
        return (
            "One person wants to send it without approval. A second one has to confirm that, or somebody approves it."
        )
    if beside is None:
        return ""
    given = [f"{names.get(each.by) or 'somebody'} ({_kinds([each.kind], beside)})" for each in version.given]
    wanted = f"Needs: {_kinds(missing(version.given, beside), beside)}."
    return f"Approved by {', '.join(given)}. {wanted}" if given else wanted


def _kinds(lacking: Iterable[ApprovalKind], beside: Further | None) -> str:
    """Kinds of approval as people name them."""
    return " and ".join(beside.name if beside and kind is ApprovalKind.FURTHER else str(kind) for kind in lacking)


def _waits_for(beside: Further | None) -> str:
    return f"It waits for the {beside.name if beside else 'last'} approval."
