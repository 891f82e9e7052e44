"""Writing the review: what went well, what went badly, what led to it."""

from datetime import datetime

from antiphon.actions.locked import locked
from antiphon.core.decision import Actor, Refusal
from antiphon.db.models import Review


def write(
    *,
    incident: str,
    went_well: str,
    went_badly: str,
    causes: str,
    actor: Actor,
    now: datetime,
    business_needed: str = "",
    business_reason: str = "",
) -> Refusal | None:
    """Keep what is written so far; it may be changed until the review is finished.

    `business_needed`: whether the business track was needed, yes, no or "" (not said yet), with the reason.
    """
    if business_needed not in ("", "yes", "no"):
        return Refusal("Say yes or no, or leave it open.", "business_needed")
    if business_needed and not business_reason.strip():
        return Refusal("Say in a sentence why the business track was needed, or why not.", "business_reason")
    with locked(incident, actor=actor, now=now) as held:
        review = Review.objects.filter(incident=held.incident).first()
        if review is None:
            return Refusal("The review opens when the incident is resolved.", "incident")
        if review.done_at:
            return Refusal("The review is finished; its text stands.", "incident")
        review.went_well, review.went_badly, review.causes = went_well.strip(), went_badly.strip(), causes.strip()
        review.business_needed, review.business_reason = business_needed, business_reason.strip()
        review.save()
    return None


def finish(*, incident: str, actor: Actor, now: datetime) -> Refusal | None:
    """The review is written; refused while a part of it is empty."""
    with locked(incident, actor=actor, now=now) as held:
        review = Review.objects.filter(incident=held.incident).first()
        if review is None:
            return Refusal("The review opens when the incident is resolved.", "incident")
        empty = [
            label
            for label, text in (
                ("what went well", review.went_well),
                ("what went badly", review.went_badly),
                ("the causes", review.causes),
            )
            if not text
        ]
        if empty:
            return Refusal(f"Still to be written: {', '.join(empty)}.", "incident")
        if review.done_at is None:
            review.done_at = now
            review.save(update_fields=["done_at"])
            held.note("The review is finished.")
    return None
