"""Facts, what was made of them for each audience, and what was promised."""

from datetime import datetime
from typing import Any

from ninja import Router
from ninja.responses import Status

from antiphon.actions import facts, reports
from antiphon.actions import updates as drafting
from antiphon.actions.texts import SAME
from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.answers import absent, refused
from antiphon.api.incidents import Promise
from antiphon.api.shapes import ERRORS, Input, Instant, Line, Number, Shape, Text, Word
from antiphon.core.audiences import Translation as Translated
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.db.snapshots import telling
from antiphon.queries import in_time, knowing, promises, updates

router = Router(tags=["telling"])
MOST_CELLS = 10_000


class Fact(Shape):
    """Something known. `audiences` may know it; `superseded_by` is the fact that corrects it, or empty."""

    uid: str
    name: str
    text: str
    audiences: list[str]
    confidence: str
    source: str
    at: datetime
    superseded_by: str
    translations: dict[str, str]


class Facts(Shape):
    items: list[Fact]


class RecordedFacts(Facts):
    """All facts after it, the new one last; `ignored` names the fields that nothing was done with."""

    ignored: list[str]


class NewFact(Input):
    """`audiences` left out: the kind of fact says who may know. `confidence`: confirmed, likely or possible.
    `corrects` is the uid of a fact that this one supersedes; its name stays. `translations`: language → its words."""

    text: Text
    name: Word = ""
    audiences: list[Word] | None = None
    confidence: Word = ""
    corrects: Word = ""
    translations: dict[Word, Text] = {}


class Promises(Shape):
    items: list[Promise]


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
    or segment alone; `key` names the version in addresses."""

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


class NewReport(Input):
    """`customer` is its name in the catalog; `at`: when they told us; `reference`: a ticket's number, if there is."""

    customer: Word
    at: Instant
    reference: Line = ""


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


class Cell(Shape):
    """One customer's readers of one version by one channel. `told`: the moment of their last text, "" for none."""

    customer: str
    audience: str
    channel: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: str


class Arrived(Shape):
    """How the last word fared by one channel, in readers."""

    channel: str
    reached: int
    waiting: int
    failed: int


class AudienceKnows(Shape):
    """One audience as a whole; `stranded` counts its readers who are left waiting, `why` says of all of them why."""

    audience: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: int
    next: Promise | None
    why: str
    by: list[Arrived]


class ToldBefore(Shape):
    """Customers who were told before they told us, of all who were told or told us; `late` are the others."""

    before: int
    total: int
    late: list[str]


class WhoKnows(Shape):
    """`more` counts cells beyond the ten thousand that are listed; `wrong`: what an audit holds against the telling."""

    stranded: int
    audiences: list[AudienceKnows]
    cells: list[Cell]
    more: int
    channels: list[str]
    wrong: list[str]
    told_before: ToldBefore


@router.get("/incidents/{number}/facts", auth=Bearer("incident.see"), response={200: Facts, **ERRORS})
def list_facts(request: Call, number: Number) -> dict[str, Any]:
    """Every fact in the order of entry, corrected ones included."""
    return {"items": telling.facts(incident_of(request, number))}


@router.post("/incidents/{number}/facts", auth=Bearer("fact.record"), response={201: RecordedFacts, **ERRORS})
def record_fact(request: Call, number: Number, body: NewFact) -> Status[dict[str, Any]]:
    """Enter a fact or correct one; the six questions are asked again with it."""
    found = incident_of(request, number)
    refusal = _correct(request, found, body) if body.corrects else _record(request, found, body)
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, {"items": telling.facts(found), "ignored": body.ignored})


@router.get("/incidents/{number}/promises", auth=Bearer("incident.see"), response={200: Promises, **ERRORS})
def list_promises(request: Call, number: Number) -> dict[str, Any]:
    """Every promise: the open ones first, the next due on top."""
    return {"items": promises.of_incident(incident_of(request, number))}


@router.get("/incidents/{number}/who-knows-what", auth=Bearer("incident.see"), response={200: WhoKnows, **ERRORS})
def who_knows_what(request: Call, number: Number) -> Any:
    """Audience × channel × customer: told what, when, and whether it arrived; who is left waiting stands first."""
    return knowing.matrix(incident_of(request, number), limit=MOST_CELLS, now=request.now)


@router.post("/incidents/{number}/reports", auth=Bearer("fact.record"), response={201: ToldBefore, **ERRORS})
def report_customer(request: Call, number: Number, body: NewReport) -> Status[Any]:
    """A customer told us of it themselves at that instant; answers who was told before they told us."""
    found = incident_of(request, number)
    refusal = reports.report(
        incident=found.uid,
        customer=body.customer,
        at=body.at,
        reference=body.reference,
        actor=request.auth,
        now=request.now,
    )
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, in_time.of_incident(found, now=request.now))


@router.post("/incidents/{number}/updates", auth=Bearer("update.draft"), response={201: Update, **ERRORS})
def draft_update(request: Call, number: Number, body: NewUpdate) -> Status[Any]:
    """Prepare an update: a version for each audience, made of the facts that it may know. People approve and send."""
    found = incident_of(request, number)
    made = drafting.draft(
        incident=found.uid,
        moment=body.moment,
        audiences=body.audiences,
        next_update_at=body.next_update_at,
        actor=request.auth,
        now=request.now,
    )
    if isinstance(made, Refusal):
        raise refused(made, inputs=body.inputs())
    return Status(201, _update(found, made))


@router.put(
    "/incidents/{number}/updates/{uid}/versions/{key}",
    auth=Bearer("update.draft"),
    response={200: Update, **ERRORS},
)
def edit_version(request: Call, number: Number, uid: Word, key: Word, body: Words) -> Any:
    """Put these words in the place of an audience's version; the answer carries the lint's findings."""
    found = incident_of(request, number)
    there = _update(found, uid)
    if there is None or all(version.key != key for version in there.versions):
        raise absent(f"This incident has no update {uid} with a version for {key}.", "uid")
    refusal = drafting.edit(
        update=uid,
        audience=key,
        subject=body.subject,
        body=body.body,
        channels=body.channels,
        translations=_translations(body),
        actor=request.auth,
        now=request.now,
    )
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return _update(found, uid)


@router.post(
    "/incidents/{number}/updates/{uid}/versions", auth=Bearer("update.draft"), response={201: Update, **ERRORS}
)
def add_version(request: Call, number: Number, uid: Word, body: NewVersion) -> Status[Any]:
    """Begin a text of its own for one customer or segment, with the words of its audience."""
    found = incident_of(request, number)
    if _update(found, uid) is None:
        raise absent(f"This incident has no update {uid}.", "uid")
    refusal = drafting.add_part(
        update=uid, audience=body.audience, reader=body.reader, actor=request.auth, now=request.now
    )
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return Status(201, _update(found, uid))


@router.get("/incidents/{number}/updates", auth=Bearer("incident.see"), response={200: Updates, **ERRORS})
def list_updates(request: Call, number: Number) -> dict[str, Any]:
    """Drafts and published updates with each audience's version and its approval."""
    return {"items": updates.of_incident(incident_of(request, number))}


def _update(incident: Incident, uid: str) -> updates.UpdateSeen | None:
    return next((each for each in updates.of_incident(incident) if each.uid == uid), None)


def _translations(body: Words) -> dict[str, Translated] | None:
    if body.translations is None:
        return None
    return {
        language: Translated(subject=each.subject, body=each.body, channels=each.channels, of=SAME if each.same else "")
        for language, each in body.translations.items()
    }


def _record(request: Call, incident: Incident, body: NewFact) -> Refusal | None:
    return facts.record(
        incident=incident.uid,
        name=body.name,
        text=body.text,
        audiences=body.audiences,
        confidence=body.confidence or "confirmed",
        translations=body.translations,
        actor=request.auth,
        now=request.now,
    )


def _correct(request: Call, incident: Incident, body: NewFact) -> Refusal | None:
    return facts.correct(
        incident=incident.uid,
        fact=body.corrects,
        text=body.text,
        audiences=body.audiences,
        confidence=body.confidence,
        translations=body.translations,
        actor=request.auth,
        now=request.now,
    )
