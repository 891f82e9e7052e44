"""The texts of every audience and moment: which are the organisation's own, who changed them, how they read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from antiphon import messages
from antiphon.core import languages, wording
from antiphon.core import own_texts as rules
from antiphon.core.audiences import Audience, Moment
from antiphon.core.channel_words import LABELS
from antiphon.core.decision import Refusal
from antiphon.core.facts import NAMES, visible_to
from antiphon.core.languages import LANGUAGES
from antiphon.core.own_texts import Name, Seen
from antiphon.core.sending import CHANNELS
from antiphon.core.variables import allowed
from antiphon.core.wording import TemplateTrouble
from antiphon.db import about, own_texts
from antiphon.db.models import Incident, MessageTemplate, Organisation
from antiphon.db.snapshots import telling


@dataclass(frozen=True, slots=True, kw_only=True)
class TextListed:
    """One template in the list. `own`: the organisation's; then with its version, who saved it, when and why.

    `channels`: those of the same name for a channel. `there`: it exists, or only some of its channels do.
    """

    audience: str
    name: str
    said: str
    url: str
    own: bool
    there: bool = True
    number: int = 0
    by: str = ""
    at: datetime | None = None
    why: str = ""
    channels: tuple["TextListed", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShown:
    """One template as it holds, what it may say, and its versions, newest first. `shipped`: the text beneath it."""

    of: Name
    language: str
    audience: Audience
    moment: Moment
    name: str
    said: str
    channel: str
    channels: tuple[tuple[str, str], ...]
    text: str
    own: bool
    shipped: str
    variables: tuple[tuple[str, str], ...]
    versions: tuple[MessageTemplate, ...]


def listed(language: str) -> Mapping[str, tuple[TextListed, ...]]:
    """Every template by audience: the shipped ones, and the organisation's own in their place or beside them."""
    own = {(row.audience, row.name): row for row in own_texts.current(language=language)}
    found: dict[str, tuple[TextListed, ...]] = {}
    for audience in rules.AUDIENCES:
        there = {*messages.shipped(audience, language=language), *(name for each, name in own if each == audience)}
        names = {name for name in there if not isinstance(rules.named(audience, name), Refusal)}
        rows = {name: _listed(audience, name, own.get((audience, name)), language) for name in names}
        whole = sorted({name.partition("@")[0] for name in names})
        found[audience] = tuple(_with_channels(audience, name, rows, language) for name in whole)
    return found


def shown(audience: str, name: str, language: str) -> TextShown | None:
    """One template; an empty text where there is none yet. None where there can be none."""
    known = rules.named(audience, name)
    if isinstance(known, Refusal):
        return None
    own = own_texts.own(audience, language=language)
    shipped = messages.shipped(audience, language=language)
    names = (known.moment, known.incident_type, known.area)
    beneath = wording.choose(shipped, *names, channel=known.channel) or ""
    versions = MessageTemplate.objects.filter(audience=audience, name=name, language=language)
    whole = name.partition("@")[0]
    kinds = [("", whole), *((kind, f"{whole}@{kind}") for kind in CHANNELS)]
    return TextShown(
        of=known,
        language=language,
        audience=known.audience,
        moment=known.moment,
        name=name,
        said=said(name),
        channel=known.channel,
        channels=tuple((LABELS.get(kind, ""), _url(audience, each, language)) for kind, each in kinds),
        text=own.get(name) or beneath,
        own=name in own,
        shipped=beneath,
        variables=tuple((each, NAMES[each].label if each in NAMES else "") for each in sorted(allowed(known.audience))),
        versions=tuple(versions.select_related("author").order_by("-number")),
    )


def preview(text: str, name: Name, *, incident: Incident | None, language: str, now: datetime) -> Seen | Refusal:
    """How a template reads for the sample incident, or for a real one with what that audience may know of it now."""
    words = text.replace("\r\n", "\n").strip() + "\n"
    problems = wording.check_template(words, name.audience, channel=name.channel)
    if problems:
        return Refusal(" ".join(f"Line {each.line}: {each.message}" for each in problems), "text")
    try:
        if incident is None:
            return rules.on_sample(words, name, now=now, language=language)
        facts, zone = visible_to(telling.facts(incident), name.audience), Organisation.only().zone
        text_made = rules.made(words, name, facts, about.load(incident), zone=zone, now=now, language=language)
        return Seen(text=text_made)
    except TemplateTrouble as trouble:
        return Refusal(f"Line 1: {trouble}", "text")


def language_of(wanted: str) -> str:
    """The language asked for, where texts can be in it; else the organisation's."""
    return wanted if wanted in LANGUAGES else languages.spoken(Organisation.only().language)


def said(name: str) -> str:
    """A template's name as people read it: “First word, disruption, payments: SMS”."""
    whole, _, channel = name.partition("@")
    words = ", ".join(part.replace("_", " ") for part in whole.split(".")).capitalize()
    return f"{words}: {LABELS.get(channel, channel)}" if channel else words


def _with_channels(audience: str, name: str, rows: Mapping[str, TextListed], language: str) -> TextListed:
    """A template with those for a channel beneath it."""
    url = _url(audience, name, language)
    absent = TextListed(audience=audience, name=name, said=said(name), url=url, own=False, there=False)
    beneath = [rows[key] for kind in CHANNELS if (key := f"{name}@{kind}") in rows]
    return replace(rows.get(name, absent), channels=tuple(beneath))


def _url(audience: str, name: str, language: str) -> str:
    return f"/settings/texts/{audience}/{name}?language={language}"


def _listed(audience: str, name: str, row: MessageTemplate | None, language: str) -> TextListed:
    url, words = _url(audience, name, language), LABELS.get(name.partition("@")[2]) or said(name)
    if row is None:
        return TextListed(audience=audience, name=name, said=words, url=url, own=False)
    return TextListed(
        audience=audience,
        name=name,
        said=words,
        url=url,
        own=True,
        number=row.number,
        by=row.author.name if row.author else "",
        at=row.at,
        why=row.why,
    )
