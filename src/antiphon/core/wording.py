"""From facts to words: templates rendered for one audience, and the seal on what may leave the house.

The only module that makes an `OutsideText` (RELIABILITY I26): facts are filtered by audience before any word is made
of them, and words are looked through for what their audience may not know before they are sealed. Templates are
Liquid, written by users: few tags, few filters, limits while rendering, every variable known when it is saved.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from liquid import BoundTemplate, Environment, Mode, StrictUndefined
from liquid.builtin import content, illegal, output
from liquid.builtin.filters import misc, string
from liquid.builtin.tags import assign_tag, case_tag, comment_tag, for_tag, if_tag, inline_comment_tag, unless_tag
from liquid.exceptions import LiquidError
from liquid.filter import liquid_filter

from antiphon.core import gathered_text, languages
from antiphon.core.audiences import OUTSIDE, Audience, Translation, Version
from antiphon.core.channel_words import fitted
from antiphon.core.decision import Refusal
from antiphon.core.facts import Fact, leaks, visible_to
from antiphon.core.markup import bodies, to_html, to_text
from antiphon.core.sending import NOTHING, RECIPIENT_SLOTS, InsideText, OutsideText, fill, slot
from antiphon.core.variables import About, allowed, said_at, values

LONGEST_TEMPLATE: Final = 20_000
_SUBJECT: Final = re.compile(r"\ASubject:[ \t]*([^\n]*)\n(?:[ \t]*\n)*")
_GAP: Final = re.compile(r"\[\[([^\[\]\n]+)\]\]")
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a template cannot be saved. `line` counts from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A draft for one audience: the subject in one line, the body in Markdown. Gaps stand in it as `[[…]]`."""

    subject: str
    body: str


class TemplateTrouble(ValueError):
    """A template that passed its check and still cannot be rendered, as when it grows beyond its limits."""


# --- templates ---------------------------------------------------------------------------------------------------


def candidates(moment: str, incident_type: str = "", area: str = "", *, channel: str = "") -> tuple[str, ...]:
    """Names of the templates that fit, most particular first: falls back leftwards, and to no other channel."""
    names = [moment]
    if incident_type:
        names.insert(0, f"{moment}.{incident_type}")
        if area:
            names.insert(0, f"{moment}.{incident_type}.{area}")
    return tuple(f"{name}@{channel}" for name in names) if channel else tuple(names)


def choose(
    templates: Mapping[str, str], moment: str, incident_type: str = "", area: str = "", *, channel: str = ""
) -> str | None:
    """The most particular template of one audience's `templates` (name → text), or None where there is none.

    Mail and page share the one without a `channel`; for the others there may be none, and then a short text is made of
    the subject by whoever sends.
    """
    names = candidates(moment, incident_type, area, channel=channel)
    return next((templates[name] for name in names if name in templates), None)


def split(template: str) -> tuple[str, str]:
    """Subject and body of a template, whose first line is “Subject: …”; an empty subject where it is not."""
    match = _SUBJECT.match(template)
    return (match[1], template[match.end() :]) if match else ("", template)


def check_template(text: str, audience: Audience, *, holding: bool = False, channel: str = "") -> tuple[Problem, ...]:
    """What is wrong with a template, when it is saved: its form, its size, and what its audience may not know.

    `holding`: it goes out by itself, before anybody has entered a fact, and so may use a few variables only.
    `channel`: its words for one, which have no subject.
    """
    if len(text) > LONGEST_TEMPLATE:
        return (Problem(1, f"The template has {len(text):,} characters, more than {LONGEST_TEMPLATE:,}."),)
    if channel and _SUBJECT.match(text):
        return (Problem(1, f"A text for {channel} has no subject: take the first line out."),)
    if not channel and not _SUBJECT.match(text):
        return (Problem(1, "The first line must be “Subject: …”, then an empty line, then the message."),)
    known = allowed(audience, holding=holding)
    found = [
        Problem(first_line + part.count("\n", 0, index), message)
        for part, first_line in (((text, 1),) if channel else _parts(text))
        for index, message in _faults(part, audience, known, holding=holding)
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.message)))


def render(
    template: str,
    facts: Iterable[Fact],
    about: About,
    audience: Audience,
    *,
    zone: str,
    now: datetime,
    language: str = "en",
) -> RenderedText:
    """A draft for the audience, made of those facts alone that it may know.

    `zone` (IANA) is the audience's; technical readers and our own people get UTC. What is needed and not known stands
    in the draft as a gap, `[[what customers notice]]`, which the lint refuses until a person fills it in.
    Raises TemplateTrouble when the template cannot be rendered within its limits; check it with `check_template`.
    """
    known = values(visible_to(facts, audience), about, audience, zone=zone, now=now, language=language)
    head, body = split(template)
    subject = " ".join(_filled(head, known).split())
    if about.practice:
        subject = f"[{languages.words(language).practice}] {subject}"
    return RenderedText(subject[:200], _BLANK_LINES.sub("\n\n", _filled(body, known)).strip())


def render_for(
    channel: str,
    template: str,
    facts: Iterable[Fact],
    about: About,
    audience: Audience,
    *,
    zone: str,
    now: datetime,
    language: str = "en",
) -> str:
    """The draft for one channel, as `render` makes the text that mail and page share. Raises TemplateTrouble."""
    known = values(visible_to(facts, audience), about, audience, zone=zone, now=now, language=language)
    said = _BLANK_LINES.sub("\n\n", _filled(template, known)).strip()
    practice = f"[{languages.words(language).practice}] " if about.practice and channel != "voice" else ""
    return fitted(channel, practice + said)


def _filled(template: str, known: Mapping[str, object]) -> str:
    try:
        return _parsed(template).render(**known)
    except LiquidError as error:
        raise TemplateTrouble(f"The template cannot be rendered: {error.message or error}.") from error


@functools.lru_cache(maxsize=256)
def _parsed(template: str) -> BoundTemplate:
    return _ENVIRONMENT.from_string(template)


# --- sealing -----------------------------------------------------------------------------------------------------


def seal(version: Version, facts: Iterable[Fact], *, known_words: Iterable[str] = ()) -> OutsideText | Refusal:
    """The text as it may leave the house: exactly the bytes that were approved, free of what its readers may not know.

    `facts` are all of the incident's; `known_words` are names the audience knows anyway (services, products).
    """
    if version.audience not in OUTSIDE:
        return Refusal(f"The text for {version.audience} is for people inside and stays there.", "audience")
    if not version.approved:
        return Refusal(f"Exactly this text for {version.audience} is not approved: approve it first.", "approval")
    return _looked_through(version.audience, version, facts, known_words, language=version.language)


def seal_translations(
    version: Version, facts: Iterable[Fact], *, known_words: Iterable[str] = ()
) -> Mapping[str, OutsideText]:
    """The text in each other language in which it may leave: whoever reads one that is left out gets `seal`'s.

    Call it for a version that `seal` let pass: one approval is of all languages.
    """
    known, words = tuple(facts), tuple(known_words)
    fit = {language: each for language, each in version.translations.items() if each.fit and version.approved}
    sealed = {
        language: _looked_through(version.audience, each, known, words, language=language)
        for language, each in fit.items()
    }
    return {language: text for language, text in sealed.items() if isinstance(text, OutsideText)}


def _looked_through(
    audience: Audience,
    words: Version | Translation,
    facts: Iterable[Fact],
    known_words: Iterable[str],
    *,
    language: str,
) -> OutsideText | Refusal:
    whole = "\n\n".join((words.subject, words.body, *words.channels.values()))
    found = leaks(whole, facts, audience, known_words=known_words)
    if found:
        quoted = ", ".join(f"“{whole[start:end]}”" for start, end in found)
        return Refusal(f"This quotes what {audience} readers may not know: {quoted}. Take it out.", "body")
    return _sealed(audience, words.subject, words.body, words.channels, language=language)


def seal_planned(*, title: str, body: str, window: tuple[datetime, datetime], reminder: bool, zone: str) -> OutsideText:
    """What subscribers read of planned work: the words that its page shows, approved with its window (aware UTC)."""
    starts_at, ends_at = window
    times = f"From {said_at(starts_at, zone=zone)} to {said_at(ends_at, zone=zone)}."
    text, html = bodies(audience=Audience.PUBLIC, body=f"{body}\n\n{times}")
    subject = f"Reminder: {title}" if reminder else title
    return OutsideText._seal(subject=subject, body_text=text, body_html=html, audience=Audience.PUBLIC)


def seal_follow_up(
    *,
    subject: str,
    body: str,
    approved: str,
    facts: Iterable[Fact],
    others: Iterable[str],
    known_words: Iterable[str] = (),
    language: str = "en",
) -> OutsideText | Refusal:
    """The message about one contract to its customer: exactly the bytes whose digest is `approved`, free of what is for
    inside, and of the names of `others`: the customers who must not stand in it (RELIABILITY I28)."""
    version = Version(audience=Audience.BUSINESS, subject=subject, body=body, digest=approved)
    whole = f"{subject}\n\n{body}"
    named = next((other for other in others if re.search(rf"\b{re.escape(other)}\b", whole, re.IGNORECASE)), None)
    if named is not None:
        return Refusal(f"This names another customer: “{named}”. Take it out.", "body")
    text = _looked_through(version.audience, version, facts, known_words, language=language)
    if isinstance(text, OutsideText) and text.digest != approved:
        return Refusal("Exactly this text is not approved: approve it first.", "approval")
    return text


def seal_question(*, page: str, known: bool, sms: bool = False) -> OutsideText:
    """Asks an address whether it was its owner who wants to hear of a page; `known`: they are told of it already.

    Shipped with the program, so that nothing else can go to an address whose owner has not said yes. With `sms` it has
    words for one, with a code to type in.
    """
    if known:
        subject, verb = f"You are subscribed to {page}", "Change or end it"
        says = f"Somebody, most likely you, asked for messages about what {page} publishes. You get them already."
    else:
        subject, verb = f"Confirm that you want to hear from {page}", "Confirm"
        says = f"Somebody, most likely you, asked for messages about what {page} publishes."
    otherwise = "If it was not you, there is nothing to do: nothing changes."
    link = slot("unsubscribe_url")
    short = f"{page[:80]}: you are subscribed. Change or end it: {link}"
    if not known:
        short = f"{page[:80]}: your code is {slot('subscription_code')}. Or confirm at {link} Not you? Then do nothing."
    return OutsideText._seal(
        channels={"sms": short} if sms else NOTHING,
        subject=subject,
        body_text=f"{says}\n\n{verb}: {link}\n\n{otherwise}\n",
        body_html=f'<p>{escape(says)}</p>\n<p><a href="{link}">{verb}</a></p>\n<p>{otherwise}</p>\n',
        audience=Audience.PUBLIC,
    )


def seal_digest(parts: Sequence[tuple[OutsideText, Mapping[str, str]]], *, language: str) -> OutsideText:
    """Sealed texts of one audience for one recipient as one, each filled with its own slots (RELIABILITY I28).

    Raises ValueError when they are of several audiences.
    """
    (audience,) = {text.audience for text, _ in parts}
    found = []
    for text, slots in parts:
        part = gathered_text.bare(gathered_text.Part(text.subject, text.body_text, text.body_html))
        found.append(gathered_text.Part(part.subject, fill(part.text, slots), fill(part.html, slots, markup=True)))
    whole = gathered_text.composed(found, language=language)
    return OutsideText._seal(subject=whole.subject, body_text=whole.text, body_html=whole.html, audience=audience)


def reseal(
    *,
    audience: str,
    subject: str,
    body_text: str,
    body_html: str,
    digest: str,
    channels: Mapping[str, str] = NOTHING,
) -> OutsideText | Refusal:
    """A text that was sealed and stored, back for sending; refused when its bytes are not those of `digest`."""
    text = OutsideText._seal(
        subject=subject, body_text=body_text, body_html=body_html, audience=audience, channels=channels
    )
    if audience not in OUTSIDE or text.digest != digest:
        return Refusal("The stored text is not the one that was approved: it is not sent.", "digest")
    return text


def inside(version: Version) -> InsideText | Refusal:
    """The text for our own people. One written for readers outside goes by `seal`."""
    if version.audience in OUTSIDE:
        return Refusal(f"The text for {version.audience} leaves the house: seal it.", "audience")
    return InsideText(version.subject, to_text(version.body), to_html(version.body))


def _sealed(
    audience: Audience, subject: str, body: str, channels: Mapping[str, str] = NOTHING, *, language: str = "en"
) -> OutsideText | Refusal:
    whole = "\n".join((subject, body, *channels.values()))
    gap = next((match for match in _GAP.finditer(whole) if match[1] not in RECIPIENT_SLOTS), None)
    if gap:
        return Refusal(f"A gap is left in the text: {gap[1]}. Fill it in.", "body")
    text, html = bodies(audience=audience, body=body, language=language)
    return OutsideText._seal(subject=subject, body_text=text, body_html=html, audience=audience, channels=channels)


# --- the sandbox -------------------------------------------------------------------------------------------------


@liquid_filter
def _needed(value: object, what: object = "this") -> str:
    """`{{ symptoms | needed: "what customers notice" }}`: the value, or a gap that says what is missing."""
    words = str(value or "").strip()
    return words or f"[[{str(what).replace('[', '').replace(']', '')[:120]}]]"


class _Sandbox(Environment):
    """Liquid with nothing in it that reads files, and limits on everything that can grow."""

    block_nesting_limit = 10
    context_depth_limit = 10
    loop_iteration_limit = 200
    local_namespace_limit = 20_000
    output_stream_limit = 20_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (
            content.Literal, illegal.Illegal, output.Output, if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag,
            for_tag.ForTag, for_tag.BreakTag, for_tag.ContinueTag, assign_tag.AssignTag, comment_tag.CommentTag,
            inline_comment_tag.InlineCommentTag,
        ):  # fmt: skip
            self.add_tag(tag)
        filters: Mapping[str, Any] = {
            "append": string.append, "capitalize": string.capitalize, "default": misc.default,
            "downcase": string.downcase, "needed": _needed, "prepend": string.prepend, "strip": string.strip,
            "truncate": string.truncate, "upcase": string.upcase,
        }  # fmt: skip
        for name, filter_ in filters.items():
            self.add_filter(name, filter_)


_ENVIRONMENT: Final = _Sandbox(tolerance=Mode.STRICT, undefined=StrictUndefined, strict_filters=True)


def _parts(text: str) -> tuple[tuple[str, int], ...]:
    """Subject and body of a template, each with the line it begins on. They are rendered apart."""
    match = _SUBJECT.match(text)
    assert match
    return (match[1], 1), (text[match.end() :], 1 + text.count("\n", 0, match.end()))


def _faults(part: str, audience: Audience, known: frozenset[str], *, holding: bool) -> Iterator[tuple[int, str]]:
    """What is wrong with one part of a template, each with the place where it stands."""
    try:
        analysis = _ENVIRONMENT.from_string(part).analyze()
    except LiquidError as error:
        here = error.token is not None and error.token.source == part and error.token.start_index >= 0
        yield (error.token.start_index if error.token and here else len(part)), f"{error.message or 'Unreadable'}."
        return
    for name, places in analysis.globals.items():
        if name not in known:
            yield places[0].span.index, _unknown(name, audience, known, holding=holding)
    for name, spans in analysis.filters.items():
        if name not in _ENVIRONMENT.filters:
            there_are = ", ".join(sorted(_ENVIRONMENT.filters))
            yield spans[0].index, f"There is no filter “{name}”; there are: {there_are}."


def _unknown(name: str, audience: Audience, known: Iterable[str], *, holding: bool) -> str:
    if holding:
        return f"A holding message goes out by itself and cannot use “{name}”; there are: {', '.join(sorted(known))}."
    return f"“{name}” is not for {audience} readers, or does not exist; there are: {', '.join(sorted(known))}."
