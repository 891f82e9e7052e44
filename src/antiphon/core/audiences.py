"""Who reads what: the audiences, which contact belongs to which, and the versions made for them.

Untagged contacts read the business version (RELIABILITY I27). An approval names the digest of the bytes it approves;
any other bytes have no approval (I25). What may be done with an update stands in `core.updates`. Source: DOMAIN §8.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from antiphon.core.markup import sealed_digest
from antiphon.core.sending import NOTHING, digest_of_parts


class Audience(StrEnum):
    """A group that reads the same version of a message."""

    TECHNICAL = "technical"
    BUSINESS = "business"
    PUBLIC = "public"
    INTERNAL = "internal"
    EXECUTIVES = "executives"
    SUPPORT = "support"
    LEGAL = "legal"
    RESPONDERS = "responders"


OUTSIDE: Final = frozenset({Audience.TECHNICAL, Audience.BUSINESS, Audience.PUBLIC})
"""Audiences outside the house. Their texts need an approval, and internal facts never reach them."""


class Moment(StrEnum):
    FIRST_WORD = "first_word"
    PROGRESS = "progress"
    RESOLUTION = "resolution"
    REVIEW = "review"
    HOLDING = "holding"


ENDINGS: Final = frozenset({Moment.RESOLUTION, Moment.REVIEW})
"""After these no next update is owed."""


# --- which contact reads which version ---------------------------------------------------------------------------


class Segment(StrEnum):
    TECHNICAL = "technical"
    BUSINESS = "business"
    UNTAGGED = "untagged"


class Contact(Protocol):
    """What we must know of a customer's contact. `wants_technical`: a business reader who asked for that version."""

    @property
    def segment(self) -> str: ...
    @property
    def wants_technical(self) -> bool: ...


C = TypeVar("C", bound=Contact)


def audience_of(contact: Contact) -> Audience:
    """The audience whose version the contact reads. Untagged, and any tag we do not know, reads the business one."""
    technical = contact.segment == Segment.TECHNICAL or contact.wants_technical
    return Audience.TECHNICAL if technical else Audience.BUSINESS


def recipients(contacts: Iterable[C], audience: Audience, *, nature: str) -> tuple[C, ...]:
    """The contacts of customers who read this audience's version: nobody in a drill or test (DOMAIN §11).

    The public reads the status page, and audiences inside are our own people: neither has contacts among customers.
    """
    if nature != "real":
        return ()
    return tuple(contact for contact in contacts if audience_of(contact) is audience)


def awaiting_end(told: Iterable[str], ended: Iterable[str], unheard: Iterable[Contact]) -> frozenset[Audience]:
    """Audiences that must still hear that it is over (RELIABILITY I29).

    `told` heard of it, `ended` of its end. `unheard`: contacts who were told of it and not of its end, and whose
    version now is perhaps another than the one they were told in, since people tag them anew.
    """
    waiting = {Audience(name) for name in told} - {Audience(name) for name in ended}
    return frozenset(waiting | {audience_of(contact) for contact in unheard})


# --- the shapes --------------------------------------------------------------------------------------------------


class Mark(StrEnum):
    """How grave a finding is: an error blocks the approval, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something `core.lint` has to say of a text: `start` and `end` count characters (code points) from its begin."""

    rule: str
    message: str
    start: int
    end: int
    level: Mark


class ApprovalKind(StrEnum):
    """technical: accuracy, by a technical person; further: of somebody named for it, see `core.approving`; standing: no
    change since an approved text; holding: in advance."""

    TECHNICAL = "technical"
    FURTHER = "further"
    STANDING = "standing"
    HOLDING = "holding"
    BYPASS = "bypass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's yes to exactly the bytes with this digest. `by` is the person's uid."""

    by: str
    at: datetime
    digest: str
    kind: ApprovalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A version's words in another language. One with errors in `findings` is approved with the rest and not sent.

    `of`: the digest of the version's own words when somebody last saw that these say the same.
    """

    subject: str
    body: str
    channels: Mapping[str, str] = field(default_factory=dict, hash=False)
    findings: tuple[Finding, ...] = ()
    of: str = ""

    @property
    def fit(self) -> bool:
        """Nothing in it has to be mended."""
        return not any(finding.level is Mark.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One audience's own text. `body` is Markdown; `author` is the uid of the last person who edited it, or empty
    when it is as the program drafted it. `given`: every yes so far; `approval` is the one that made them enough.

    With a `part` it is for those readers of the audience alone who belong to one customer or segment: the uid of that
    entity, with its name. They read it in place of the audience's version.

    `channels`: words for a kind of channel that mail and page do not share. `language` is that of all these words,
    `translations` are the same in others. An approval is of all of them together.
    """

    audience: Audience
    subject: str
    body: str
    digest: str
    channels: Mapping[str, str] = field(default_factory=dict, hash=False)
    language: str = "en"
    translations: Mapping[str, Translation] = field(default_factory=dict, hash=False)
    findings: tuple[Finding, ...] = ()
    approval: Approval | None = None
    given: tuple[Approval, ...] = ()
    author: str = ""
    edited_at: datetime | None = None
    part: str = ""
    part_name: str = ""

    @property
    def key(self) -> str:
        """What names it within its update: the audience, or audience:part."""
        return f"{self.audience}:{self.part}" if self.part else str(self.audience)

    @property
    def label(self) -> str:
        """Whom it is for, in words."""
        return f"{self.audience} for {self.part_name}" if self.part else str(self.audience)

    @property
    def approved(self) -> bool:
        """Exactly these bytes are approved, or readers inside need no approval."""
        if self.audience not in OUTSIDE:
            return True
        return self.approval is not None and self.approval.digest == self.digest_now

    @property
    def digest_now(self) -> str:
        """The digest of the words as they stand, in every language and for every channel."""
        channels, others = self.channels, self.translations
        return digest_of(self.audience, self.subject, self.body, channels, others, language=self.language)

    @property
    def said(self) -> str:
        """Every word of it, as it stands on the record: the text, then what differs by channel and by language."""
        words: dict[str, Translation | Version] = {"": self, **self.translations}
        return "\n\n".join(part for language, each in words.items() for part in _parts(language, each))

    def digests(self) -> Mapping[str, str]:
        """The digest of each language's own words, as they leave."""
        words: dict[str, Translation | Version] = {self.language: self, **self.translations}
        return {language: _digest(self.audience, language, each) for language, each in words.items()}

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Mark.ERROR)


class UpdateState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One telling: a version per audience, published at the same moment. `next_update_at` is what every version says
    of the next one; None only where none is owed (resolution, review)."""

    uid: str
    incident: str
    moment: Moment
    versions: tuple[Version, ...] = ()
    next_update_at: datetime | None = None
    state: UpdateState = UpdateState.DRAFT
    published_at: datetime | None = None

    def version(self, key: str) -> Version | None:
        """The version for an audience, or for `audience:part`, if there is one. Never another's (RELIABILITY I27)."""
        return next((version for version in self.versions if version.key == key), None)

    @property
    def open(self) -> bool:
        """It may still be changed."""
        return self.state in {UpdateState.DRAFT, UpdateState.APPROVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words for one audience, with what the lint finds in them; `channels` and `translations` None: as they were."""

    subject: str
    body: str
    findings: tuple[Finding, ...] = ()
    channels: Mapping[str, str] | None = None
    language: str = "en"
    translations: Mapping[str, Translation] | None = None


LONGEST_BODY: Final = 20_000
"""Characters of one version's body."""


def digest_of(
    audience: Audience,
    subject: str,
    body: str,
    channels: Mapping[str, str] = NOTHING,
    translations: Mapping[str, Translation] | None = None,
    *,
    language: str = "en",
) -> str:
    """SHA-256 (hex) over the bytes as they would leave the house: of audience, subject, text, HTML, channels.

    With translations it is over the digests of all languages, so that one approval is of all of them.
    """
    own = sealed_digest(audience=audience, subject=subject, body=body, channels=channels, language=language)
    if not translations:
        return own
    others = [part for name in sorted(translations) for part in (name, _digest(audience, name, translations[name]))]
    return digest_of_parts("languages", own, *others)


def _parts(language: str, words: "Translation | Version") -> Iterator[str]:
    yield (f"[{language}] " if language else "") + f"{words.subject}\n\n{words.body}"
    yield from (f"[{f'{language} {kind}'.strip()}] {said}" for kind, said in sorted(words.channels.items()))


def _digest(audience: Audience, language: str, words: "Translation | Version") -> str:
    channels = words.channels
    return sealed_digest(
        audience=audience, subject=words.subject, body=words.body, channels=channels, language=language
    )
