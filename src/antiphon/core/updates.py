"""How a text becomes an audience's: drafted, edited, approved byte for byte, published with all others at once.

Sources: DOMAIN §5 (who writes and approves), §8.4 (all versions at the same moment), RELIABILITY I25, I27.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from antiphon.core import channel_words
from antiphon.core.access import may
from antiphon.core.approving import SHIPPED, Further, Rules, further
from antiphon.core.audiences import (
    ENDINGS,
    LONGEST_BODY,
    OUTSIDE,
    Approval,
    ApprovalKind,
    Audience,
    Finding,
    Mark,
    Moment,
    Text,
    Translation,
    Update,
    UpdateState,
    Version,
    digest_of,
)
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import (
    ApprovalBypassed,
    ApprovalVoided,
    DraftPrepared,
    Event,
    UpdatePublished,
    VersionApproved,
)
from antiphon.core.languages import LANGUAGES

LONGEST_SUBJECT: Final = 200


def draft(
    *,
    uid: str,
    incident: str,
    moment: Moment,
    texts: Mapping[Audience, Text],
    next_update_at: datetime | None,
    author: str = "",
    now: datetime,
) -> Decision[Update] | Refusal:
    """A new update with a version for each audience of `texts`. `author`: a person's uid, empty for the program."""
    if not texts:
        return Refusal("An update needs a text for at least one audience.", field="audiences")
    refusal = next((no for text in texts.values() if (no := _unfit(text))), None)
    if refusal:
        return refusal
    versions = tuple(
        Version(
            audience=audience,
            subject=text.subject,
            body=text.body,
            channels=text.channels or {},
            language=text.language,
            translations=text.translations or {},
            digest=digest_of(
                audience, text.subject, text.body, text.channels or {}, text.translations, language=text.language
            ),
            findings=text.findings,
            author=author,
            edited_at=now,
        )
        for audience, text in texts.items()
    )
    update = Update(uid=uid, incident=incident, moment=moment, versions=versions, next_update_at=next_update_at)
    return Decision(update, (DraftPrepared(update=uid, moment=moment, audiences=tuple(texts)),))


def edit(update: Update, key: str, text: Text, *, actor: Actor, now: datetime) -> Decision[Update] | Refusal:
    """Put these words in the place of the version with this key. One changed byte voids its approval.

    Channels and translations that are not given stay. The same bytes again change nothing but the findings.
    """
    old = update.version(key)
    channels = channel_words.spoken(text.channels) if text.channels is not None else (old.channels if old else {})
    refusal = _closed(update) or _unfit(text)
    if refusal or old is None:
        return refusal or _no_version(key)
    translations = old.translations if text.translations is None else text.translations
    language = old.language
    digest = digest_of(old.audience, text.subject, text.body, channels, translations, language=language)
    if digest == old.digest and (old.subject, old.body) == (text.subject, text.body):
        return Decision(_with(update, replace(old, findings=text.findings, translations=translations)))
    new = replace(
        old,
        subject=text.subject,
        body=text.body,
        channels=channels,
        translations=translations,
        digest=digest,
        findings=text.findings,
        approval=None,
        given=(),
        author=actor.uid if actor.kind == "person" else old.author,  # a token's edit frees nobody of the four eyes
        edited_at=now,
    )
    return Decision(
        _with(update, new), _voided(update, old, "the text was edited") if old.given or old.approval else ()
    )


def move_next_update(update: Update, next_update_at: datetime, *, now: datetime) -> Decision[Update] | Refusal:
    """Announce another time for the next update. The texts say the old one: every approval is void."""
    refusal = _closed(update) or _past(next_update_at, now=now)
    if refusal:
        return refusal
    if next_update_at == update.next_update_at:
        return Decision(update)
    events = tuple(
        event
        for version in update.versions
        if version.approval or version.given
        for event in _voided(update, version, "the time of the next update was changed")
    )
    versions = tuple(replace(version, approval=None, given=()) for version in update.versions)
    moved = replace(update, versions=versions, next_update_at=next_update_at, state=UpdateState.DRAFT)
    return Decision(moved, events)


def approve(
    update: Update,
    key: str,
    digest: str,
    kind: ApprovalKind = ApprovalKind.TECHNICAL,
    *,
    findings: tuple[Finding, ...],
    severity: int,
    rules: Rules = SHIPPED,
    legal: bool = False,
    actor: Actor,
    now: datetime,
) -> Decision[Update] | Refusal:
    """A person's yes to exactly the bytes with this digest: a technical person's, or that of somebody named beside.

    The version is approved with the last yes that it needs by `rules`; `legal`: question 4 was answered yes. Given
    already: nothing happens. `findings` is what the lint says at `now`: an error in them blocks, since a text that was
    right may be late.
    """
    version = update.version(key)
    refusal = _closed(update) or _no_person(kind, actor)
    if refusal or version is None:
        return refusal or _no_version(key)
    beside = further(rules, version.audience, severity=severity, legal=legal)
    given = tuple(each for each in version.given if each.digest == version.digest)
    mine = _kind_of(given, beside, actor)
    if mine is ApprovalKind.TECHNICAL and (refusal := may(actor, "update.approve_technical")):
        return refusal
    if digest != version.digest_now:
        return Refusal("The text was changed since you read it: read it again and approve what stands now.", "digest")
    four_eyes = _four_eyes(version.author, severity, actor, up_to=rules.four_eyes_up_to)
    refusal = _lint_blocks(findings) or _late(update, now=now) or four_eyes
    if refusal:
        return refusal
    if version.approval and version.approved:
        return Decision(_with(update, replace(version, findings=findings)))
    events: tuple[Event, ...] = ()
    if mine is not None:
        given = (*given, Approval(by=actor.uid, at=now, digest=digest, kind=mine))
        events = (VersionApproved(update=update.uid, audience=version.label, digest=digest, approval=mine),)
    enough = given[-1] if given and not missing(given, beside) else None
    return Decision(_with(update, replace(version, approval=enough, given=given, findings=findings)), events)


def bypass(
    update: Update, digests: Mapping[str, str], *, reason: str, actor: Actor, now: datetime
) -> Decision[Update] | Refusal:
    """An emergency: two people who may, an admin or the commander each, let texts go without their approvals.

    `digests` are those of the outside versions as the person read them, by key. Each person confirms by themselves
    and says why; a changed byte voids both. What is sealed is looked through for leaks and gaps as ever.
    """
    refusal = _closed(update) or _late(update, now=now) or _no_person(ApprovalKind.TECHNICAL, actor)
    if not refusal and "incident commander" not in actor.incident_roles:
        refusal = may(actor, "update.bypass")
    if refusal:
        return refusal
    if not reason.strip():
        return Refusal("Say why the approval cannot be waited for: it stands on the record.", "reason")
    open_ones = [version for version in update.versions if not version.approved]
    if any(digests.get(version.key) != version.digest for version in open_ones):
        return Refusal("A text was changed since you read it: read what stands now, then confirm.", "digest")
    changed = {v.label: new for v in open_ones if (new := _bypassed(v, actor, now=now)) is not v}
    if not changed:
        return Decision(update)
    state = update
    for version in changed.values():
        state = _with(state, version)
    event = ApprovalBypassed(
        update=update.uid,
        digests={label: version.digest for label, version in changed.items()},
        reason=reason.strip(),
        whole=all(version.approved for version in changed.values()),
    )
    return Decision(state, (event,))


def _bypassed(version: Version, actor: Actor, *, now: datetime) -> Version:
    """The version with this person's confirmation; approved when it is the second one of the same bytes."""
    before = [g for g in version.given if g.kind is ApprovalKind.BYPASS and g.digest == version.digest]
    if any(each.by == actor.uid for each in before):
        return version
    mine = Approval(by=actor.uid, at=now, digest=version.digest, kind=ApprovalKind.BYPASS)
    return replace(version, given=(*version.given, mine), approval=mine if before else None)


def missing(given: Iterable[Approval], beside: Further | None) -> tuple[ApprovalKind, ...]:
    """The kinds of yes that are needed still."""
    have = {each.kind for each in given}
    needed = (ApprovalKind.TECHNICAL, *((ApprovalKind.FURTHER,) if beside else ()))
    return tuple(kind for kind in needed if kind not in have)


def _kind_of(given: tuple[Approval, ...], beside: Further | None, actor: Actor) -> ApprovalKind | None:
    """What this person's yes would be; None when they gave theirs: two kinds take two people."""
    if any(each.by == actor.uid and each.kind is not ApprovalKind.BYPASS for each in given):
        return None
    named = beside is not None and actor.uid in beside.people
    wanted = ApprovalKind.FURTHER if named and ApprovalKind.FURTHER in missing(given, beside) else None
    return wanted or ApprovalKind.TECHNICAL


def revoke(update: Update, key: str, *, reason: str) -> Decision[Update] | Refusal:
    """Take an approval back. None there: nothing happens."""
    version = update.version(key)
    refusal = _closed(update)
    if refusal or version is None:
        return refusal or _no_version(key)
    if version.approval is None and not version.given:
        return Decision(update)
    return Decision(_with(update, replace(version, approval=None, given=())), _voided(update, version, reason))


def discard(update: Update) -> Decision[Update] | Refusal:
    """Put an unpublished update away. Put away already: nothing happens."""
    if update.state is UpdateState.DISCARDED:
        return Decision(update)
    return _closed(update) or Decision(replace(update, state=UpdateState.DISCARDED))


def publish(update: Update, recipients: Mapping[str, int], *, now: datetime) -> Decision[Update] | Refusal:
    """Everything goes out at once, or nothing: each version approved, the next update still ahead.

    `recipients`: how many people each version goes to, by its key, for the record.
    """
    refusal = _closed(update) or _late(update, now=now)
    if refusal:
        return refusal
    unfit = next((no for v in update.versions if (no := _unfit(v) or _errors_inside(v))), None)
    if unfit:
        return unfit
    unapproved = [version.label for version in update.versions if not version.approved]
    if unapproved:
        return Refusal(f"The text for {_listed(unapproved)} is not approved: exactly this text must be.", "approval")
    event = UpdatePublished(
        update=update.uid,
        moment=update.moment,
        digests={version.label: version.digest for version in update.versions},
        recipients={version.label: recipients.get(version.key, 0) for version in update.versions},
        next_update_at=update.next_update_at,
        texts={version.label: version.said for version in update.versions},
    )
    return Decision(replace(update, state=UpdateState.PUBLISHED, published_at=now), (event,))


# --- what stands in the way --------------------------------------------------------------------------------------


def unfit_subject(subject: str) -> Refusal | None:
    """Why these words cannot be a header: empty, more than one line, or too long."""
    if not subject.strip():
        return Refusal("The subject is empty: say what it is about.", field="subject")
    if not subject.isprintable():
        return Refusal(
            "The subject must be one line of plain text, without line breaks or control characters.", "subject"
        )
    if len(subject) > LONGEST_SUBJECT:
        return Refusal(
            f"The subject has {len(subject)} characters, more than {LONGEST_SUBJECT}: shorten it.", "subject"
        )
    return None


def _unfit(words: Text | Version) -> Refusal | None:
    subject, body = words.subject, words.body
    if not body.strip():
        return Refusal("The text is empty: write it, or leave this audience out.", field="body")
    if len(body) > LONGEST_BODY:
        return Refusal(f"The text has {len(body):,} characters, more than {LONGEST_BODY:,}: shorten it.", "body")
    for language, other in (words.translations or {}).items():
        if refusal := _unfit_other(language, other):
            return refusal
    return unfit_subject(subject) or channel_words.unfit(words.channels or {})


def _unfit_other(language: str, words: Translation) -> Refusal | None:
    """Why these words in another language cannot be kept at all; what is merely wrong with them keeps them from
    being sent."""
    if language not in LANGUAGES:
        return Refusal(f"“{language[:20]}” is no language of texts; choose {', '.join(LANGUAGES)}.", "translations")
    if len(words.body) > LONGEST_BODY or len(words.subject) > LONGEST_SUBJECT:
        return Refusal(f"The text in {LANGUAGES[language].own} is too long: shorten it.", "translations")
    return channel_words.unfit(words.channels)


def _errors_inside(version: Version) -> Refusal | None:
    """Texts for our own people need no approval, but a gap or a leak in them stops the publication all the same."""
    return None if version.audience in OUTSIDE else _lint_blocks(version.findings)


def _closed(update: Update) -> Refusal | None:
    if update.open:
        return None
    return Refusal(f"This update is {update.state}: prepare a new one.", field="update")


def _late(update: Update, *, now: datetime) -> Refusal | None:
    if update.next_update_at is None:
        if update.moment in ENDINGS:
            return None
        return Refusal("Say when the next update comes: readers are promised it.", field="next_update_at")
    return _past(update.next_update_at, now=now)


def _past(next_update_at: datetime, *, now: datetime) -> Refusal | None:
    if next_update_at > now:
        return None
    return Refusal(
        f"The next update is announced for {next_update_at:%H:%M} UTC, which is past: announce a later one. "
        "Approvals given before are void.",
        field="next_update_at",
    )


def _no_person(kind: ApprovalKind, actor: Actor) -> Refusal | None:
    if actor.kind != "person":
        return Refusal("Only a person approves a text; a program may draft it.", field="approval")
    if kind is not ApprovalKind.TECHNICAL:
        return Refusal(f"A {kind} approval is not given to a single update.", field="approval")
    return None


def _four_eyes(author: str, severity: int, actor: Actor, *, up_to: int) -> Refusal | None:
    if severity > up_to or author != actor.uid:
        return None
    return Refusal(f"You wrote this text; at SEV{severity} somebody else must approve it.", field="approval")


def _lint_blocks(findings: Iterable[Finding]) -> Refusal | None:
    errors = [finding.message for finding in findings if finding.level is Mark.ERROR]
    return Refusal(" ".join(errors), field="body") if errors else None


def _no_version(key: str) -> Refusal:
    return Refusal(f"This update has no text for {key.partition(':')[0]}: add one first.", field="audience")


# --- small parts -------------------------------------------------------------------------------------------------


def _with(update: Update, version: Version) -> Update:
    versions = tuple(version if old.key == version.key else old for old in update.versions)
    whole = all(other.approved for other in versions)
    return replace(update, versions=versions, state=UpdateState.APPROVED if whole else UpdateState.DRAFT)


def _voided(update: Update, version: Version, reason: str) -> tuple[Event, ...]:
    return (ApprovalVoided(update=update.uid, audience=version.label, reason=reason),)


def _listed(audiences: Iterable[str]) -> str:
    return ", ".join(audiences)
