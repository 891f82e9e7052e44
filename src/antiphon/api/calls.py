"""Calls to the largest accounts, and posts that a person makes: whom, the words, and what came of it."""

from typing import Any

from ninja import Router

from antiphon.actions import calls as actions
from antiphon.actions import social as posting
from antiphon.api.access import Bearer, Call, incident_of, person_for
from antiphon.api.answers import absent, refused
from antiphon.api.shapes import ERRORS, Email, Input, Number, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.db.models import Call as Row
from antiphon.db.models import Incident, SocialPost
from antiphon.queries import calls, social

router = Router(tags=["calls"])


class Calls(Shape):
    items: list[calls.CallSeen]


class Posts(Shape):
    items: list[social.PostSeen]


class ChangedCalls(Calls):
    """All calls after it; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class ChangedPosts(Posts):
    """All posts after it; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class CallMade(Input):
    """`outcome`: reached, asks (reached, and they ask for what `note` says), message or not_reached. `on_behalf_of` is
    the e-mail of the person who rang them up."""

    outcome: Word
    note: Text = ""
    on_behalf_of: Email = ""


class CallTaken(Input):
    """`on_behalf_of` is the e-mail of the person who makes the call."""

    on_behalf_of: Email = ""


class CallWaived(Input):
    """Why they are not called; it stands on the record."""

    reason: Text


class PostMade(Input):
    """`url`: where the post stands. `on_behalf_of` is the e-mail of the person who made it."""

    url: Text
    on_behalf_of: Email = ""


@router.get("/incidents/{number}/calls", auth=Bearer("incident.see"), response={200: Calls, **ERRORS})
def list_calls(request: Call, number: Number) -> dict[str, Any]:
    """Every call, open ones first, each with the words to say or why there are none yet."""
    return {"items": calls.of_incident(incident_of(request, number))}


@router.post(
    "/incidents/{number}/calls/{uid}/attempts", auth=Bearer("task.change"), response={200: ChangedCalls, **ERRORS}
)
def record_call(request: Call, number: Number, uid: Word, body: CallMade) -> dict[str, Any]:
    """What came of ringing them up. Who was spoken to is settled; who was not is tried again."""
    found, person = _incident_of_call(request, number, uid), person_for(body.on_behalf_of)
    refusal = actions.tried(
        call=uid, outcome=body.outcome, note=body.note, person=person, actor=request.auth, now=request.now
    )
    return _calls(found, body, refusal)


@router.post(
    "/incidents/{number}/calls/{uid}/owner", auth=Bearer("task.change"), response={200: ChangedCalls, **ERRORS}
)
def give_call(request: Call, number: Number, uid: Word, body: CallTaken) -> dict[str, Any]:
    """Let this person make the call."""
    found, person = _incident_of_call(request, number, uid), person_for(body.on_behalf_of)
    return _calls(found, body, actions.give(call=uid, person=person, actor=request.auth, now=request.now))


@router.post(
    "/incidents/{number}/calls/{uid}/waive", auth=Bearer("task.change"), response={200: ChangedCalls, **ERRORS}
)
def waive_call(request: Call, number: Number, uid: Word, body: CallWaived) -> dict[str, Any]:
    """Let a call go, with the reason."""
    found = _incident_of_call(request, number, uid)
    return _calls(found, body, actions.waive(call=uid, reason=body.reason, actor=request.auth, now=request.now))


@router.get("/incidents/{number}/posts", auth=Bearer("incident.see"), response={200: Posts, **ERRORS})
def list_posts(request: Call, number: Number) -> dict[str, Any]:
    """Every post: those that wait for a person first, with the words to copy."""
    return {"items": social.of_incident(incident_of(request, number))}


@router.post(
    "/incidents/{number}/posts/{uid}/posted", auth=Bearer("task.change"), response={200: ChangedPosts, **ERRORS}
)
def record_post(request: Call, number: Number, uid: Word, body: PostMade) -> dict[str, Any]:
    """A person has made the post; where it stands."""
    found, person = incident_of(request, number), person_for(body.on_behalf_of)
    if not SocialPost.objects.filter(uid=uid, incident=found).exists():
        raise absent(f"Incident #{number} has no post {uid} for a person to make.", "uid")
    refusal = posting.posted(post=uid, url=body.url, person=person, actor=request.auth, now=request.now)
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return {"items": social.of_incident(found), "ignored": body.ignored}


def _incident_of_call(request: Call, number: int, uid: str) -> Incident:
    """The incident, when the call is one of its own; 404 when it is not."""
    found = incident_of(request, number)
    if not Row.objects.filter(uid=uid, incident=found).exists():
        raise absent(f"Incident #{number} has no call {uid}.", "uid")
    return found


def _calls(incident: Incident, body: Input, refusal: Refusal | None) -> dict[str, Any]:
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return {"items": calls.of_incident(incident), "ignored": body.ignored}
