"""A draft that waits for a yes: who is asked, until when, and who hears of it when nobody answers.

A wait for approval must not cost a promise. It gets a share of the time that is left, minutes at SEV1; after that the
commander is told by every means, then somebody of the business track is paged until they answer.
Sources: RELIABILITY I25 (exactly these bytes), I29 (promises), DOMAIN §5 (who approves).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from antiphon.core.access import may
from antiphon.core.approving import Pace, Rules, further
from antiphon.core.audiences import OUTSIDE, ApprovalKind, Audience, Update, Version
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import ApprovalAsked, ApprovalOverdue, TextReturned
from antiphon.core.updates import missing

SHORTEST: Final = timedelta(minutes=1)
"""Nobody reads a text in less."""
LINK_LASTS: Final = timedelta(hours=24)
"""How long the link in a message opens the text without a sign-in."""
LONGEST_NOTE: Final = 1000
TOP: Final = 1


class WaitState(StrEnum):
    WAITING = "waiting"
    RETURNED = "returned"
    OVER = "over"


class Next(StrEnum):
    """Who is told when those asked did not answer, in this order."""

    COMMANDER = "the incident commander"
    BUSINESS = "the business track"


LINE: Final = (Next.COMMANDER, Next.BUSINESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One update's wait for approval. `step`: how far along `LINE` it is; `note`: why it was sent back."""

    update: str
    asked_at: datetime
    due_at: datetime
    step: int = 0
    state: WaitState = WaitState.WAITING
    ended_at: datetime | None = None
    returned_by: str = ""
    note: str = ""

    @property
    def wake_at(self) -> datetime | None:
        """When the next in line is told, unless it was answered."""
        return self.due_at if self.state is WaitState.WAITING and self.step < len(LINE) else None


# --- who may say yes ---------------------------------------------------------------------------------------------


def awaited(update: Update) -> tuple[Version, ...]:
    """The versions that wait for approval and can be given it: for outside, not approved, nothing in them to mend."""
    if not update.open:
        return ()
    return tuple(v for v in update.versions if v.audience in OUTSIDE and not v.approved and not v.errors)


def may_say_yes(version: Version, actor: Actor, *, severity: int, rules: Rules, legal: bool) -> bool:
    """Whether this person's yes would bring the text nearer to its approval (see `core.updates.approve`)."""
    beside = further(rules, version.audience, severity=severity, legal=legal)
    lacking = missing(version.given, beside)
    if any(each.by == actor.uid and each.kind is not ApprovalKind.BYPASS for each in version.given):
        return False
    if version.author == actor.uid and severity <= rules.four_eyes_up_to:
        return False
    if beside is not None and actor.uid in beside.people and ApprovalKind.FURTHER in lacking:
        return True
    return ApprovalKind.TECHNICAL in lacking and may(actor, "update.approve_technical") is None


def whom(
    versions: Iterable[Version],
    people: Collection[Actor],
    near: Collection[str],
    *,
    severity: int,
    rules: Rules,
    legal: bool,
) -> dict[str, tuple[Version, ...]]:
    """Whom to ask (uid), with the texts that each may approve: nobody is asked what they cannot answer.

    `near` are those at work on the incident or on call for it. They alone are asked, where they are enough; else all of
    `people` who may. Those named for a further approval are asked always: nobody else can give it.
    """
    texts = tuple(versions)
    able = {
        actor.uid: tuple(v for v in texts if may_say_yes(v, actor, severity=severity, rules=rules, legal=legal))
        for actor in people
    }
    asked: dict[str, tuple[Version, ...]] = {}
    for version in texts:
        for kind in missing(version.given, further(rules, version.audience, severity=severity, legal=legal)):
            named = rules.further.people if kind is ApprovalKind.FURTHER else frozenset(able)
            fit = [uid for uid, theirs in able.items() if uid in named and version in theirs]
            at_work = [uid for uid in fit if uid in near]
            for uid in fit if kind is ApprovalKind.FURTHER else at_work or fit:
                asked[uid] = tuple(v for v in texts if v in {*asked.get(uid, ()), version})
    return asked


def digest_of(digests: Mapping[Audience, str]) -> str:
    """One digest over the texts that somebody is asked about, so that the same words are asked about once."""
    said = "".join(f"{audience}:{digests[audience]}\n" for audience in sorted(digests))
    return hashlib.sha256(said.encode()).hexdigest()


# --- until when, and then ----------------------------------------------------------------------------------------


def deadline(*, promised: datetime | None, severity: int, pace: Pace, now: datetime) -> datetime:
    """By when the yes should be there: a share of the time until word is `promised`, minutes at SEV1.

    Always later than `now`, and before the promise unless that is due within the minute or past.
    """
    wait = timedelta(minutes=pace.minutes) if promised is None else (promised - now) * pace.share / 100
    if severity == TOP:
        wait = min(wait, timedelta(minutes=pace.minutes_at_sev1))
    return now + max(wait, SHORTEST)


def ask(
    update: Update,
    before: Wait | None,
    *,
    people: Collection[str],
    promised: datetime | None,
    severity: int,
    pace: Pace,
    now: datetime,
) -> Decision[Wait] | Refusal:
    """Let it wait for the yes of these people (uids). Waiting already: the deadline stays, others are asked beside."""
    refusal = _askable(update)
    if refusal:
        return refusal
    due_at = deadline(promised=promised, severity=severity, pace=pace, now=now)
    if before is not None and before.state is WaitState.WAITING:
        wait = before
    else:
        wait = Wait(update=update.uid, asked_at=now, due_at=due_at if people else now)
    if not people and wait is before:
        return Decision(wait)
    audiences = tuple(version.audience for version in awaited(update))
    event = ApprovalAsked(update=update.uid, audiences=audiences, people=tuple(people), due_at=wait.due_at)
    return Decision(wait, (event,))


@dataclass(frozen=True, slots=True)
class Stepped(Decision[Wait]):
    """A decision on a wait, with who must be told now."""

    tell: Next | None = None


def step(
    wait: Wait,
    update: Update,
    *,
    commander: bool,
    promised: datetime | None,
    severity: int,
    pace: Pace,
    now: datetime,
) -> Stepped:
    """Tell the next in line when the deadline has passed; with nothing left to wait for, it is over.

    `commander`: somebody leads the incident and may say yes. Without one it goes on to the business track at once.
    """
    ended = settle(wait, update, now=now)
    if ended.state is not wait or now < (wait.wake_at or now):
        return Stepped(ended.state)
    if wait.wake_at is None:
        return Stepped(wait)
    number = wait.step if commander or LINE[wait.step] is not Next.COMMANDER else wait.step + 1
    later = deadline(promised=promised, severity=severity, pace=pace, now=now)
    event = ApprovalOverdue(
        update=update.uid, audiences=tuple(v.audience for v in _unapproved(update)), told=LINE[number]
    )
    return Stepped(replace(wait, step=number + 1, due_at=later), (event,), LINE[number])


def settle(wait: Wait, update: Update, *, now: datetime) -> Decision[Wait]:
    """The wait is over once all is approved, sent or put away. Called after every change of the update."""
    if wait.state is WaitState.OVER or (update.open and _unapproved(update)):
        return Decision(wait)
    return Decision(replace(wait, state=WaitState.OVER, ended_at=now))


def send_back(wait: Wait, update: Update, *, note: str, actor: Actor, now: datetime) -> Decision[Wait] | Refusal:
    """Somebody who was asked wants another text, and says why. Nobody else is asked until it is put to them again."""
    refusal = _askable(update)
    if refusal:
        return refusal
    if not note.strip():
        return Refusal("Say what should be changed, so that the author can do it.", "note")
    if len(note) > LONGEST_NOTE:
        return Refusal(f"The note has {len(note):,} characters, more than {LONGEST_NOTE:,}: shorten it.", "note")
    returned = replace(wait, state=WaitState.RETURNED, ended_at=now, returned_by=actor.uid, note=" ".join(note.split()))
    audiences = tuple(version.audience for version in _unapproved(update))
    return Decision(returned, (TextReturned(update=update.uid, audiences=audiences, note=returned.note),))


def _unapproved(update: Update) -> tuple[Version, ...]:
    return tuple(v for v in update.versions if v.audience in OUTSIDE and not v.approved)


def _askable(update: Update) -> Refusal | None:
    if not update.open:
        return Refusal(f"This update is {update.state}: prepare a new one.", "update")
    if not _unapproved(update):
        return Refusal("Every text that needs approval has it.", "approval")
    flawed = [version.audience for version in _unapproved(update) if version.errors]
    if flawed and not awaited(update):
        return Refusal(f"Mend what is marked in the text for {', '.join(flawed)}, then ask for approval.", "body")
    return None
