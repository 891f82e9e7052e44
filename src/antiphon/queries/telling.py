"""What is known and what each audience reads of it: facts, the update at hand, its versions."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from antiphon.core.access import may
from antiphon.core.audiences import (
    OUTSIDE,
    Approval,
    ApprovalKind,
    Audience,
    Finding,
    Mark,
    Moment,
    UpdateState,
)
from antiphon.core.audiences import Update as Core
from antiphon.core.audiences import Version as CoreVersion
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ApprovalVoided, VersionApproved
from antiphon.core.facts import NAMES
from antiphon.core.lint import visible
from antiphon.core.lint.siblings import facts_disagree
from antiphon.core.updates import publish as may_publish
from antiphon.db import record
from antiphon.db.models import Fact, Incident, Organisation, Update
from antiphon.db.snapshots import telling
from antiphon.queries import approvals, recipients, written
from antiphon.queries.people import said_by
from antiphon.queries.written import ChannelSeen, TranslationSeen

MOMENTS: Final = (Moment.FIRST_WORD, Moment.PROGRESS, Moment.RESOLUTION, Moment.REVIEW)
LEVELS: Final = {Mark.ERROR: "refused", Mark.WARNING: "warning"}

BOLD: Final = re.compile(r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*")
ADDRESS: Final = re.compile(r"(<)https?://[^\s<>]+(>)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSeen:
    """One fact. `name` is its label; `internal` when nobody outside may know it; `differs`: what another fact of the
    same name that holds too says otherwise."""

    uid: str
    url: str
    name: str
    text: str
    confidence: str
    audiences: tuple[str, ...]
    internal: bool
    by: str
    at: datetime
    superseded: bool
    translations: tuple[tuple[str, str], ...] = ()
    differs: str = ""


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """What is wrong with a text; `place` is the words meant."""

    message: str
    place: str
    level: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `level` is "", warning or refused."""

    text: str
    level: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """One audience's text; with a `part` that of its readers who belong to this customer or segment. `state` is
    draft, waiting, approved, voided, ready (readers inside) or sent."""

    id: str
    url: str
    key: str
    audience: str
    part: str
    kind: str
    moment: str
    subject: str
    body: str
    digest: str
    pieces: tuple[Piece, ...]
    findings: tuple[FindingSeen, ...]
    state: str
    approved_by: str
    approved_at: datetime | None
    voided_because: str
    partly: str
    written_by: str
    language: str
    by_channel: tuple[ChannelSeen, ...]
    every_channel: tuple[ChannelSeen, ...]
    translations: tuple[TranslationSeen, ...]
    recipients: str
    count: int
    channels: str
    next_update_at: datetime | None
    sent_at: datetime | None
    may_edit: bool
    may_approve: bool
    why_not: str
    editing: bool = False

    @property
    def title(self) -> str:
        """Whom it is for."""
        return f"{self.audience.capitalize()}, {self.part} only" if self.part else self.audience.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSeen:
    """The update at hand, with everything that keeps it from being sent (`why_not`, empty when it may go)."""

    uid: str
    url: str
    moment: str
    state: str
    next_update_at: datetime | None
    versions: tuple[VersionSeen, ...]
    why_not: tuple[str, ...]

    @property
    def open(self) -> bool:
        """It may still be changed."""
        return self.state in (UpdateState.DRAFT, UpdateState.APPROVED)


def facts(incident: Incident, names: Mapping[str, str]) -> tuple[FactSeen, ...]:
    """Every fact, the newest first, corrected ones at the end."""
    rows = sorted(Fact.objects.filter(incident=incident).order_by("-id"), key=lambda row: bool(row.superseded_by))
    apart = facts_disagree(telling.facts(incident), zone=Organisation.only().zone)
    differs = {fact.uid: said for one, other, said in apart for fact in (one, other)}
    return tuple(
        FactSeen(
            uid=row.uid,
            url=f"/incidents/{incident.number}/facts/{row.uid}",
            name=NAMES[row.name].label if row.name in NAMES else row.name.capitalize(),
            text=row.text,
            confidence=row.confidence,
            audiences=_readers(row.audiences),
            internal=OUTSIDE.isdisjoint(row.audiences),
            by=said_by(row.source, names) or "Antiphon",
            at=row.at,
            superseded=bool(row.superseded_by),
            translations=tuple(sorted(row.translations.items())),
            differs=differs.get(row.uid, ""),
        )
        for row in rows
    )


def _readers(audiences: Iterable[str]) -> tuple[str, ...]:
    """Who may know it, in as few words as say it."""
    may, inside = set(audiences), set(Audience) - OUTSIDE
    if may == set(Audience):
        return ("everybody",)
    if may >= inside:
        return (*(str(one) for one in Audience if one in may & OUTSIDE), "everybody inside")
    return tuple(audiences)


def usual_moment(incident: Incident) -> str:
    """What is to be told next: the open draft's moment, else what the incident's state asks for."""
    updates = Update.objects.filter(incident=incident).exclude(state="discarded").order_by("-id")
    states = list(updates.values_list("moment", "state"))
    open_one = next((moment for moment, state in states if state in ("draft", "approved")), None)
    if open_one:
        return open_one
    told = {moment for moment, state in states if state == "published"}
    if incident.resolved_at:
        return str(Moment.REVIEW if Moment.RESOLUTION in told else Moment.RESOLUTION)
    return str(Moment.PROGRESS if told else Moment.FIRST_WORD)


def update(
    incident: Incident, moment: str, names: Mapping[str, str], *, reader: Actor, now: datetime
) -> UpdateSeen | None:
    """The latest update of this moment that was not put away, or None."""
    rows = Update.objects.filter(incident=incident, moment=moment).exclude(state=UpdateState.DISCARDED)
    row = rows.select_related("incident").order_by("-id").first()
    if row is None:
        return None
    core = telling.update(row)
    counts = recipients.readers(incident, core.versions)
    voided = _voided(incident, core)
    seen = tuple(_version(each, core, incident, names, counts, voided, reader) for each in core.versions)
    return UpdateSeen(
        uid=row.uid,
        url=f"/incidents/{incident.number}/updates/{row.uid}",
        moment=row.moment,
        state=row.state,
        next_update_at=row.next_update_at,
        versions=seen,
        why_not=_why_not(core, seen, now=now),
    )


def last_word_at(incident: Incident) -> datetime | None:
    """When anybody was last told anything; None while nobody was."""
    sent = Update.objects.filter(incident=incident, state=UpdateState.PUBLISHED, published_at__isnull=False)
    return sent.order_by("-published_at").values_list("published_at", flat=True).first()


def findings_seen(subject: str, body: str, findings: Iterable[Finding]) -> tuple[FindingSeen, ...]:
    """What the lint found, with the words it means."""
    return tuple(
        FindingSeen(one.message, visible(body[one.start : one.end]) if one.end > one.start else "", LEVELS[one.level])
        for one in findings
    )


def pieces(body: str, findings: Iterable[Finding]) -> tuple[Piece, ...]:
    """The body as readers get it, cut where a mark or a bold stretch begins and ends.

    Where marks overlap, an error outdoes a warning. Only bold words and bare addresses are read as Markdown here;
    everything else stands as it was typed, but characters that nobody sees, which are named.
    """
    marks = [finding for finding in findings if finding.end > finding.start]
    bold = [match.span(1) for match in BOLD.finditer(body)]
    signs = [span for start, end in bold for span in ((start - 2, start), (end, end + 2))]
    signs += [span for match in ADDRESS.finditer(body) for span in (match.span(1), match.span(2))]
    spans = [(mark.start, mark.end) for mark in marks] + bold + signs
    cuts = sorted({0, len(body), *(min(place, len(body)) for span in spans for place in span)})
    levels = _levels(cuts, marks)
    return tuple(
        Piece(text=visible(body[start:end]), level=levels[start], strong=_within(start, bold))
        for start, end in pairwise(cuts)
        if not _within(start, signs)
    )


def moment_word(moment: str) -> str:
    """A moment as people read it."""
    return moment.replace("_", " ").capitalize()


def _levels(cuts: Iterable[int], marks: Iterable[Finding]) -> dict[int, str]:
    """The gravest level that holds from each cut on."""
    change: Counter[tuple[int, Mark]] = Counter()
    for mark in marks:
        change[mark.start, mark.level] += 1
        change[mark.end, mark.level] -= 1
    found, errors, warnings = {}, 0, 0
    for cut in cuts:
        errors += change[cut, Mark.ERROR]
        warnings += change[cut, Mark.WARNING]
        found[cut] = LEVELS[Mark.ERROR] if errors else LEVELS[Mark.WARNING] if warnings else ""
    return found


def _within(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _version(
    version: CoreVersion,
    update: Core,
    incident: Incident,
    names: Mapping[str, str],
    counts: Mapping[str, recipients.Counted],
    voided: Mapping[str, str],
    reader: Actor,
) -> VersionSeen:
    outside = version.audience in OUTSIDE
    waits = update.open and outside and not version.approved
    why_not = approvals.why_not(version, incident, reader) if waits else ""
    approval = version.approval
    return VersionSeen(
        id=f"{update.uid}-{version.key.replace(':', '-')}",
        url=f"/incidents/{incident.number}/updates/{update.uid}/{version.key}",
        key=version.key,
        audience=str(version.audience),
        part=version.part_name,
        kind=str(version.audience) if version.audience in ("technical", "business") else "inside",
        moment=str(update.moment),
        subject=version.subject,
        body=version.body,
        digest=version.digest,
        pieces=pieces(version.body, version.findings),
        findings=findings_seen(version.subject, version.body, version.findings),
        state=_state(version, update, voided),
        approved_by=_approver(approval, names),
        approved_at=approval.at if approval else None,
        voided_because=_sentence(voided.get(version.label, "")) if waits else "",
        partly=approvals.partly(version, incident, names) if waits else "",
        written_by=names.get(version.author, "") or "Antiphon",
        language=version.language,
        by_channel=written.by_channel(version.channels),
        every_channel=written.by_channel(version.channels, all_of_them=True),
        translations=written.translations(version),
        recipients=counts[version.key].words,
        count=counts[version.key].number,
        channels="status page" if version.audience is Audience.PUBLIC else "mail",
        next_update_at=update.next_update_at,
        sent_at=update.published_at,
        may_edit=update.open and may(reader, "update.draft") is None,
        may_approve=waits and not why_not,
        why_not=why_not,
    )


def _state(version: CoreVersion, update: Core, voided: Mapping[str, str]) -> str:
    if update.state is UpdateState.PUBLISHED:
        return "sent"
    if version.audience not in OUTSIDE:
        return "draft" if version.errors else "ready"
    if version.approved:
        return "approved"
    if version.label in voided:
        return "voided"
    return "draft" if version.errors else "waiting"


def _approver(approval: Approval | None, names: Mapping[str, str]) -> str:
    if approval is None:
        return ""
    name = names.get(approval.by, "")
    if approval.kind is ApprovalKind.BYPASS:
        return f"nobody: bypassed by {name or 'an admin'} and a second person"
    return name or f"{approval.kind} approval"


def _voided(incident: Incident, update: Core) -> dict[str, str]:
    """Why each audience's approval was lost, where it was not given again since."""
    kinds = (VersionApproved.kind_of(), ApprovalVoided.kind_of())
    reasons: dict[str, str] = {}
    for one in reversed(record.latest(record.incident_stream(incident.uid), kinds=kinds, limit=200)):
        event = one.event
        if isinstance(event, ApprovalVoided) and event.update == update.uid:
            reasons[event.audience] = event.reason
        elif isinstance(event, VersionApproved) and event.update == update.uid:
            reasons.pop(event.audience, None)
    return reasons


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}: approve it again." if reason else ""


def _why_not(update: Core, seen: Sequence[VersionSeen], *, now: datetime) -> tuple[str, ...]:
    if not update.open:
        return ()
    reasons = [
        f"{version.title}: {_standing(version.state)}."
        for version in seen
        if version.state in ("draft", "waiting", "voided")
    ]
    refusal = may_publish(update, {}, now=now)
    if isinstance(refusal, Refusal) and (not reasons or refusal.field == "next_update_at"):
        reasons.append(refusal.sentence)
    return tuple(reasons)


def _standing(state: str) -> str:
    return "what is marked must be mended" if state == "draft" else "it waits for approval"
