"""Pages that one person would read one after the other go as one message that names every incident.

The first page of a storm goes at once; what gathers for the same person while it is on its way, and for a breath after,
goes together. So a thousand incidents ring somebody a few times within seconds, rather than until the limit stops them.
"""

from collections.abc import Sequence
from typing import Final

from antiphon.core.sending import Envelope, InsideText, opaque
from antiphon.db import addresses
from antiphon.db.claims import Leased

HOW: Final = "Open a link and confirm to acknowledge, without signing in. The gravest come first."
Key = tuple[str, str, bool, str]


def key(row: Leased) -> Key | None:
    """Pages of one key may be one message; None: it goes by itself.

    What was claimed together by a worker that died is put together again, so that a receiver who has it already knows
    it by its id (RELIABILITY I8).
    """
    if row.page_id is None or not row.recipient:
        return None
    return row.recipient, row.address, row.practice, row.earlier_lease


def envelope(pages: Sequence[tuple[Leased, InsideText]], *, base: str) -> Envelope:
    """One message for several pages of one key, each with its subject and its link. `base`: our own base URL."""
    lines = [
        f"{words.subject}\n{addresses.page_url(base, row.page.token)}" for row, words in pages if row.page is not None
    ]
    first, words = pages[0]
    incidents = {row.page.escalation.incident_id for row, _ in pages if row.page is not None}
    what = "incidents" if len(incidents) == len(pages) else "pages"
    subject = f"{len(pages)} {what}: {words.subject}, and {len(pages) - 1} more"
    return Envelope(
        delivery_id=opaque(" ".join(sorted(row.uid for row, _ in pages))),
        to=first.address,
        text=InsideText(subject, "\n\n".join([f"You are paged for {len(pages)} {what}. {HOW}", *lines]) + "\n"),
        extra={"event_type": "pages", "occurred_at": first.created_at.isoformat()},
        practice=first.practice,
    )
