"""A version's words beside the text that mail and page share: by channel, and in other languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from antiphon.core.audiences import Mark, Translation, Version
from antiphon.core.channel_words import LABELS, counted, too_long
from antiphon.core.languages import LANGUAGES, words
from antiphon.core.sending import CHANNELS


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSeen:
    """Words for one kind of channel, with how long they are. `trouble`: a sentence where it holds no so many."""

    kind: str
    label: str
    text: str
    length: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationSeen:
    """The words in another language. `fit`: sent to those who read it, who else get the text itself."""

    language: str
    name: str
    subject: str
    body: str
    by_channel: tuple[ChannelSeen, ...]
    every_channel: tuple[ChannelSeen, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    fit: bool

    @property
    def prefix(self) -> str:
        """What the names of its fields in a form begin with."""
        return f"{self.language}."


def by_channel(said: Mapping[str, str], *, all_of_them: bool = False) -> tuple[ChannelSeen, ...]:
    """The channels that have words, or every one."""
    kinds: Iterable[str] = CHANNELS if all_of_them else [kind for kind in CHANNELS if kind in said]
    return tuple(_channel(kind, said.get(kind, "")) for kind in kinds)


def translations(version: Version) -> tuple[TranslationSeen, ...]:
    """Every other language the version is in, in the order of their codes."""
    return tuple(_translation(language, each) for language, each in sorted(version.translations.items()))


def language_name(language: str) -> str:
    """What a language calls itself."""
    return words(language).own if language in LANGUAGES else language


def _channel(kind: str, text: str) -> ChannelSeen:
    return ChannelSeen(
        kind=kind,
        label=LABELS[kind],
        text=text,
        length=counted(kind, text) if text else "",
        trouble=too_long(kind, text),
    )


def _translation(language: str, said: Translation) -> TranslationSeen:
    errors = tuple(each.message for each in said.findings if each.level is Mark.ERROR)
    return TranslationSeen(
        language=language,
        name=language_name(language),
        subject=said.subject,
        body=said.body,
        by_channel=by_channel(said.channels),
        every_channel=by_channel(said.channels, all_of_them=True),
        errors=errors,
        warnings=tuple(each.message for each in said.findings if each.level is not Mark.ERROR),
        fit=said.fit,
    )
