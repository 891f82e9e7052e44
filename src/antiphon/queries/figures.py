"""Figures over many incidents: over- and under-escalation, and where people disagreed with the program."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from antiphon.core import events
from antiphon.core.decision import Actor
from antiphon.core.events import VerdictOverridden
from antiphon.core.fit import DEFINITIONS, Fit, fit
from antiphon.core.questions import QUESTIONS
from antiphon.core.questions.situation import Word
from antiphon.db import record
from antiphon.db.models import GivenAnswer, Incident, Track
from antiphon.db.models.record import Event
from antiphon.db.snapshots import verdicts
from antiphon.queries.readers import seen

LISTED: Final = 100
_PREFIX: Final = record.incident_stream("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """One incident whose review says whether the business track was needed."""

    number: int
    title: str
    severity: int
    fit: str
    why: str
    reason: str

    @property
    def url(self) -> str:
        """Its review."""
        return f"/incidents/{self.number}/review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One question: how often people answered it, and how often otherwise than the program had by then."""

    number: int
    question: str
    answers: int
    disagreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalations:
    """Counted over incidents that are no practice and were declared since. `incidents`: those that did not fit first,
    the newest of each; `overridden`: incidents on which a person set another verdict."""

    since: datetime
    resolved: int
    right: int
    over: int
    under: int
    unsaid: int
    definitions: Mapping[str, str]
    incidents: Sequence[Fitted]
    disagreements: Sequence[Disagreement]
    overridden: int

    @property
    def answers(self) -> int:
        """Answers that people gave."""
        return sum(each.answers for each in self.disagreements)

    @property
    def disagreed(self) -> int:
        """Answers that were otherwise than the program's yes or no."""
        return sum(each.disagreed for each in self.disagreements)


def escalations(*, since: datetime, reader: Actor) -> Escalations:
    """The figures over the incidents that the reader may see. Six statements."""
    real = told(since=since, reader=reader)
    overridden = _overridden(real)
    fitted = _fitted(real, overridden)
    counts = Counter(each.fit for each in fitted)
    resolved = real.filter(resolved_at__isnull=False).count()
    said = counts[Fit.RIGHT] + counts[Fit.OVER] + counts[Fit.UNDER]
    return Escalations(
        since=since,
        resolved=resolved,
        right=counts[Fit.RIGHT],
        over=counts[Fit.OVER],
        under=counts[Fit.UNDER],
        unsaid=max(resolved - said, 0),
        definitions={str(name): text for name, text in DEFINITIONS.items()},
        incidents=sorted(fitted, key=lambda each: (each.fit == Fit.RIGHT, -each.number))[:LISTED],
        disagreements=_disagreements(real),
        overridden=len(overridden),
    )


def told(*, since: datetime, reader: Actor) -> QuerySet[Incident]:
    """Incidents that are no practice and were declared since, as far as the reader may see them."""
    return Incident.objects.filter(seen(reader), nature="real", declared_at__gte=since)


def _fitted(real: Any, overridden: Mapping[str, bool]) -> list[Fitted]:
    rows = real.filter(review__business_needed__in=("yes", "no")).select_related("review")
    opened = dict(
        Track.objects.filter(incident__in=rows, kind="business", opened_at__isnull=False).values_list(
            "incident_id", "opened_at"
        )
    )
    found = []
    for row in rows:
        after = opened[row.pk] - row.declared_at if row.pk in opened else None
        how, why = fit(row.review.business_needed, opened_after=after, by_person=overridden.get(row.uid, False))
        found.append(
            Fitted(
                number=row.number,
                title=row.title,
                severity=row.severity,
                fit=str(how),
                why=why,
                reason=row.review.business_reason,
            )
        )
    return found


def _overridden(real: Any) -> dict[str, bool]:
    """Incidents with a verdict of a person's; true where that opened the business track."""
    uids = set(real.values_list("uid", flat=True))
    rows = Event.objects.filter(kind=VerdictOverridden.kind_of(), stream__startswith=_PREFIX)
    found: dict[str, bool] = {}
    for stream, body in rows.values_list("stream", "body"):
        event, uid = events.decode(body), stream.removeprefix(_PREFIX)
        if uid in uids and isinstance(event, VerdictOverridden):
            opens = event.before == "technical" and event.after != "technical"
            found[uid] = found.get(uid, False) or opens
    return found


def _disagreements(real: Any) -> tuple[Disagreement, ...]:
    given = GivenAnswer.objects.filter(incident__in=real).select_related("incident__verdict").order_by("id")
    heard = {
        (row.incident_id, one.number, one.at): one.against
        for row in {row.incident_id: row for row in given}.values()
        for one in verdicts.read(row.incident.verdict).heard
    }
    answers, disagreed = Counter[int](), Counter[int]()
    for row in given:
        against = heard.get((row.incident_id, row.number, row.at))
        if against is None or row.answer == Word.UNKNOWN:
            continue  # taken back by a later word of theirs
        answers[row.number] += 1
        disagreed[row.number] += against not in (row.answer, Word.UNKNOWN)
    return tuple(
        Disagreement(number=q.number, question=q.text, answers=answers[q.number], disagreed=disagreed[q.number])
        for q in QUESTIONS
    )
