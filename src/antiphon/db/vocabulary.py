"""The words of the house that the lint goes by: its people, its products, its jargon, its zone."""

from antiphon.core.lint import Known
from antiphon.db.models import Entity, Organisation, Person

GLOSSARY = "glossary"
"""The key of the organisation's settings under which jargon stands with what to say instead."""
NAMED = ("service", "application", "workflow")
"""Kinds of entities whose names customers know when they face them."""


def known() -> Known:
    """What holds for every text, whatever incident it is about."""
    organisation = Organisation.only()
    facing = Entity.objects.filter(customer_facing=True, kind__in=NAMED).values_list("name", "title", "public_title")
    return Known(
        zone=organisation.zone,
        names=tuple(Person.objects.filter(is_active=True).values_list("name", flat=True)),
        products=tuple(dict.fromkeys(word for words in facing for word in words if word)),
        glossary=glossary(organisation),
    )


def glossary(organisation: Organisation) -> dict[str, str]:
    """The organisation's own jargon, each word with what to say instead."""
    found = organisation.settings.get(GLOSSARY)
    return {str(word): str(instead) for word, instead in found.items()} if isinstance(found, dict) else {}
