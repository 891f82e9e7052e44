"""The words of a draft: an audience's text in every language that its readers asked for and for every channel.

All are made of the same facts. What the lint says of them is read here as well, for drafts and for what people write.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from antiphon.actions import own_texts
from antiphon.actions.locked import Locked
from antiphon.core import channel_words, wording
from antiphon.core import own_texts as names
from antiphon.core.audiences import Audience, Finding, Mark, Moment, Text, Translation, Version, digest_of
from antiphon.core.facts import Fact, leaks, visible_to
from antiphon.core.lint import Known, LintResult, lint, lint_channel, lint_subject
from antiphon.core.own_texts import Name
from antiphon.core.sending import CHANNELS
from antiphon.core.variables import About
from antiphon.core.wording import RenderedText, TemplateTrouble
from antiphon.db import about, reader_languages, vocabulary
from antiphon.db.models import Incident, Organisation
from antiphon.db.snapshots import telling

OF_THE_SCOPE = frozenset({"scope", "symptoms", "what_happens", "metrics"})
"""Facts that say who and how many are affected."""


def drafted(held: Locked, audience: Audience, moment: Moment, next_update_at: datetime | None) -> Text:
    """The draft for one audience, with what the lint finds in it."""
    making = _Making.of(held, audience, moment, next_update_at)
    reading, house = Reading.of(held.incident, audience, moment, now=held.now), own_texts.house_language()
    text = making.words(house) or Translation(subject=held.incident.title, body="[[the text]]")
    own = digest_of(audience, text.subject, text.body, text.channels, language=house)
    others = {language: making.words(language) for language in reader_languages.wanted(audience, house=house)}
    translations = {
        language: reading.translated(language, replace(words, of=own), own=own)
        for language, words in others.items()
        if words is not None
    }
    return Text(
        subject=text.subject,
        body=text.body,
        channels=text.channels,
        language=house,
        translations=translations,
        findings=reading.findings(text, language=house),
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote in the place of a version. Channels and translations that are None stay as they are."""

    subject: str
    body: str
    channels: Mapping[str, str] | None = None
    translations: Mapping[str, Translation] | None = None


def written(version: Version, incident: Incident, moment: Moment, given: Given, *, now: datetime) -> Text:
    """What a person put in the place of a version, with what the lint finds. A translation that was neither changed nor
    confirmed since the words themselves were changed is not sent."""
    reading = Reading.of(incident, version.audience, moment, now=now)
    said = channel_words.spoken(version.channels if given.channels is None else given.channels)
    words = Translation(subject=given.subject, body=given.body, channels=said)
    own = digest_of(version.audience, words.subject, words.body, said, language=version.language)
    others = {
        language: _kept(version.translations.get(language), each, own)
        for language, each in {**version.translations, **(given.translations or {})}.items()
    }
    return Text(
        subject=words.subject,
        body=words.body,
        channels=said,
        translations={language: reading.translated(language, each, own=own) for language, each in others.items()},
        findings=reading.findings(words, language=version.language),
    )


def read_again(version: Version, incident: Incident, moment: Moment, *, now: datetime) -> Version:
    """The version with what the lint says of it now, in every language."""
    reading = Reading.of(incident, version.audience, moment, now=now)
    words = Translation(subject=version.subject, body=version.body, channels=version.channels)
    own = digest_of(version.audience, version.subject, version.body, version.channels, language=version.language)
    translations = {
        language: reading.translated(language, each, own=own) for language, each in version.translations.items()
    }
    return replace(version, findings=reading.findings(words, language=version.language), translations=translations)


def looked_over(
    version: Version, incident: Incident, moment: Moment, given: Given, *, now: datetime
) -> tuple[tuple[Finding, ...], datetime | None]:
    """What the lint would say of other words for a version, and the next update that they announce."""
    reading = Reading.of(incident, version.audience, moment, now=now)
    said = version.channels if given.channels is None else given.channels
    words = Translation(subject=given.subject, body=given.body, channels=said)
    return reading.findings(words, language=version.language), reading.body(given.body, version.language).next_update_at


def _kept(old: Translation | None, new: Translation, own: str) -> Translation:
    """A translation as it was sent back. Changed, or sent back with `of` set, it says the same as the words do now."""
    said = channel_words.spoken(new.channels)
    same = old is not None and (old.subject, old.body, dict(old.channels)) == (new.subject, new.body, dict(said))
    return replace(new, channels=said, of=old.of if same and old and new.of != SAME else own)


SAME = "same"
"""Put into a translation's `of` by somebody who saw that it still says what the words do."""


@dataclass(frozen=True, slots=True)
class _Making:
    """All that templates of one audience are filled with."""

    held: Locked
    audience: Audience
    moment: Moment
    facts: tuple[Fact, ...]
    known: About

    @classmethod
    def of(cls, held: Locked, audience: Audience, moment: Moment, next_update_at: datetime | None) -> "_Making":
        known = replace(about.load(held.incident), next_update_at=next_update_at)
        return cls(held, audience, moment, visible_to(telling.facts(held.incident), audience), known)

    def words(self, language: str) -> Translation | None:
        """The text that mail and page share, and every channel that has a template; None where there is no text."""
        templates = own_texts.templates(self.audience, language=language)
        text = self._made(templates, "", language)
        if text is None:
            return None
        made = {kind: self._made(templates, kind, language) for kind in CHANNELS}
        by_channel = {kind: each.body for kind, each in made.items() if each is not None}
        return Translation(subject=text.subject, body=text.body, channels=channel_words.spoken(by_channel))

    def _made(self, templates: Iterable[Mapping[str, str]], channel: str, language: str) -> RenderedText | None:
        """By the organisation's own words, else the shipped ones; these also when its own cannot be rendered here."""
        incident, zone = self.held.incident, Organisation.only().zone
        name = Name(audience=self.audience, moment=self.moment, channel=channel)
        for some in templates:
            template = wording.choose(some, self.moment, incident.incident_type, incident.area, channel=channel)
            if template is None:
                continue
            try:
                return names.made(
                    template, name, self.facts, self.known, zone=zone, now=self.held.now, language=language
                )
            except TemplateTrouble as trouble:
                self.held.note(f"The template for {self.audience} was not used: {trouble}")
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the lint must know to read an audience's texts of one incident."""

    incident: Incident
    audience: Audience
    moment: Moment
    facts: tuple[Fact, ...]
    known: Known
    now: datetime

    @classmethod
    def of(cls, incident: Incident, audience: Audience, moment: Moment, *, now: datetime) -> "Reading":
        facts = telling.facts(incident)
        contacts = [fact for fact in facts if fact.name == "contact" and fact.current]
        said = [words for fact in contacts for words in (fact.text, *fact.translations.values())]
        seen = visible_to(facts, audience)
        known = replace(
            about.lint_known(incident, contacts=said),
            detected_at=incident.detected_at,
            resolved_at=incident.resolved_at,
            scope=tuple(fact.text for fact in seen if fact.name in OF_THE_SCOPE),
            glossary=vocabulary.glossary(Organisation.only()),
        )
        return cls(incident, audience, moment, facts, known, now)

    def findings(self, words: Translation, *, language: str) -> tuple[Finding, ...]:
        """What the lint says of the words in one language. What is about the subject or a channel comes first, says so
        and stands at the body's begin."""
        severity = self.incident.severity
        of_subject = lint_subject(
            words.subject,
            audience=self.audience,
            number=self.incident.number,
            at=self.now,
            severity=severity,
            known=self._knowing(words.subject, language),
        )
        of_body = self.body(words.body, language)
        shown = (replace(one, message=f"Subject: {one.message}", start=0, end=0) for one in of_subject)
        return (*shown, *self._of_channels(words.channels, language), *of_body.findings)

    def body(self, text: str, language: str) -> LintResult:
        """What the lint says of a body in one language."""
        return lint(
            text,
            audience=self.audience,
            severity=self.incident.severity,
            moment=self.moment,
            at=self.now,
            known=self._knowing(text, language),
        )

    def translated(self, language: str, words: Translation, *, own: str) -> Translation:
        """A translation with what is to be said of it; `own` is the digest of the words that it translates."""
        found = list(self.findings(words, language=language))
        entered = [fact for fact in visible_to(self.facts, self.audience) if language not in fact.translations]
        whole = "\n".join((words.subject, words.body, *words.channels.values()))
        foreign = sorted({fact.name.replace("_", " ") for fact in entered if fact.text.strip().rstrip(".") in whole})
        if foreign:
            message = f"Not translated, and told as entered: {', '.join(foreign)}."
            found.append(Finding("untranslated", message, 0, 0, Mark.WARNING))
        if words.of != own:
            message = "The text was changed since: change this too, or say that it still says the same."
            found.append(Finding("not_looked_at", message, 0, 0, Mark.ERROR))
        if not words.subject.strip() or not words.body.strip():
            found.append(Finding("empty", "Subject or text is empty.", 0, 0, Mark.ERROR))
        return replace(words, findings=tuple(found))

    def _of_channels(self, channels: Mapping[str, str], language: str) -> tuple[Finding, ...]:
        return tuple(
            finding
            for kind, said in channels.items()
            if kind in CHANNELS
            for finding in lint_channel(
                kind,
                said,
                audience=self.audience,
                severity=self.incident.severity,
                moment=self.moment,
                at=self.now,
                known=self._knowing(said, language),
            )
        )

    def _knowing(self, text: str, language: str) -> Known:
        hidden = leaks(text, self.facts, self.audience, known_words=self.known.products)
        return replace(self.known, hidden=hidden, language=language)
