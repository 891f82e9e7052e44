"""The organisation's own templates as they hold, laid over the shipped ones."""

from collections.abc import Mapping

from django.db.models import F, Max, Window

from antiphon import messages
from antiphon.db.models import MessageTemplate, Organisation


def language() -> str:
    """The language of the organisation's texts; the first that we ship where we ship none in its own."""
    wanted = Organisation.only().language
    return wanted if wanted in messages.LANGUAGES else messages.LANGUAGES[0]


def templates(audience: str) -> Mapping[str, str]:
    """Every template of an audience by name: the organisation's own where it has one, else the shipped one."""
    return {**shipped(audience), **own(audience)}


def shipped(audience: str) -> Mapping[str, str]:
    """The shipped templates of an audience in the organisation's language."""
    return messages.shipped(audience, language=language())


def own(audience: str) -> Mapping[str, str]:
    """The organisation's own templates of an audience by name, as they hold."""
    return {row.name: row.text for row in current() if row.audience == audience}


def current() -> list[MessageTemplate]:
    """The version that holds of every own template; one that was given back is left out."""
    newest = Window(Max("number"), partition_by=[F("audience"), F("name")])
    rows = MessageTemplate.objects.filter(language=language()).annotate(newest=newest).filter(number=F("newest"))
    return [row for row in rows.select_related("author").order_by("audience", "name") if row.text]
