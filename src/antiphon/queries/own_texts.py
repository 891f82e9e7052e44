"""The texts of every audience and moment: which are the organisation's own, who changed them, how they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon import messages
from antiphon.core import own_texts as rules
from antiphon.core import wording
from antiphon.core.audiences import Audience, Moment
from antiphon.core.decision import Refusal
from antiphon.core.facts import NAMES, visible_to
from antiphon.core.own_texts import Seen
from antiphon.core.variables import allowed
from antiphon.core.wording import TemplateTrouble
from antiphon.db import about, own_texts
from antiphon.db.models import Incident, MessageTemplate, Organisation
from antiphon.db.snapshots import telling


@dataclass(frozen=True, slots=True, kw_only=True)
class TextListed:
    """One template in the list. `own`: the organisation's; then with its version, who saved it, when and why."""

    audience: str
    name: str
    said: str
    url: str
    own: bool
    number: int = 0
    by: str = ""
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShown:
    """One template as it holds, what it may say, and its versions, newest first. `shipped`: the text beneath it."""

    audience: Audience
    moment: Moment
    name: str
    said: str
    text: str
    own: bool
    shipped: str
    variables: tuple[tuple[str, str], ...]
    versions: tuple[MessageTemplate, ...]


def listed() -> Mapping[str, tuple[TextListed, ...]]:
    """Every template by audience: the shipped ones, and the organisation's own in their place or beside them."""
    own = {(row.audience, row.name): row for row in own_texts.current(language=language())}
    found: dict[str, tuple[TextListed, ...]] = {}
    for audience in rules.AUDIENCES:
        there = {*messages.shipped(audience, language=language()), *(name for each, name in own if each == audience)}
        names = {name for name in there if not isinstance(rules.named(audience, name), Refusal)}
        found[audience] = tuple(_listed(audience, name, own.get((audience, name))) for name in sorted(names))
    return found


def shown(audience: str, name: str) -> TextShown | None:
    """One template; an empty text where there is none yet. None where there can be none."""
    known = rules.named(audience, name)
    if isinstance(known, Refusal):
        return None
    own = own_texts.own(audience, language=language())
    shipped = messages.shipped(audience, language=language())
    beneath = wording.choose(shipped, *_parts(name)) or ""
    versions = MessageTemplate.objects.filter(audience=audience, name=name, language=language())
    return TextShown(
        audience=known[0],
        moment=known[1],
        name=name,
        said=said(name),
        text=own.get(name) or beneath,
        own=name in own,
        shipped=beneath,
        variables=tuple((each, NAMES[each].label if each in NAMES else "") for each in sorted(allowed(known[0]))),
        versions=tuple(versions.select_related("author").order_by("-number")),
    )


def preview(
    text: str, audience: Audience, moment: Moment, *, incident: Incident | None, now: datetime
) -> Seen | Refusal:
    """How a template reads for the sample incident, or for a real one with what that audience may know of it now."""
    words = text.replace("\r\n", "\n").strip() + "\n"
    problems = wording.check_template(words, audience)
    if problems:
        return Refusal(" ".join(f"Line {each.line}: {each.message}" for each in problems), "text")
    try:
        if incident is None:
            return rules.on_sample(words, audience, moment, now=now)
        facts = visible_to(telling.facts(incident), audience)
        zone = Organisation.only().zone
        return Seen(text=wording.render(words, facts, about.load(incident), audience, zone=zone, now=now))
    except TemplateTrouble as trouble:
        return Refusal(f"Line 1: {trouble}", "text")


def language() -> str:
    """The language that the organisation's texts are in."""
    return messages.spoken(Organisation.only().language)


def said(name: str) -> str:
    """A template's name as people read it: “First word, disruption, payments”."""
    return ", ".join(part.replace("_", " ") for part in name.split(".")).capitalize()


def _listed(audience: str, name: str, row: MessageTemplate | None) -> TextListed:
    url = f"/settings/texts/{audience}/{name}"
    if row is None:
        return TextListed(audience=audience, name=name, said=said(name), url=url, own=False)
    return TextListed(
        audience=audience,
        name=name,
        said=said(name),
        url=url,
        own=True,
        number=row.number,
        by=row.author.name if row.author else "",
        at=row.at,
        why=row.why,
    )


def _parts(name: str) -> tuple[str, str, str]:
    moment, kind, area = (*name.split("."), "", "")[:3]
    return moment, kind, area
