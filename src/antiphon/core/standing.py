"""“No change” of what was published: it goes out on the approval that was given then.

Such an update says again what was approved, with the time since which nothing changed and the time of the next update,
and nothing else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from antiphon.core.access import may
from antiphon.core.audiences import (
    ENDINGS,
    Approval,
    ApprovalKind,
    Translation,
    Update,
    UpdateState,
    Version,
    digest_of,
)
from antiphon.core.channel_words import too_long
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import DraftPrepared, VersionApproved
from antiphon.core.languages import words
from antiphon.core.lint import announcements
from antiphon.core.times import read
from antiphon.core.variables import PLAIN, said_at


def no_change(
    published: Iterable[Update],
    *,
    uid: str,
    next_update_at: datetime,
    zone: str = "UTC",
    actor: Actor,
    now: datetime,
) -> Decision[Update] | Refusal:
    """An update that says again to each audience what it was told last, ready to be published.

    `published` are the incident's updates in the order they went out; audiences that had none get none. `zone` is
    that of business readers. Only a person may say that nothing changed.
    """
    refusal = _person(actor) or may(actor, "update.publish")
    if refusal:
        return refusal
    last = _last_told(published)
    if not last:
        return Refusal("Nobody was told anything yet: send a first word instead.", "update")
    if any(update.moment in ENDINGS for update, _ in last):
        return Refusal("It was told that this is over: write an update that says what changed.", "update")
    if next_update_at <= now:
        return Refusal(f"{next_update_at:%H:%M} UTC is past: announce a later next update.", "next_update_at")
    versions = tuple(_again(update, version, next_update_at, zone=zone, now=now) for update, version in last)
    newest = max((update for update, _ in last), key=lambda update: update.published_at or now)
    state = Update(
        uid=uid,
        incident=newest.incident,
        moment=newest.moment,
        versions=versions,
        next_update_at=next_update_at,
        state=UpdateState.APPROVED,
    )
    drafted = DraftPrepared(update=uid, moment=state.moment, audiences=tuple(v.label for v in versions))
    approved = tuple(
        VersionApproved(update=uid, audience=v.label, digest=v.digest, approval=ApprovalKind.STANDING)
        for v in versions
        if v.approval
    )
    return Decision(state, (drafted, *approved))


def _last_told(published: Iterable[Update]) -> tuple[tuple[Update, Version], ...]:
    last: dict[str, tuple[Update, Version]] = {}
    for update in published:
        if update.state is UpdateState.PUBLISHED:
            told = {version.audience for version in update.versions}
            last = {key: each for key, each in last.items() if each[1].audience not in told}
            last |= {version.key: (update, version) for version in update.versions}
    return tuple(last.values())


@dataclass(frozen=True, slots=True)
class _Again:
    """How words that were `written` are said again `now`: since when nothing changed, and when the next ones come."""

    written: datetime
    later: datetime
    zone: str
    now: datetime

    def version(self, version: Version) -> Version:
        """The version in every language it went out in, approved as before."""
        own = self._words(version, version.language)
        fit = {language: each for language, each in version.translations.items() if each.fit}
        others = {language: self._words(each, language) for language, each in fit.items()}
        digest = digest_of(version.audience, own.subject, own.body, own.channels, others, language=version.language)
        approval = version.approval and Approval(
            by=version.approval.by, at=version.approval.at, digest=digest, kind=ApprovalKind.STANDING
        )
        return replace(
            version,
            body=own.body,
            channels=own.channels,
            translations=others,
            digest=digest,
            findings=(),
            approval=approval,
            given=(),
            edited_at=self.now,
        )

    def _words(self, told: Version | Translation, language: str) -> Translation:
        """What no longer fits its channel is left out: whoever sends by it makes a short text of the subject."""
        body = self._said(told.body, language)
        channels = {kind: self._said(words, language) for kind, words in told.channels.items()}
        held = {kind: words for kind, words in channels.items() if not too_long(kind, words)}
        return Translation(subject=told.subject, body=body, channels=held)

    def _said(self, text: str, language: str) -> str:
        """The text with “No change since …” before it, and the new time in the place of every announcement."""
        known = words(language)
        since = re.match(rf"{re.escape(known.since)}[^\n]+\n\n", text)
        line = f"{known.no_change.format(since=said_at(self.written, zone=self.zone, language=language))}\n\n"
        rest = text[since.end() :] if since else text
        later = said_at(self.later, zone=self.zone, language=language)
        for start, end in reversed(announcements(rest, at=self.written, zone=self.zone, language=language)):
            rest = f"{rest[:start]}{later}{rest[end:]}"
        if not any(reading.at == _minute(self.later) for reading in read(rest, at=self.now, zone=self.zone)):
            rest = f"{rest.rstrip()}\n\n{known.next_update.format(at=later)}"
        return (since[0] if since else line) + rest


def _again(update: Update, version: Version, next_update_at: datetime, *, zone: str, now: datetime) -> Version:
    place = zone if version.audience in PLAIN else "UTC"
    return _Again(update.published_at or now, next_update_at, place, now).version(version)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _person(actor: Actor) -> Refusal | None:
    if actor.kind == "person":
        return None
    return Refusal("A person has to answer for what is told outside; a program may draft it.", "actor")
