"""The contract matters of an incident: what was agreed and what happened, and the message to that customer alone."""

from typing import Any

from ninja import Router
from ninja.responses import Status

from antiphon.actions import follow_ups as actions
from antiphon.api.access import Bearer, Call, SignedIn, incident_of
from antiphon.api.answers import absent, refused
from antiphon.api.shapes import ERRORS, Input, Line, Number, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.db.models import FollowUp, Incident
from antiphon.queries import follow_ups

router = Router(tags=["contracts"])


class Matters(Shape):
    items: list[follow_ups.MatterSeen]


class ChangedMatters(Matters):
    """All matters after it; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class NewMatter(Input):
    """The uid of a contract that the incident touched."""

    contract: Word


class MatterWords(Input):
    """The words to the customer. What stands in double brackets is still to be filled in."""

    subject: Line
    body: Text


class MatterRead(Input):
    """The `digest` of the message that you read: exactly these bytes are meant."""

    digest: Line


class MatterWaived(Input):
    """Why no message is sent; it stands on the record."""

    reason: Text


@router.get("/incidents/{number}/follow-ups", auth=Bearer("incident.see"), response={200: Matters, **ERRORS})
def list_matters(request: Call, number: Number) -> dict[str, Any]:
    """Every contract that the incident touched, those with a message or a breach first."""
    return {"items": _items(request, incident_of(request, number))}


@router.post("/incidents/{number}/follow-ups", auth=Bearer("update.draft"), response={201: ChangedMatters, **ERRORS})
def ask_for_message(request: Call, number: Number, body: NewMatter) -> Status[Any]:
    """A message about a contract that was not breached. Breached ones have theirs by themselves."""
    found = incident_of(request, number)
    refusal = actions.ask(incident=found.uid, contract=body.contract, actor=request.auth, now=request.now)
    return Status(201, _after(request, found, body, refusal))


@router.put(
    "/incidents/{number}/follow-ups/{uid}", auth=Bearer("update.draft"), response={200: ChangedMatters, **ERRORS}
)
def edit_message(request: Call, number: Number, uid: Word, body: MatterWords) -> dict[str, Any]:
    """Other words; a changed byte voids the approval."""
    found = _incident_of_matter(request, number, uid)
    refusal = actions.edit(follow_up=uid, subject=body.subject, body=body.body, actor=request.auth, now=request.now)
    return _after(request, found, body, refusal)


@router.post(
    "/incidents/{number}/follow-ups/{uid}/approve",
    auth=SignedIn("update.approve"),
    response={200: ChangedMatters, **ERRORS},
)
def approve_message(request: Call, number: Number, uid: Word, body: MatterRead) -> dict[str, Any]:
    """A person's yes to exactly the bytes with this digest."""
    found = _incident_of_matter(request, number, uid)
    refusal = actions.approve(follow_up=uid, digest=body.digest, actor=request.auth, now=request.now)
    return _after(request, found, body, refusal)


@router.post(
    "/incidents/{number}/follow-ups/{uid}/send", auth=SignedIn("update.publish"), response={200: Matters, **ERRORS}
)
def send_message(request: Call, number: Number, uid: Word) -> dict[str, Any]:
    """To this contract's customer alone, by somebody else than who approved it."""
    found = _incident_of_matter(request, number, uid)
    return _after(request, found, None, actions.send(follow_up=uid, actor=request.auth, now=request.now))


@router.post(
    "/incidents/{number}/follow-ups/{uid}/waive",
    auth=Bearer("incident.close"),
    response={200: ChangedMatters, **ERRORS},
)
def waive_message(request: Call, number: Number, uid: Word, body: MatterWaived) -> dict[str, Any]:
    """Settle the matter without a message, with the reason."""
    found = _incident_of_matter(request, number, uid)
    refusal = actions.waive(follow_up=uid, reason=body.reason, actor=request.auth, now=request.now)
    return _after(request, found, body, refusal)


def _incident_of_matter(request: Call, number: int, uid: str) -> Incident:
    """The incident, when the matter is one of its own; 404 when it is not."""
    found = incident_of(request, number)
    if not FollowUp.objects.filter(uid=uid, incident=found).exists():
        raise absent(f"Incident #{number} has no message {uid} about a contract.", "uid")
    return found


def _items(request: Call, incident: Incident) -> tuple[follow_ups.MatterSeen, ...]:
    return follow_ups.of_incident(incident, reader=request.auth, now=request.now)


def _after(request: Call, incident: Incident, body: Input | None, refusal: Refusal | None) -> dict[str, Any]:
    if refusal:
        raise refused(refusal, inputs=body.inputs() if body else ())
    return {"items": _items(request, incident), "ignored": body.ignored if body else []}
