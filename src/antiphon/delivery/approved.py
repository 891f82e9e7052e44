"""The last proof, at the sender: a stored text for people outside is word for word what was approved (RELIABILITY I25).

An update's text has the approval of its version, and one about a contract that of its own matter; what tells of
planned work must be what its pages say now, for only approved words are published there; and a question is one that
ships with the program.
"""

from itertools import product

from antiphon.core import wording
from antiphon.core.sending import NotSent, OutsideText
from antiphon.db.approvals import covers
from antiphon.db.models import FollowUp, Organisation, Text
from antiphon.db.public import PublicPage, PublicUpdate


def approved(text: Text) -> OutsideText | NotSent:
    """The text as it may leave, or why it may not."""
    if text.version is not None:
        same = text.version.audience == text.audience and covers(text.version, text)
        return _resealed(text) if same else NotSent.UNAPPROVED
    if text.follow_up is not None:
        return _of_contract(text, text.follow_up)
    if text.incident_id is not None:
        return NotSent.UNAPPROVED
    return _of_plan(text) if text.maintenance_id is not None else _question(text)


def asks(text: Text) -> bool:
    """Whether it is a question to an address: may we write to you?"""
    about = (text.version_id, text.incident_id, text.maintenance_id, text.follow_up_id)
    return all(each is None for each in about)


def _of_contract(text: Text, matter: FollowUp) -> OutsideText | NotSent:
    """Sent by a person, approved byte for byte, and the incident still over: back again, its figures are not true."""
    if matter.state != "sent" or matter.approved_digest != text.digest:
        return NotSent.UNAPPROVED
    return NotSent.SUPERSEDED if matter.incident.resolved_at is None else _resealed(text)


def _of_plan(text: Text) -> OutsideText | NotSent:
    assert text.maintenance is not None
    said = PublicUpdate.objects.filter(incident__uid=text.maintenance.uid).select_related("incident")
    newest = said.order_by("-display_at", "-pk").first()
    if newest is None:
        return NotSent.UNAPPROVED
    shown, zone = newest.incident, Organisation.only().zone
    window = (shown.scheduled_for or shown.started_at, shown.scheduled_until or shown.started_at)
    for reminder in (False, True):
        told = wording.seal_planned(title=shown.title, body=newest.body, window=window, reminder=reminder, zone=zone)
        if told.digest == text.digest:
            return _resealed(text)
    return NotSent.SUPERSEDED if newest.display_at > text.created_at else NotSent.UNAPPROVED


def _question(text: Text) -> OutsideText | NotSent:
    names = PublicPage.objects.values_list("name", flat=True)
    forms = product(names, (False, True), (False, True))
    shipped = {wording.seal_question(page=name, known=known, sms=sms).digest for name, known, sms in forms}
    return _resealed(text) if text.digest in shipped else NotSent.UNAPPROVED


def _resealed(text: Text) -> OutsideText | NotSent:
    words = wording.reseal(
        audience=text.audience,
        subject=text.subject,
        body_text=text.body_text,
        body_html=text.body_html,
        digest=text.digest,
        channels=text.channels,
    )
    return words if isinstance(words, OutsideText) else NotSent.UNAPPROVED
