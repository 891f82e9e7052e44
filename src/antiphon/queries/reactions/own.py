"""What one reader has said of one mail, as they see it behind its link. It names nobody: links are forwarded."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.core.audiences import Segment, audience_of
from antiphon.core.reactions import Kind
from antiphon.db.models import Contact, Delivery, Organisation, Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One mail and what its reader said of it. `helpful` is yes, no or ""; `reads` the version that they get from now
    on, "" when they are no contact any more; `by_role`: they cannot change it themselves."""

    organisation: str
    subject: str
    sent_at: datetime
    acknowledged_at: datetime | None
    helpful: str
    comment: str
    reads: str
    by_role: bool


def said(delivery: str) -> Said | None:
    """By the delivery (uid) that a link names; None when it is not kept any more."""
    row = Delivery.objects.filter(uid=delivery, outside=True).select_related("text").first()
    if row is None:
        return None
    found = {each.kind: each for each in Reaction.objects.filter(delivery=row)}
    contact = Contact.objects.filter(uid=row.recipient).first()
    read, rated = found.get(Kind.ACKNOWLEDGED), found.get(Kind.HELPFUL) or found.get(Kind.UNHELPFUL)
    return Said(
        organisation=Organisation.only().name,
        subject=row.text.subject,
        sent_at=row.done_at or row.created_at,
        acknowledged_at=read.at if read else None,
        helpful=("yes" if rated.kind == Kind.HELPFUL else "no") if rated else "",
        comment=rated.words if rated else "",
        reads=str(audience_of(contact)) if contact else "",
        by_role=contact is not None and contact.segment == Segment.TECHNICAL,
    )
