"""Technical, business or both: the six answers with their evidence, and what people say to them."""

from datetime import datetime
from typing import Any

from ninja import Router

from antiphon.actions import verdicts
from antiphon.api.access import Bearer, Call, incident_of, person_for
from antiphon.api.answers import refused
from antiphon.api.shapes import ERRORS, Email, Input, Number, Shape, Text, Word
from antiphon.core.decision import Refusal
from antiphon.core.events import AnswerGiven, AnswerRequested, VerdictOverridden, VerdictReached
from antiphon.core.questions import QUESTIONS
from antiphon.db import record
from antiphon.db.models import Incident
from antiphon.db.snapshots import verdicts as snapshots
from antiphon.queries import verdicts as verdicts_seen

router = Router(tags=["verdict"])
HISTORY = (VerdictReached, VerdictOverridden, AnswerGiven, AnswerRequested)
TEXTS = {question.number: question.text for question in QUESTIONS}


class Evidence(Shape):
    """What an answer rests on; `source` is `entity:<name>`, `contract:<uid>`, `clock`, `fact:<uid>`, `person`, …"""

    source: str
    text: str


class Answer(Shape):
    """`answer` is yes, no or unknown; `by` is catalog, clock, fact or the actor; `confidence` runs from 0 to 1;
    `program` is what the program itself says, which a person may have overruled."""

    number: int
    answer: str
    evidence: list[Evidence]
    by: str
    confidence: float
    program: str


class Before(Shape):
    """An answer as it stood from `at` on; `seq` is its place on the record."""

    seq: int
    at: datetime
    answer: str
    evidence: list[Evidence]
    by: str
    confidence: float


class Asked(Answer):
    """An answer with the question's text. `disputed`: a person says otherwise than the program; `history` begins with
    the first answer and has each that was another, or from another."""

    question: str
    next_change_at: datetime | None
    disputed: bool
    history: list[Before]


class Override(Shape):
    """A person's verdict instead of the program's."""

    kind: str
    by: str
    reason: str
    at: datetime


class Past(Shape):
    """A step on the way to this verdict, as it stands on the record."""

    seq: int
    at: datetime
    by: str
    kind: str
    sentence: str
    before: str | None
    after: str | None
    reason: str | None


class Verdict(Shape):
    """The verdict with all that it rests on. `treated_as_yes`: unknowns that nobody answered in time; `nobody_holds`:
    roles that the answers call for and the settings name nobody for."""

    kind: str
    reason: str
    asked_at: datetime | None
    pinned: bool
    override: Override | None
    treated_as_yes: list[int]
    nobody_holds: list[str]
    answers: list[Asked]
    history: list[Past]


class ChangedVerdict(Verdict):
    """The verdict after it; `ignored` names the fields of the body that nothing was done with."""

    ignored: list[str]


class Overriding(Input):
    """`kind` is technical, business or both; the reason stands on the record."""

    kind: Word
    reason: Text


class Answering(Input):
    """A person's answer to one of the six questions; the reason is shown as its evidence."""

    number: int
    answer: Word
    reason: Text
    on_behalf_of: Email = ""


@router.get("/incidents/{number}/verdict", auth=Bearer("incident.see"), response={200: Verdict, **ERRORS})
def show_verdict(request: Call, number: Number) -> dict[str, Any]:
    """The six answers with evidence and confidence, and how the verdict came to be."""
    return _shown(incident_of(request, number))


@router.post(
    "/incidents/{number}/verdict/override", auth=Bearer("verdict.override"), response={200: ChangedVerdict, **ERRORS}
)
def override(request: Call, number: Number, body: Overriding) -> dict[str, Any]:
    """Set another verdict; it holds until new evidence asks for more."""
    found = incident_of(request, number)
    refusal = verdicts.override(
        incident=found.uid, kind=body.kind, reason=body.reason, actor=request.auth, now=request.now
    )
    return _after(found, body, refusal)


@router.post(
    "/incidents/{number}/verdict/answers", auth=Bearer("question.answer"), response={200: ChangedVerdict, **ERRORS}
)
def answer(request: Call, number: Number, body: Answering) -> dict[str, Any]:
    """Answer a question for the person named in `on_behalf_of`; all six are asked again with it."""
    found, person = incident_of(request, number), person_for(body.on_behalf_of)
    refusal = verdicts.answer(
        incident=found.uid,
        number=body.number,
        word=body.answer,
        reason=body.reason,
        person=person,
        actor=request.auth,
        now=request.now,
    )
    return _after(found, body, refusal)


def _after(incident: Incident, body: Input, refusal: Refusal | None) -> dict[str, Any]:
    if refusal:
        raise refused(refusal, inputs=body.inputs())
    return {**_shown(incident), "ignored": body.ignored}


def _shown(incident: Incident) -> dict[str, Any]:
    verdict = snapshots.load(incident)
    names = (*Answer.model_fields, "next_change_at", "disputed")
    said = [each for each in record.read(record.incident_stream(incident.uid)) if isinstance(each.event, HISTORY)]
    past = verdicts_seen.histories(said)
    return {
        "kind": verdict.kind,
        "reason": verdict.reason,
        "asked_at": verdict.asked_at,
        "pinned": verdict.pinned,
        "override": verdict.override,
        "treated_as_yes": verdict.treated_as_yes,
        "nobody_holds": verdicts_seen.nobody_holds(incident),
        "answers": [
            {
                "question": TEXTS.get(each.number, ""),
                "history": past.get(each.number, []),
                **{name: getattr(each, name) for name in names},
            }
            for each in verdict.answers
        ],
        "history": _history(said),
    }


def _history(said: list[record.Recorded]) -> list[dict[str, Any]]:
    return [
        {
            "seq": each.seq,
            "at": each.at,
            "by": each.actor,
            "kind": each.event.kind_of(),
            "sentence": each.event.sentence(),
            **{name: getattr(each.event, name, None) for name in ("before", "after", "reason")},
        }
        for each in said
    ]
