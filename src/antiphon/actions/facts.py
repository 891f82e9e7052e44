"""Facts: entered once, each with who may know it. Every fact makes the six questions be asked again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from antiphon.actions import drafts, verdicts
from antiphon.actions.locked import Locked, locked
from antiphon.core import facts as rules
from antiphon.core.audiences import Audience
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.facts import NONE, Confidence, Fact
from antiphon.db.fields import new_uid
from antiphon.db.snapshots import telling


def record(
    *,
    incident: str,
    name: str,
    text: str,
    actor: Actor,
    now: datetime,
    audiences: Sequence[str] | None = None,
    confidence: str = "confirmed",
    translations: Mapping[str, str] = NONE,
) -> Refusal | None:
    """Enter a fact; without `audiences` its kind says who may know it. `translations`: language → its words there."""
    refusal = _check(audiences, confidence)
    if refusal:
        return refusal
    with locked(incident, actor=actor, now=now) as held:
        decision = rules.record(
            telling.facts(held.incident),
            uid=new_uid(),
            name=name,
            text=text,
            source=str(actor),
            audiences=_audiences(audiences),
            confidence=Confidence(confidence),
            translations=translations,
            now=now,
        )
        return _keep(held, decision)


def correct(
    *,
    incident: str,
    fact: str,
    text: str,
    actor: Actor,
    now: datetime,
    audiences: Sequence[str] | None = None,
    confidence: str = "",
    translations: Mapping[str, str] = NONE,
) -> Refusal | None:
    """Put a new fact in the place of an old one, which stays on the record."""
    refusal = _check(audiences, confidence or "confirmed")
    if refusal:
        return refusal
    with locked(incident, actor=actor, now=now) as held:
        decision = rules.correct(
            telling.facts(held.incident),
            fact,
            uid=new_uid(),
            text=text,
            source=str(actor),
            audiences=_audiences(audiences),
            confidence=Confidence(confidence) if confidence else None,
            translations=translations,
            now=now,
        )
        return _keep(held, decision)


def _keep(held: Locked, decision: Decision[tuple[Fact, ...]] | Refusal) -> Refusal | None:
    if isinstance(decision, Refusal):
        return decision
    telling.save_facts(held.incident, decision.state)
    held.record(decision.events)
    verdicts.ask(held)
    drafts.follow(held)
    return None


def _audiences(names: Sequence[str] | None) -> tuple[Audience, ...] | None:
    return None if names is None else tuple(Audience(name) for name in names)


def _check(audiences: Sequence[str] | None, confidence: str) -> Refusal | None:
    known = set(Audience)
    unknown = [name for name in audiences or () if name not in known]
    if unknown:
        return Refusal(f"There is no audience {', '.join(unknown)}; choose {', '.join(Audience)}.", "audiences")
    if confidence not in set(Confidence):
        return Refusal(f"“{confidence}” is no confidence; choose {', '.join(Confidence)}.", "confidence")
    return None
