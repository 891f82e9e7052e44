"""Holding messages: texts approved in advance, which the first word at SEV1 may be."""

from datetime import datetime

from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.db import record
from antiphon.db.models import HoldingMessage, Person
from antiphon.db.transactions import write


def approve(*, message: int, digest: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """The person answers for exactly this text, by its digest; a changed text has to be read again."""
    with write():
        head = record.lock(record.CONFIGURATION)
        row = HoldingMessage.objects.select_for_update().filter(pk=message).first()
        if row is None:
            return Refusal("This message is gone: somebody removed it. Reload the page.", "message")
        if row.digest != digest:
            return Refusal("The text was changed while you read it: read it again, then approve it.", "message")
        row.approved_by, row.approved_at = person, now
        row.save(update_fields=["approved_by", "approved_at"])
        said = f"holding message to {row.audience} for {row.incident_type} approved by person {person.uid}"
        record.append(head, [ConfigurationApplied(source="the settings page", changes=(said,))], actor=actor, now=now)
    return None
