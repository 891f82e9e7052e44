"""Templates to be looked at after a major incident, each with what its readers said of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.template_reviews import HOLDING
from antiphon.db.models import Contact, Incident, MessageTemplate, Reaction, TemplateReview
from antiphon.queries.own_texts import said

SAID: Final = {
    "helpful": "found it helpful",
    "unhelpful": "did not",
    "replied": "replied",
    "acknowledged": "acknowledged it",
}
"""Kinds of reactions that tell something of a text."""
SEGMENTS: Final = ("technical", "business", "untagged")
LISTED: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What readers of one segment said, in words and how many of each."""

    segment: str
    said: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSeen:
    """A template that spoke in an incident. `newest`: its own newest version when that came after, else 0."""

    uid: str
    url: str
    settle_url: str
    audience: str
    said: str
    version: str
    incident: str
    incident_url: str
    feedback: tuple[Feedback, ...]
    newest: int
    made_at: datetime
    done_at: datetime | None
    became: str
    by: str


def of_incident(incident: Incident) -> tuple[TemplateSeen, ...]:
    """Every template of the incident, those to be looked at first."""
    rows = TemplateReview.objects.filter(incident=incident).select_related("incident", "done_by")
    seen = _seen(list(rows))
    return tuple(sorted(seen, key=lambda each: (each.done_at is not None, each.audience, each.said)))


def to_look_at() -> tuple[TemplateSeen, ...]:
    """Those of every incident that nobody has looked at yet, the oldest first."""
    rows = TemplateReview.objects.filter(done_at__isnull=True, incident__restricted=False)
    return _seen(list(rows.select_related("incident", "done_by").order_by("id")[:LISTED]))


def _seen(rows: list[TemplateReview]) -> tuple[TemplateSeen, ...]:
    heard = _heard({row.incident_id for row in rows})
    newest = _newest(rows)
    return tuple(_one(row, heard, newest.get((row.audience, row.language, row.name), 0)) for row in rows)


def _one(row: TemplateReview, heard: Mapping[tuple[int, str, str], tuple[Feedback, ...]], newest: int) -> TemplateSeen:
    moment, here = row.name.partition(".")[0], f"/incidents/{row.incident.number}"
    own = f"/settings/texts/{row.audience}/{row.name}?language={row.language}"
    return TemplateSeen(
        uid=row.uid,
        url="/settings/holding" if moment == HOLDING else own,
        settle_url=f"{here}/review/templates/{row.uid}",
        audience=row.audience,
        said=said(row.name),
        version=f"version {row.number}" if row.number else "shipped text",
        incident=f"#{row.incident.number} {row.incident.title}",
        incident_url=f"{here}/review",
        feedback=heard.get((row.incident_id, row.audience, moment), ()),
        newest=newest if newest > row.number else 0,
        made_at=row.made_at,
        done_at=row.done_at,
        became=f"changed, version {row.changed_to}" if row.changed_to else row.verdict,
        by=row.done_by.name if row.done_by else "",
    )


def _newest(rows: Iterable[TemplateReview]) -> dict[tuple[str, str, str], int]:
    names = {row.name for row in rows}
    found = MessageTemplate.objects.filter(name__in=names).order_by("number") if names else ()
    return {(row.audience, row.language, row.name): row.number for row in found}


def _heard(incidents: Iterable[int]) -> dict[tuple[int, str, str], tuple[Feedback, ...]]:
    """By incident, audience and moment: from how many readers of each segment each kind of word came."""
    rows = Reaction.objects.filter(text__incident__in=list(incidents), kind__in=list(SAID)).order_by()
    columns = ("text__incident", "text__audience", "text__version__update__moment", "recipient", "kind")
    told = list(rows.values_list(*columns).distinct())
    segments = dict(Contact.objects.filter(uid__in={each[3] for each in told}).values_list("uid", "segment"))
    counts: dict[tuple[int, str, str], dict[str, Counter[str]]] = {}
    for incident, audience, moment, recipient, kind in told:
        segment = segments.get(recipient, "untagged")
        by_segment = counts.setdefault((incident, audience, moment or ""), {})
        by_segment.setdefault(segment if segment in SEGMENTS else "untagged", Counter())[kind] += 1
    return {key: tuple(_feedback(*each) for each in sorted(found.items())) for key, found in counts.items()}


def _feedback(segment: str, kinds: Counter[str]) -> Feedback:
    return Feedback(segment=segment, said=tuple((words, kinds[kind]) for kind, words in SAID.items() if kinds[kind]))
