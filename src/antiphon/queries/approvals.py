"""What a text's approval waits for, and for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.access import may
from antiphon.core.approving import Further
from antiphon.core.asking import LINE, Next, WaitState
from antiphon.core.audiences import ApprovalKind, Version
from antiphon.core.decision import Actor
from antiphon.core.updates import missing
from antiphon.db import approving
from antiphon.db.models import ApprovalAsk, Incident, Person, RoleAssignment, Update
from antiphon.db.snapshots import asking


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitSeen:
    """How an update's wait for approval stands. `asked`: names; `next_in_line` is told at `due_at`, "" when everybody
    was told; `note` and `returned_by`: it was sent back, and why."""

    asked: tuple[str, ...]
    asked_at: datetime
    due_at: datetime | None
    next_in_line: str
    returned_by: str
    note: str


def waits(uid: str) -> WaitSeen | None:
    """The wait of an update, or None when nobody was asked or nothing is waited for any more."""
    update = Update.objects.select_related("incident").get(uid=uid)
    wait = asking.load(update)
    if wait is None or wait.state is WaitState.OVER:
        return None
    asks = ApprovalAsk.objects.filter(update=update).order_by("id").values_list("person__name", flat=True)
    by = Person.objects.filter(uid=wait.returned_by).values_list("name", flat=True).first()
    leads = RoleAssignment.objects.filter(incident=update.incident, role=asking.COMMANDER).exists()
    line = LINE[wait.step :] if leads else [each for each in LINE[wait.step :] if each is not Next.COMMANDER]
    return WaitSeen(
        asked=tuple(dict.fromkeys(asks)),
        asked_at=wait.asked_at,
        due_at=wait.wake_at,
        next_in_line=line[0] if wait.wake_at and line else "",
        returned_by=(by or "somebody") if wait.note else "",
        note=wait.note,
    )


def _kinds(lacking: Iterable[ApprovalKind], beside: Further | None) -> str:
    """Kinds of approval as people name them."""
    return " and ".join(beside.name if beside and kind is ApprovalKind.FURTHER else str(kind) for kind in lacking)


def _waits_for(beside: Further | None) -> str:
    return f"It waits for the {beside.name if beside else 'last'} approval."
