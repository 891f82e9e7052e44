"""Who set each field of a row of the catalog, in words."""

from collections.abc import Mapping

from antiphon.core.sources.origins import PERSON, author, in_words
from antiphon.db.models import Person


def by_field(origins: Mapping[str, str]) -> dict[str, str]:
    """“by Ira Novak, 3 May 2026”, “from Backstage”, by the field's name."""
    uids = {author(origin).removeprefix(PERSON) for origin in origins.values() if origin.startswith(PERSON)}
    names = dict(Person.objects.filter(uid__in=uids).values_list("uid", "name")) if uids else {}
    return {field: in_words(origin, names) for field, origin in origins.items()}
