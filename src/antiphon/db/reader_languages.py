"""The languages that readers outside asked for, so that texts are made in them."""

from django.db.models import Model, QuerySet

from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.languages import LANGUAGES, spoken
from antiphon.db.models import Contact, Organisation, Subscriber
from antiphon.db.public import PublicPage


def wanted(audience: Audience, *, house: str) -> tuple[str, ...]:
    """Languages beside the `house`'s own in which somebody may read this audience's text; none for people inside."""
    if audience not in OUTSIDE:
        return ()
    rows: list[QuerySet[Model]] = [
        PublicPage.objects.filter(audience=audience),
        Subscriber.objects.filter(page__audience=audience, ended_at__isnull=True),
    ]
    if audience is not Audience.PUBLIC:
        rows.append(Contact.objects.filter(unsubscribed_at__isnull=True))
    others = [language for language in LANGUAGES if language != spoken(house)]
    return tuple(language for language in others if any(_asks(each, language) for each in rows))


def asked() -> tuple[str, ...]:
    """Languages beside the house's own in which anybody outside may read anything."""
    house = Organisation.only().language
    found = {language for audience in OUTSIDE for language in wanted(audience, house=house)}
    return tuple(language for language in LANGUAGES if language in found)


def _asks(rows: QuerySet[Model], language: str) -> bool:
    return rows.filter(language__startswith=language).exists()
