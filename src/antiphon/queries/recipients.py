"""How many read each version of an update, as its page says it before anything is sent."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from antiphon.core.audiences import OUTSIDE, Audience, Version, audience_of
from antiphon.core.questions.situation import Reached
from antiphon.db import recipients
from antiphon.db.models import Incident, Stakeholder
from antiphon.db.snapshots import affected
from antiphon.queries import impact


@dataclass(frozen=True, slots=True)
class Counted:
    """How many read an audience's version, in words and as a number."""

    words: str
    number: int


def readers(incident: Incident, versions: Sequence[Version]) -> dict[str, Counted]:
    """How many each version goes to; who was told before stays a reader when hit no more. Three statements, a few
    more where one customer or segment has a text of its own."""
    reached = affected.reached(incident)
    customers = [each.name for each in reached if each.kind == "customer"]
    before = recipients.told(incident).exclude(customer__name__in=customers)
    outside = Counter(impact.readers(customers)) + Counter(audience_of(contact) for contact in before)
    inside = Counter(Stakeholder.objects.values_list("audience", flat=True))
    practice = incident.nature != "real"
    counts = {version.key: _counted(version.audience, outside, inside, practice) for version in versions}
    return counts | ({} if practice else _parted(incident, versions, reached))


def _parted(incident: Incident, versions: Iterable[Version], reached: Iterable[Reached]) -> dict[str, Counted]:
    """The counts of audiences of which some readers get a text of their own, and of those texts."""
    found: dict[str, Counted] = {}
    parted = [version for version in versions if version.part]
    contacts = recipients.readers(incident, reached) if parted else {}
    for audience in {version.audience for version in parted}:
        keys = {version.part: version.key for version in parted if version.audience is audience}
        for part, own in recipients.by_part(contacts.get(audience, []), keys).items():
            found[keys.get(part, audience)] = _counted(audience, Counter({audience: len(own)}), {}, False)
        found |= {key: _counted(audience, {}, {}, False) for key in (*keys.values(), audience) if key not in found}
    return found


def _counted(audience: Audience, outside: Mapping[str, int], inside: Mapping[str, int], practice: bool) -> Counted:
    if audience not in OUTSIDE:
        count = inside.get(audience, 0)
        return Counted(f"{count} inside" if count else "nobody is listed", count)
    if practice:
        return Counted("nobody: this is practice", 0)
    if audience is Audience.PUBLIC:
        return Counted("everybody who opens the status page", 0)
    count = outside.get(audience, 0)
    untagged = outside.get("untagged", 0) if audience is Audience.BUSINESS else 0
    words = f"{count} {'contact' if count == 1 else 'contacts'}"
    return Counted(f"{words}, {untagged} of them untagged" if untagged else words, count)
