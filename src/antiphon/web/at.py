"""The incident that an address names, as far as the one who asks may see it."""

from django.http import Http404
from django.urls import register_converter
from django.urls.converters import StringConverter

from antiphon.core.audiences import Audience
from antiphon.db.models import Incident
from antiphon.queries import readers
from antiphon.web.guard import Request


def incident_at(request: Request, number: int) -> Incident:
    """The incident of this number; a missing page when there is none for this reader."""
    found = readers.find(number, reader=request.actor)
    if found is None:
        raise Http404
    return found


def room_of(number: int) -> str:
    """The path of an incident's room."""
    return f"/incidents/{number}"


class TrackConverter(StringConverter):
    """One of the two tracks in an address."""

    regex = "technical|business"


class AudienceConverter(StringConverter):
    """A version in an address: its audience, or audience:part with the uid of one customer or segment."""

    regex = f"(?:{'|'.join(Audience)})(?::[a-z0-9]{{12}})?"


register_converter(TrackConverter, "track")
register_converter(AudienceConverter, "audience")
