"""One incident whole, to be handed on: its events, facts, texts and promises. For readers inside."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from antiphon.core.events import encode
from antiphon.db import record
from antiphon.db.models import Incident, Version
from antiphon.queries import people, timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """One event: its sentence for people, its fields for programs, its hash for the proof."""

    seq: int
    at: datetime
    by: str
    kind: str
    sentence: str
    fields: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTold:
    """A fact, who may know it, and whether another superseded it."""

    name: str
    text: str
    audiences: tuple[str, ...]
    confidence: str
    source: str
    at: datetime
    superseded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTold:
    """What one audience was told, or is to be told while `published_at` is empty."""

    moment: str
    audience: str
    subject: str
    body: str
    published_at: datetime | None
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTold:
    """What was promised to whom, and what became of it."""

    audience: str
    what: str
    made_at: datetime
    due_at: datetime
    state: str
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An incident as it stands, with all that was recorded of it."""

    number: int
    id: str
    title: str
    state: str
    severity: int
    verdict: str
    nature: str
    incident_type: str
    entities: tuple[str, ...]
    detected_at: datetime
    declared_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    how: str
    verified: str
    facts: tuple[FactTold, ...]
    texts: tuple[TextTold, ...]
    promises: tuple[PromiseTold, ...]
    events: tuple[EventTold, ...]

    def json(self) -> str:
        """As JSON, times in UTC."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()


def export(named: str) -> Export | None:
    """The incident of this number (`12`, `#12`) or id; None when there is none."""
    named = named.strip().removeprefix("#")
    found = Incident.objects.filter(number=int(named)) if named.isdecimal() else Incident.objects.filter(uid=named)
    row = found.first()
    return None if row is None else _export(row)


def _export(row: Incident) -> Export:
    verdict = getattr(row, "verdict", None)
    return Export(
        number=row.number,
        id=row.uid,
        title=row.title,
        state=row.state,
        severity=row.severity,
        verdict=verdict.kind if verdict else "technical",
        nature=row.nature,
        incident_type=row.incident_type,
        entities=tuple(row.affected.values_list("entity", flat=True)),
        detected_at=row.detected_at,
        declared_at=row.declared_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        how=row.how,
        verified=row.verified,
        facts=_facts(row),
        texts=_texts(row),
        promises=_promises(row),
        events=_events(row),
    )


def _events(row: Incident) -> tuple[EventTold, ...]:
    names = people.names()
    return tuple(
        EventTold(
            seq=one.seq,
            at=one.at,
            by=people.said_by(one.actor, names) or "Antiphon",
            kind=one.event.kind_of(),
            sentence=timeline.named(one.event, names).sentence(),
            fields=msgspec.Raw(encode(one.event).encode()),
        )
        for one in record.read(record.incident_stream(row.uid))
    )


def _facts(row: Incident) -> tuple[FactTold, ...]:
    return tuple(
        FactTold(
            name=fact.name,
            text=fact.text,
            audiences=tuple(fact.audiences),
            confidence=fact.confidence,
            source=fact.source,
            at=fact.at,
            superseded=bool(fact.superseded_by),
        )
        for fact in row.facts.all()
    )


def _texts(row: Incident) -> tuple[TextTold, ...]:
    versions = Version.objects.filter(update__incident=row).exclude(update__state="discarded")
    return tuple(
        TextTold(
            moment=version.update.moment,
            audience=version.audience,
            subject=version.subject,
            body=version.body,
            published_at=version.update.published_at,
            approved_by=version.approved_by.name if version.approved_by else "",
        )
        for version in versions.select_related("update", "approved_by").order_by("update_id", "id")
    )


def _promises(row: Incident) -> tuple[PromiseTold, ...]:
    return tuple(
        PromiseTold(
            audience=promise.audience,
            what=promise.what,
            made_at=promise.made_at,
            due_at=promise.due_at,
            state=promise.state,
            settled_at=promise.settled_at,
        )
        for promise in row.promises.order_by("due_at", "id")
    )


def markdown(told: Export) -> str:
    """The same for people to read: times in UTC, everything said once."""
    lines = [
        f"# Incident {told.number}: {_line(told.title)}",
        "",
        f"SEV{told.severity}, {told.incident_type}, {told.nature}. State: {told.state}. Verdict: {told.verdict}.",
        "",
        f"- Detected: {_at(told.detected_at)}",
        f"- Declared: {_at(told.declared_at)}",
        f"- Resolved: {_at(told.resolved_at)}",
        f"- Closed: {_at(told.closed_at)}",
        f"- Affected: {', '.join(told.entities) or 'nothing named'}",
    ]
    lines += [f"- How it was resolved: {_line(told.how)}"] if told.how else []
    lines += [f"- Verified by: {_line(told.verified)}"] if told.verified else []
    lines += ["", "## Timeline", ""]
    lines += [f"- {_at(one.at)} · {_line(one.sentence)} ({one.by})" for one in told.events]
    lines += ["", "## Facts", ""]
    lines += [f"- {fact.name} (for {', '.join(fact.audiences)}): {_fact(fact)}" for fact in told.facts]
    lines += ["", "## Promises", ""]
    lines += [f"- {one.what} to {one.audience}, due {_at(one.due_at)}: {one.state}" for one in told.promises]
    lines += ["", "## What was told", ""]
    for text in told.texts:
        when = f"published {_at(text.published_at)}" if text.published_at else "not published"
        lines += [f"### {text.moment} to {text.audience}, {when}", "", f"> **{_line(text.subject)}**", ">"]
        lines += [f"> {line}".rstrip() for line in text.body.splitlines()] + [""]
    return "\n".join(lines).rstrip() + "\n"


def _fact(fact: FactTold) -> str:
    return f"~~{_line(fact.text)}~~" if fact.superseded else _line(fact.text)


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else "not yet"


def _line(text: str) -> str:
    return " ".join(text.split())
