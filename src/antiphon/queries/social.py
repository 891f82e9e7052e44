"""What was posted of an incident, and what waits for a person to post it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.sending import NotSent
from antiphon.core.social import MASTODON, Choice
from antiphon.db.models import Attempt, Delivery, Incident, SocialPost
from antiphon.db.snapshots import social

LABEL: Final = "Mastodon"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSeen:
    """A post. `text` to copy while it waits for a person (`done_url` takes its address); `where` it stands; `state`
    open, posted, queued, failed or void."""

    network: str
    state: str
    text: str
    where: str
    said: str
    opened_at: datetime
    due_at: datetime | None
    at: datetime | None
    done_url: str
    uid: str


def of_incident(incident: Incident) -> tuple[PostSeen, ...]:
    """Every post of the incident but those that a newer text made needless; what waits for a person first."""
    asked = SocialPost.objects.filter(incident=incident).exclude(state="void").select_related("posted_by")
    sent = Delivery.objects.filter(text__incident=incident, channel=MASTODON).select_related("text").order_by("id")
    found = [*(_asked(row, incident) for row in asked), *_own(list(sent))]
    return tuple(sorted(found, key=lambda each: (each.state != "open", each.opened_at)))


def choice() -> Choice:
    """What the organisation chose to post, and where."""
    return social.choice()


def _asked(row: SocialPost, incident: Incident) -> PostSeen:
    by = f" by {row.posted_by.name}" if row.posted_by else ""
    return PostSeen(
        uid=row.uid,
        network=row.network,
        state=row.state,
        text=row.text,
        where=row.url,
        said=f"posted{by}" if row.state == "posted" else "waits for a person",
        opened_at=row.made_at,
        due_at=row.due_at,
        at=row.posted_at,
        done_url=f"/incidents/{incident.number}/posts/{row.uid}",
    )


def _own(rows: list[Delivery]) -> list[PostSeen]:
    tries = Attempt.objects.filter(delivery__in=rows, outcome="sent").order_by("id")
    where = dict(tries.values_list("delivery_id", "detail"))
    return [_sent(row, where.get(row.pk, "")) for row in rows]


def _sent(row: Delivery, where: str) -> PostSeen:
    states = {"sent": "posted", "queued": "queued"}
    why = NotSent(row.reason).sentence if row.reason in set(NotSent) else row.reason
    said = {"sent": "posted", "queued": "on the way"}.get(row.state, f"not posted: {why}")
    return PostSeen(
        uid=row.uid,
        network=LABEL,
        state=states.get(row.state, "failed"),
        text=row.text.subject,
        where=where if where.startswith(("https://", "http://")) else "",
        said=f"{said}: {why}" if row.state == "queued" and why else said,
        opened_at=row.created_at,
        due_at=None,
        at=row.done_at,
        done_url="",
    )
