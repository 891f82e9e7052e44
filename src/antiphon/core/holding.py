"""Holding messages: texts approved in advance, which keep “at once” at SEV1 (DOMAIN §8.2).

One approval is of every language, as with an update. A language whose words cannot be used is left out, and its readers
get the organisation's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from antiphon.core.access import may
from antiphon.core.audiences import Approval, ApprovalKind, Audience, Translation, Version, digest_of
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.variables import About
from antiphon.core.wording import RenderedText, check_template, render


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A text for one audience and incident type, approved in advance. Subject and body are templates with few slots,
    and so are its `translations`, by language; the approval is of the templates' own bytes."""

    audience: Audience
    incident_type: str
    subject: str
    body: str
    translations: Mapping[str, Translation] = field(default_factory=dict, hash=False)
    author: str = ""
    approval: Approval | None = None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of audience, subject and body as they stand, in every language."""
        return digest_of(self.audience, self.subject, self.body, translations=self.translations)

    @property
    def approved(self) -> bool:
        return self.approval is not None and self.approval.digest == self.digest


def approve(holding: Holding, digest: str, *, actor: Actor, now: datetime) -> Decision[Holding] | Refusal:
    """A person's yes, in advance, to exactly this template; never the author's own. Again: nothing happens."""
    if actor.kind != "person":
        return Refusal("A person has to answer for what is told outside; a program may draft it.", "actor")
    if refusal := may(actor, "holding.approve"):
        return refusal
    if digest != holding.digest:
        return Refusal("The text was changed since you read it: read it again and approve what stands now.", "digest")
    if holding.author == actor.uid:
        return Refusal("You wrote this text; it goes out by itself, so somebody else must approve it.", "approval")
    if holding.approved:
        return Decision(holding)
    return Decision(replace(holding, approval=Approval(by=actor.uid, at=now, digest=digest, kind=ApprovalKind.HOLDING)))


def version(holding: Holding, about: About, *, zone: str, now: datetime, language: str = "en") -> Version | Refusal:
    """The message as it reads in one incident: its few slots filled, no facts, approved as the templates were.

    `language` is that of its own words. Whether a gap is left is looked at when it is sealed.
    """
    if holding.approval is None or not holding.approved:
        return Refusal(f"The holding message for {holding.audience} is not approved.", "approval")

    def filled(words: Holding | Translation, language: str) -> RenderedText | Refusal:
        template = f"Subject: {words.subject}\n\n{words.body}"
        if problems := check_template(template, holding.audience, holding=True):
            return Refusal(f"The holding message cannot be used: {problems[0].message}", "body")
        return render(template, (), about, holding.audience, zone=zone, now=now, language=language)

    own = filled(holding, language)
    if isinstance(own, Refusal):
        return own
    made = {name: filled(words, name) for name, words in holding.translations.items() if name != language}
    others = {
        name: Translation(subject=text.subject, body=text.body)
        for name, text in made.items()
        if isinstance(text, RenderedText)
    }
    digest = digest_of(holding.audience, own.subject, own.body, translations=others, language=language)
    return Version(
        audience=holding.audience,
        subject=own.subject,
        body=own.body,
        language=language,
        translations=others,
        digest=digest,
        approval=replace(holding.approval, digest=digest),
        edited_at=now,
    )
