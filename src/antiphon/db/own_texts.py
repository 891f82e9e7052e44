"""The organisation's own templates as they hold."""

from collections.abc import Mapping

from django.db.models import F, Max, Window

from antiphon.db.models import MessageTemplate


def own(audience: str, *, language: str) -> Mapping[str, str]:
    """The organisation's own templates of an audience by name."""
    return {row.name: row.text for row in current(language=language) if row.audience == audience}


def current(*, language: str) -> list[MessageTemplate]:
    """The version that holds of every own template; one that was given back is left out."""
    newest = Window(Max("number"), partition_by=[F("audience"), F("name")])
    rows = MessageTemplate.objects.filter(language=language).annotate(newest=newest).filter(number=F("newest"))
    return [row for row in rows.select_related("author").order_by("audience", "name") if row.text]
