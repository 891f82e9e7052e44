"""A test mail to whoever asks for it, by the same queue as every other, and what became of it."""

from typing import Any

from django.utils.translation import gettext as _

from antiphon.actions import contacts
from antiphon.db.models import Delivery
from antiphon.queries import oncall


def send(request: Any) -> str:
    """Queue a test to the person's own address; its id, or nothing when they have none."""
    own = request.person.contact_methods.filter(channel="mail").values_list("id", flat=True).first()
    if own is None:
        return ""
    queued = contacts.send_test(person=request.person, method=own, actor=request.actor, now=request.now)
    return queued.uid if isinstance(queued, Delivery) else ""


def shown(request: Any) -> dict[str, Any] | None:
    """What became of the test that the address names: `waits` while nobody has tried to send it."""
    row = Delivery.objects.filter(uid=request.GET.get("test", ""), recipient=request.person.uid).first()
    if row is None:
        return None
    waits = row.state == "queued" and not row.tries.exists()
    mend = "" if row.state == "sent" or waits else _("Correct the settings and send another.")
    text = _("To %(address)s: %(outcome)s") % {"address": row.address, "outcome": oncall.outcome(row)}
    return {"ok": row.state == "sent" or waits, "text": text, "mend": mend, "waits": waits}
