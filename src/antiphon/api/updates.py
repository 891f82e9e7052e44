"""What is told: an update's texts from the draft over the lint and a person's yes to the moment of sending."""

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.responses import Status

from antiphon.actions import asking, texts
from antiphon.actions import updates as actions
from antiphon.actions.texts import SAME
from antiphon.api.access import Bearer, Call, SignedIn, incident_of
from antiphon.api.answers import absent, refused
from antiphon.api.shapes import ERRORS, Input, Instant, Line, Number, Shape, Text, Word
from antiphon.core.audiences import Translation as Translated
from antiphon.core.audiences import Version as Stored
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.db.models import Update as Row
from antiphon.db.snapshots import telling
from antiphon.queries import updates

router = Router(tags=["updates"])


class Approval(Shape):
    """A person's yes to the bytes with this digest. `holds` is false once the text was edited."""

    kind: str
    by: str
    at: datetime
    digest: str
    holds: bool


class Translation(Shape):
    """The words in another language; one that is not `fit` is not sent."""

    subject: str
    body: str
    channels: dict[str, str]
    findings: list[dict[str, Any]]
    fit: bool


class Version(Shape):
    """An audience's own text; `body` is Markdown, `findings` are the lint's. `channels`: words for sms, chat, social,
    voice; `translations` by language. With a `reader` it is for that customer
    or segment alone; `key` names the version in addresses. `given`: every yes so far; `needs`: the kinds missing."""

    key: str
    audience: str
    reader: str
    subject: str
    body: str
    language: str
    channels: dict[str, str]
    translations: dict[str, Translation]
    digest: str
    findings: list[dict[str, Any]]
    author: str
    edited_at: datetime
    approval: Approval | None
    given: list[Approval]
    needs: list[str]


class Update(Shape):
    """One telling. `state` is draft, approved, published or discarded."""

    uid: str
    moment: str
    state: str
    next_update_at: datetime | None
    created_at: datetime
    published_at: datetime | None
    versions: list[Version]


class Updates(Shape):
    items: list[Update]


class NewUpdate(Input):
    """`moment`: first_word, progress, resolution or review. `audiences` left out: everybody who is owed word."""

    moment: Word
    audiences: list[Word] | None = None
    next_update_at: Instant | None = None


class OtherWords(Input):
    """A text in another language. `same`: somebody saw that it says what the text itself says."""

    subject: Line
    body: Text
    channels: dict[Word, Text] = {}
    same: bool = False


class Words(Input):
    """One audience's own text, in Markdown. `channels` (sms, chat, social, voice) and `translations` (by language) that
    are left out stay as they are."""

    subject: Line
    body: Text
    channels: dict[Word, Text] | None = None
    translations: dict[Word, OtherWords] | None = None


class NewVersion(Input):
    """`reader`: the name of a customer or segment in the catalog; `audience`: technical or business."""

    audience: Word
    reader: Line


class Looked(Input):
    """Words to look at instead of those that stand there; what is left out is looked at as it stands."""

    subject: Line | None = None
    body: Text | None = None


class Finding(Shape):
    """What the lint says: `level` is error or warning; `start` and `end` count characters of the body."""

    rule: str
    message: str
    start: int
    end: int
    level: str


class LintOfVersion(Shape):
    """Nothing is kept of it. `next_update_at`: the time that the body itself announces."""

    findings: list[Finding]
    next_update_at: datetime | None
    ignored: list[str]


class Read(Input):
    """`digests`: of each version that you read, its `digest` by its `key`: exactly these bytes are meant."""

    digests: dict[Word, Line]


class Withdrawn(Input):
    """Of which version (`key`) an approval is taken back, and why."""

    key: Word
    reason: Line = ""


class NextUpdate(Input):
    """When the next update comes; approvals given before are void, for the texts say the old time."""

    next_update_at: Instant


@router.post("/incidents/{number}/updates", auth=Bearer("update.draft"), response={201: Update, **ERRORS})
def draft_update(request: Call, number: Number, body: NewUpdate) -> Status[Any]:
    """Prepare an update: a version for each audience, made of the facts that it may know. People approve and send."""
    found = incident_of(request, number)
    made = actions.draft(
        incident=found.uid,
        moment=body.moment,
        audiences=body.audiences,
        next_update_at=body.next_update_at,
        actor=request.auth,
        now=request.now,
    )
    if isinstance(made, Refusal):
        raise refused(made, inputs=body.inputs())
    return Status(201, _seen(found, made))


@router.put(
    "/incidents/{number}/updates/{uid}/versions/{key}",
    auth=Bearer("update.draft"),
    response={200: Update, **ERRORS},
)
def edit_version(request: Call, number: Number, uid: Word, key: Word, body: Words) -> Any:
    """Put these words in the place of an audience's version; the answer carries the lint's findings."""
    found = incident_of(request, number)
    _version(found, uid, key)
    refusal = actions.edit(
        update=uid,
        audience=key,
        subject=body.subject,
        body=body.body,
        channels=body.channels,
        translations=_translations(body),
        actor=request.auth,
        now=request.now,
    )
    return _after(refusal, body, found, uid)


@router.post(
    "/incidents/{number}/updates/{uid}/versions", auth=Bearer("update.draft"), response={201: Update, **ERRORS}
)
def add_version(request: Call, number: Number, uid: Word, body: NewVersion) -> Status[Any]:
    """Begin a text of its own for one customer or segment, with the words of its audience."""
    found = incident_of(request, number)
    _row(found, uid)
    refusal = actions.add_part(
        update=uid, audience=body.audience, reader=body.reader, actor=request.auth, now=request.now
    )
    return Status(201, _after(refusal, body, found, uid))


@router.get("/incidents/{number}/updates", auth=Bearer("incident.see"), response={200: Updates, **ERRORS})
def list_updates(request: Call, number: Number) -> dict[str, Any]:
    """Drafts and published updates with each audience's version and its approval."""
    return {"items": updates.of_incident(incident_of(request, number))}


@router.post(
    "/incidents/{number}/updates/{uid}/versions/{key}/lint",
    auth=Bearer("update.draft"),
    response={200: LintOfVersion, **ERRORS},
)
def lint_version(request: Call, number: Number, uid: Word, key: Word, body: Looked | None = None) -> dict[str, Any]:
    """What is wrong with a version, or with other words for it, and when its readers hear again. Nothing is kept."""
    found = incident_of(request, number)
    row, version = _version(found, uid, key)
    body = body or Looked()
    given = texts.Given(
        version.subject if body.subject is None else body.subject,
        version.body if body.body is None else body.body,
    )
    findings, announced = texts.looked_over(version, found, telling.update(row).moment, given, now=request.now)
    return {"findings": findings, "next_update_at": announced, "ignored": body.ignored}


@router.post("/incidents/{number}/updates/{uid}/ask", auth=Bearer("update.draft"), response={200: Update, **ERRORS})
def ask_for_approval(request: Call, number: Number, uid: Word) -> Any:
    """Put the texts to the people who may approve them; each gets a link of their own."""
    found = incident_of(request, number)
    _row(found, uid)
    return _after(asking.ask(update=uid, actor=request.auth, now=request.now), None, found, uid)


@router.put(
    "/incidents/{number}/updates/{uid}/next-update", auth=Bearer("update.draft"), response={200: Update, **ERRORS}
)
def move_next_update(request: Call, number: Number, uid: Word, body: NextUpdate) -> Any:
    """Announce another time for the next update."""
    found = incident_of(request, number)
    _row(found, uid)
    at = body.next_update_at
    refusal = actions.move_next_update(update=uid, next_update_at=at, actor=request.auth, now=request.now)
    return _after(refusal, body, found, uid)


@router.post("/incidents/{number}/updates/{uid}/discard", auth=Bearer("update.draft"), response={200: Update, **ERRORS})
def discard_update(request: Call, number: Number, uid: Word) -> Any:
    """Put a draft away."""
    found = incident_of(request, number)
    _row(found, uid)
    return _after(actions.discard(update=uid, actor=request.auth, now=request.now), None, found, uid)


@router.post(
    "/incidents/{number}/updates/{uid}/approve", auth=SignedIn("update.approve"), response={200: Update, **ERRORS}
)
def approve_update(request: Call, number: Number, uid: Word, body: Read) -> Any:
    """A person's yes to exactly the bytes with these digests. The first that cannot be given stops the rest."""
    found = incident_of(request, number)
    _row(found, uid)
    if not body.digests:
        raise refused(
            Refusal("Name the versions you approve, each with the digest you read.", "digests"), inputs=body.inputs()
        )
    refusal = None
    for key, digest in body.digests.items():
        refusal = refusal or actions.approve(
            update=uid, audience=key, digest=digest, actor=request.auth, now=request.now
        )
    return _after(refusal, body, found, uid)


@router.post(
    "/incidents/{number}/updates/{uid}/revoke",
    auth=SignedIn("update.approve_technical"),
    response={200: Update, **ERRORS},
)
def revoke_approval(request: Call, number: Number, uid: Word, body: Withdrawn) -> Any:
    """Take the approval of a version back."""
    found = incident_of(request, number)
    _row(found, uid)
    refusal = actions.revoke(update=uid, audience=body.key, reason=body.reason, actor=request.auth, now=request.now)
    return _after(refusal, body, found, uid)


@router.post(
    "/incidents/{number}/updates/{uid}/publish", auth=SignedIn("update.publish"), response={200: Update, **ERRORS}
)
def publish_update(request: Call, number: Number, uid: Word, body: Read) -> Any:
    """Send every version at once, exactly as it was read, or none. Published already with these bytes: a 409."""
    found = incident_of(request, number)
    _row(found, uid)
    refusal = actions.publish(update=uid, shown=body.digests, actor=request.auth, now=request.now)
    return _after(refusal, body, found, uid)


def _row(incident: Incident, uid: str) -> Row:
    """The update of this incident; 404 when there is none."""
    found = Row.objects.filter(incident=incident, uid=uid).first()
    if found is None:
        raise absent(f"Incident #{incident.number} has no update {uid}.", "uid")
    return found


def _version(incident: Incident, uid: str, key: str) -> tuple[Row, Stored]:
    row = _row(incident, uid)
    version = telling.update(row).version(key)
    if version is None:
        raise absent(f"Update {uid} has no version “{key}”; the list of updates names the key of each.", "key")
    return row, version


def _after(refusal: Refusal | None, body: Input | None, incident: Incident, uid: str) -> updates.UpdateSeen | None:
    """The update as it stands now, unless a rule said no."""
    if refusal:
        raise refused(refusal, inputs=body.inputs() if body else ())
    return _seen(incident, uid)


def _seen(incident: Incident, uid: str) -> updates.UpdateSeen | None:
    return next((each for each in updates.of_incident(incident) if each.uid == uid), None)


def _translations(body: Words) -> dict[str, Translated] | None:
    if body.translations is None:
        return None
    return {
        language: Translated(subject=each.subject, body=each.body, channels=each.channels, of=SAME if each.same else "")
        for language, each in body.translations.items()
    }
