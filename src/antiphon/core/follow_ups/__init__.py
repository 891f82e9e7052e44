"""What a customer is told of its contract, once the incident is over: one message, to that customer alone.

Nothing is sent while the incident is active, and nothing of itself: a person of those named for it approves exactly the
bytes, and somebody else sends them. A contract that was not breached gets a message only when a person asks for one.
Sources: DOMAIN §8.3 (credit talk is a separate message after resolution), RELIABILITY I25, I28.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from antiphon.core.access import may
from antiphon.core.audiences import LONGEST_BODY, Approval, ApprovalKind, Audience, digest_of
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import (
    Event,
    FollowUpApproved,
    FollowUpEnded,
    FollowUpPrepared,
    FollowUpSent,
    FollowUpVoided,
)
from antiphon.core.follow_ups.figures import Figures, Terms
from antiphon.core.follow_ups.words import words
from antiphon.core.updates import unfit_subject

DUTIES: Final = ("legal", "finance")
"""Roles whose holders approve such a message, beside those whom the organisation's approvals name."""


class FollowUpState(StrEnum):
    OPEN = "open"
    SENT = "sent"
    WAIVED = "waived"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The matter of one contract. `author`: the uid of who wrote the words last, "" of the program's own."""

    uid: str
    contract: str
    customer: str
    subject: str
    body: str
    language: str = "en"
    author: str = ""
    given: tuple[Approval, ...] = ()
    asked: bool = False
    state: FollowUpState = FollowUpState.OPEN
    reason: str = ""
    edited_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def digest(self) -> str:
        """Of exactly the bytes that would leave."""
        return digest_of(Audience.BUSINESS, self.subject, self.body, language=self.language)

    @property
    def approval(self) -> Approval | None:
        """The yes to exactly these bytes."""
        return next((each for each in self.given if each.digest == self.digest), None)

    @property
    def open(self) -> bool:
        return self.state is FollowUpState.OPEN


def prepare(
    uid: str,
    terms: Terms,
    figures: Figures,
    *,
    number: int,
    zone: str,
    support: str,
    language: str = "en",
    asked: bool = False,
    now: datetime,
) -> Decision[FollowUp]:
    """The draft, made of the contract's own figures and nothing else. `asked`: a person wants it without a breach."""
    subject, body = words(terms, figures, number=number, zone=zone, support=support, language=language)
    made = FollowUp(
        uid=uid,
        contract=terms.name,
        customer=terms.customer,
        subject=subject,
        body=body,
        language=language,
        asked=asked,
        edited_at=now,
    )
    why = "a person asked for it." if asked else "a limit of the contract was passed."
    return Decision(made, (FollowUpPrepared(follow_up=uid, customer=terms.customer, contract=terms.name, why=why),))


def edit(follow_up: FollowUp, subject: str, body: str, *, actor: Actor, now: datetime) -> Decision[FollowUp] | Refusal:
    """Other words. One changed byte voids the approval; the same bytes change nothing."""
    refusal = _closed(follow_up) or unfit_subject(subject) or _unfit(body)
    if refusal or (follow_up.subject, follow_up.body) == (subject, body):
        return refusal or Decision(follow_up)
    author = actor.uid if actor.kind == "person" else follow_up.author
    after = replace(follow_up, subject=subject, body=body, author=author, given=(), edited_at=now)
    voided = FollowUpVoided(follow_up=follow_up.uid, customer=follow_up.customer, reason="the text was edited")
    return Decision(after, (voided,) if follow_up.given else ())


def approve(
    follow_up: FollowUp, digest: str, *, named: Collection[str], kind: str, actor: Actor, now: datetime
) -> Decision[FollowUp] | Refusal:
    """The yes to exactly the bytes with this digest, of one of the `named` people, or where nobody is named of anybody
    who may approve. Never of the writer. `kind` says in words what yes it is. Given already: nothing happens."""
    refusal = _closed(follow_up) or _person(actor) or may(actor, "update.approve")
    if refusal:
        return refusal
    if named and actor.uid not in named:
        return Refusal(f"A message about a contract takes the approval named “{kind}”, which is not yours.", "approval")
    if digest != follow_up.digest:
        return Refusal("The text was changed since you read it: read it again and approve what stands now.", "digest")
    if actor.uid == follow_up.author:
        return Refusal("You wrote this text; somebody else must approve it.", "approval")
    gap = _gap(follow_up)
    if gap or follow_up.approval:
        return gap or Decision(follow_up)
    yes = Approval(by=actor.uid, at=now, digest=digest, kind=ApprovalKind.FURTHER)
    event = FollowUpApproved(follow_up=follow_up.uid, customer=follow_up.customer, digest=digest, approval=kind)
    return Decision(replace(follow_up, given=(*follow_up.given, yes)), (event,))


def send(
    follow_up: FollowUp, *, resolved: bool, recipients: int, actor: Actor, now: datetime
) -> Decision[FollowUp] | Refusal:
    """It goes out to that customer's contacts: approved, the incident over, by somebody else than who approved it."""
    refusal = _closed(follow_up) or _person(actor) or may(actor, "update.publish")
    approval = follow_up.approval
    if refusal:
        return refusal
    if not resolved:
        return Refusal("The incident is active: what it means for a contract is told once it is resolved.", "incident")
    if approval is None:
        return Refusal("Exactly this text is not approved: approve it first.", "approval")
    if approval.by == actor.uid:
        return Refusal("You approved this text; somebody else must send it, so that two people saw it.", "approval")
    if not recipients:
        return Refusal(
            f"Nobody at {follow_up.customer} can be written to: add a contact, or settle it without a message.", "to"
        )
    event = FollowUpSent(
        follow_up=follow_up.uid,
        customer=follow_up.customer,
        digest=follow_up.digest,
        recipients=recipients,
        text=f"{follow_up.subject}\n\n{follow_up.body}",
    )
    return Decision(replace(follow_up, state=FollowUpState.SENT, settled_at=now), (event,))


def waive(follow_up: FollowUp, reason: str, *, now: datetime) -> Decision[FollowUp] | Refusal:
    """Settled without a message, with the reason."""
    if not reason.strip():
        return Refusal("Say why no message is sent; the reason stands on the record.", "reason")
    return _closed(follow_up) or _ended(follow_up, FollowUpState.WAIVED, reason.strip()[:300], now=now)


def void_all(found: Iterable[FollowUp], *, reason: str, now: datetime) -> Decision[tuple[FollowUp, ...]]:
    """It is open again: what was prepared is put away, for its figures are no longer true."""
    ended = [_ended(each, FollowUpState.VOID, reason, now=now) for each in found if each.open]
    return Decision(tuple(each.state for each in ended), tuple(event for each in ended for event in each.events))


# --- what stands in the way --------------------------------------------------------------------------------------


def _ended(follow_up: FollowUp, state: FollowUpState, reason: str, *, now: datetime) -> Decision[FollowUp]:
    event: Event = FollowUpEnded(
        follow_up=follow_up.uid,
        customer=follow_up.customer,
        contract=follow_up.contract,
        state=state,
        reason=reason,
    )
    return Decision(replace(follow_up, state=state, reason=reason, settled_at=now), (event,))


def _closed(follow_up: FollowUp) -> Refusal | None:
    return None if follow_up.open else Refusal(f"The message is {follow_up.state} already: reload the page.", "state")


def _person(actor: Actor) -> Refusal | None:
    return None if actor.kind == "person" else Refusal("Only a person approves or sends such a message.", "actor")


def _gap(follow_up: FollowUp) -> Refusal | None:
    whole = f"{follow_up.subject}\n{follow_up.body}"
    if "[[" not in whole:
        return None
    missing = whole.partition("[[")[2].partition("]]")[0]
    return Refusal(f"A gap is left in the text: {missing[:120]}. Fill it in.", "body")


def _unfit(body: str) -> Refusal | None:
    if not body.strip():
        return Refusal("The text is empty: write it, or settle the matter without a message.", "body")
    if len(body) > LONGEST_BODY:
        return Refusal(f"The text has {len(body):,} characters, more than {LONGEST_BODY:,}: shorten it.", "body")
    return None
