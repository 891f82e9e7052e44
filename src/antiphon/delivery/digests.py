"""One message of all that waits for one recipient: approved texts of one audience, whole (RELIABILITY I25, I28)."""

from collections.abc import Sequence
from dataclasses import replace

from antiphon.core import wording
from antiphon.core.branding import Brand
from antiphon.core.sending import Envelope, OutsideText, Purpose, opaque
from antiphon.db.claims import Leased
from antiphon.db.reaction_links import Measured
from antiphon.delivery import envelopes

Key = tuple[str, str, str, str, str]


def key(row: Leased) -> Key | None:
    """Deliveries of one key are one digest; None: it is none.

    What a worker that died had claimed together is put together again, so that its receiver knows it again by its id.
    """
    if row.purpose != Purpose.DIGEST or not row.recipient:
        return None
    return row.recipient, row.address, row.text.audience, row.text.language, row.earlier_lease


def envelope(parts: Sequence[tuple[Leased, OutsideText]], *, base: str, measured: Measured, brand: Brand) -> Envelope:
    """The digest of one key's deliveries in the order in which they were written; of one alone it is that text."""
    ordered = sorted(parts, key=lambda part: (part[0].text.incident_id or 0, part[0].pk))
    made = [envelopes.envelope(row, words, base=base, measured=measured, brand=brand) for row, words in ordered]
    if len(made) == 1:
        return made[0]
    filled = [(words, one.recipient_slots) for (_, words), one in zip(ordered, made, strict=True)]
    first, link = made[0], made[0].extra.get("link", "")
    return replace(
        first,
        delivery_id=opaque(" ".join(sorted(row.uid for row, _ in ordered))),
        text=wording.seal_digest(filled, language=ordered[0][0].text.language),
        thread=None,
        extra={**first.extra, **({"link": link.rpartition("incidents/")[0]} if link else {})},
    )
