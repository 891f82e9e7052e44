"""What one person was asked to approve, as the link in the message shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core import asking as rules
from antiphon.core.audiences import OUTSIDE, UpdateState, Version
from antiphon.core.decision import Actor
from antiphon.db import addresses
from antiphon.db.models import ApprovalAsk
from antiphon.db.snapshots import telling
from antiphon.queries import approvals, people
from antiphon.queries.readers import seen_by
from antiphon.queries.telling import FindingSeen, Piece, findings_seen, moment_word, pieces

LABELS: Final = {"sms": "SMS", "chat": "Chat", "social": "Social", "voice": "Voice script"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in another language, or for one kind of channel. `label` says which; `subject` may be empty."""

    label: str
    subject: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAsked:
    """One text. `changed`: it is not what the person was asked about. `why_not`: why they cannot approve it now, ""
    when they can; `partly`: who said yes so far and what is needed still."""

    audience: str
    subject: str
    pieces: tuple[Piece, ...]
    findings: tuple[FindingSeen, ...]
    others: tuple[Words, ...]
    digest: str
    approved: bool
    changed: bool
    why_not: str
    partly: str
    written_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of whom. `ended` is a sentence when nothing can be approved by this link any more."""

    update: str
    actor: Actor
    person: str
    number: int
    title: str
    severity: int
    practice: bool
    moment: str
    texts: tuple[TextAsked, ...]
    waits: approvals.WaitSeen | None
    next_update_at: datetime | None
    ended: str
    tell_url: str

    @property
    def changed(self) -> bool:
        """Some text is not what the person was asked about."""
        return any(text.changed and not text.approved for text in self.texts)

    @property
    def open_texts(self) -> tuple[TextAsked, ...]:
        """Those that the person can approve now."""
        return () if self.ended else tuple(t for t in self.texts if not t.why_not and not t.approved)


def find(signed: str, *, now: datetime) -> Asked | None:
    """What the link asks, or None when it is none of ours. The caller shows it without a sign-in: the link is secret,
    one person's, and ends."""
    uid = addresses.ask_of(signed)
    asks = ApprovalAsk.objects.select_related("update__incident", "person")
    ask = asks.filter(uid=uid).first() if uid and "\0" not in uid else None
    if ask is None:
        return None
    row, incident, names = ask.update, ask.update.incident, people.names()
    update = telling.update(row)
    roles = incident.roles.filter(person=ask.person).values_list("role", flat=True)
    actor = Actor(kind="person", uid=ask.person.uid, role=ask.person.role, incident_roles=frozenset(roles))
    ended = _ended(ask, update.state, actor, now=now)
    return Asked(
        update=row.uid,
        actor=actor,
        person=ask.person.name,
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        practice=incident.nature != "real",
        moment=moment_word(row.moment),
        texts=tuple(_text(v, ask, actor, names) for v in update.versions if v.audience in OUTSIDE and not ended),
        waits=approvals.waits(row.uid),
        next_update_at=update.next_update_at,
        ended=ended,
        tell_url=f"/incidents/{incident.number}/tell?moment={row.moment}",
    )


def _ended(ask: ApprovalAsk, state: UpdateState, actor: Actor, *, now: datetime) -> str:
    """Why the link opens nothing any more; it says nothing of the text then."""
    if not ask.person.is_active:
        return f"{ask.person.name} does not work here any more, so this link approves nothing."
    if not seen_by(actor).filter(pk=ask.update.incident_id).exists():
        return "This incident is not open to you any more: ask whoever leads it."
    if state is UpdateState.PUBLISHED:
        return "This update was sent already. Nothing is left to approve."
    if state is UpdateState.DISCARDED:
        return "This draft was put away, so nothing of it is sent."
    if now >= ask.expires_at:
        hours = round(rules.LINK_LASTS.total_seconds() / 3600)
        return f"This link has ended: it holds for {hours} hours. Sign in to read and approve the text."
    return ""


def _text(version: Version, ask: ApprovalAsk, actor: Actor, names: Mapping[str, str]) -> TextAsked:
    incident = ask.update.incident
    return TextAsked(
        audience=str(version.audience),
        subject=version.subject,
        pieces=pieces(version.body, version.findings),
        findings=findings_seen(version.subject, version.body, version.findings),
        others=tuple(_others(version)),
        digest=version.digest,
        approved=version.approved,
        changed=ask.digests.get(version.audience, version.digest) != version.digest,
        why_not="" if version.approved else approvals.why_not(version, incident, actor),
        partly="" if version.approved else approvals.partly(version, incident, names),
        written_by=names.get(version.author, "") or "Antiphon",
    )


def _others(version: Version) -> list[Words]:
    """Every word beside the text itself that the approval is of as well."""
    found = _by_channel("", version.channels)
    for language, words in sorted(version.translations.items()):
        found.append(Words(label=language.upper(), subject=words.subject, pieces=pieces(words.body, ())))
        found += _by_channel(f"{language.upper()}, ", words.channels)
    return found


def _by_channel(before: str, channels: Mapping[str, str]) -> list[Words]:
    return [
        Words(label=f"{before}{LABELS.get(kind, kind)}", subject="", pieces=pieces(body, ()))
        for kind, body in sorted(channels.items())
    ]
