"""An incident for whoever passes warnings on: CAP 1.2 with what each audience was told, in each language."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.answers import absent
from antiphon.api.shapes import ERRORS, Number
from antiphon.core.audiences import Audience
from antiphon.db.addresses import base_url
from antiphon.db.models import Incident, Organisation
from antiphon.db.public_page import IMPACTS, OVER
from antiphon.pages import cap
from antiphon.queries import updates
from antiphon.queries.updates import UpdateSeen, VersionSeen

router = Router(tags=["cap"])
TYPE: Final = "application/cap+xml"
BLOCKS: Final = (Audience.PUBLIC, Audience.BUSINESS, Audience.TECHNICAL)
"""In this order."""
STATUS: Final[dict[str, Literal["Actual", "Exercise", "Test"]]] = {"drill": "Exercise", "test": "Test"}
One = Annotated[
    Literal["public", "business", "technical"] | None, Field(description="What this audience was told, and no other")
]


@router.get(
    "/incidents/{number}/cap",
    auth=Bearer("incident.see"),
    response=ERRORS,
    openapi_extra={"responses": {200: {"description": "The alert", "content": {TYPE: {}}}}},
)
def export_cap(request: Call, number: Number, audience: One = None) -> HttpResponse:
    """What was published last to each audience outside, as a CAP 1.2 alert with a block for each of its languages."""
    incident = incident_of(request, number)
    wanted = [each for each in BLOCKS if audience in (None, str(each))]
    told = [each for each in updates.of_incident(incident) if _versions(each, wanted)]
    if not told:
        raise absent("Nothing of this incident was published to such readers yet.", "number")
    last = {version.audience: version for each in told for version in _versions(each, wanted)}
    infos = [info for each in wanted if each in last for info in _infos(last[each])]
    return HttpResponse(cap.document(_alert(incident, told, infos)), content_type=f"{TYPE}; charset=utf-8")


def _versions(update: UpdateSeen, wanted: list[Audience]) -> list[VersionSeen]:
    """What was told to all of an audience, not to one customer of it."""
    if update.published_at is None:
        return []
    return [each for each in update.versions if not each.reader and each.audience in wanted]


def _infos(version: VersionSeen) -> list[cap.Info]:
    spoken = {version.language: {"subject": version.subject, "body": version.body}, **version.translations}
    return [
        cap.Info(audience=version.audience, language=language, headline=words["subject"], body=words["body"])
        for language, words in spoken.items()
    ]


def _alert(incident: Incident, told: list[UpdateSeen], infos: list[cap.Info]) -> cap.Alert:
    base, house = base_url(), Organisation.only().name
    host = urlsplit(base).hostname or "localhost"
    audiences = {info.audience for info in infos}
    return cap.Alert(
        sender=f"incidents@{host}",
        uid=f"{host}.{'.'.join(sorted(audiences))}.{incident.uid}",
        said=tuple(each.published_at for each in told if each.published_at),
        over=incident.state in (*OVER, "cancelled"),
        impact=IMPACTS[incident.severity],
        onset=incident.detected_at,
        expires=told[-1].next_update_at,
        sender_name=house,
        web=f"{base}/status/",
        area=house,
        infos=tuple(infos),
        readers="" if audiences == {Audience.PUBLIC} else f"For {house} and whom it passes this on to",
        status=STATUS.get(incident.nature, "Actual"),
    )
