"""The moment of publication: everything goes out in one transaction, or nothing does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from antiphon.actions import asking, gathering, prepared, promises, social
from antiphon.actions.locked import Locked
from antiphon.actions.subscribers import telling as subscribers
from antiphon.core import holding, wording
from antiphon.core import updates as rules
from antiphon.core.audiences import (
    OUTSIDE,
    Approval,
    ApprovalKind,
    Audience,
    Moment,
    Translation,
    Update,
    UpdateState,
    Version,
)
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import HoldingSent
from antiphon.core.holding import Holding
from antiphon.core.languages import greeting, spoken
from antiphon.core.lint import lint
from antiphon.core.sending import InsideText, OutsideText, Purpose
from antiphon.core.variables import About
from antiphon.db import about, bulk, public_page, situations
from antiphon.db.fields import new_uid
from antiphon.db.models import (
    Contact,
    Delivery,
    HoldingMessage,
    Organisation,
    Stakeholder,
    Text,
)
from antiphon.db.models import Update as Row
from antiphon.db.models import Version as VersionRow
from antiphon.db.recipients import by_part
from antiphon.db.recipients import readers as readers_of
from antiphon.db.snapshots import telling

UPDATE_PRIORITY = 20
MAILED = OUTSIDE - {Audience.PUBLIC}

Readers = list[tuple[str, str, str, str]]
"""(recipient's uid or empty, address, greeting name, language or empty) of everyone who reads one version."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A version's words as they may leave: in its own language, and in `others` where they may."""

    own: OutsideText | InsideText
    others: Mapping[str, OutsideText] = field(default_factory=dict)


def publish(held: Locked, row: Row, update: Update) -> Refusal | None:
    """Publish an update whose versions are all approved; refused with the sentence that says what is missing."""
    readers = _readers(held, update.versions)
    reach = {key: len(people) for key, people in readers.items()}
    decision = rules.publish(update, reach, now=held.now)
    if isinstance(decision, Refusal):
        return decision
    sealed: dict[str, Sealed] = {}
    facts, words = telling.facts(held.incident), about.known_words(held.incident)
    for version in update.versions:
        outside = version.audience in OUTSIDE
        text = wording.seal(version, facts, known_words=words) if outside else wording.inside(version)
        if isinstance(text, Refusal):
            return text
        others = wording.seal_translations(version, facts, known_words=words) if outside else {}
        sealed[version.key] = Sealed(text, others)
    telling.save_update(row, decision.state)
    held.record(decision.events)
    _send(held, row, decision.state, sealed, readers)
    return None


def send_holding(held: Locked, audiences: Iterable[str]) -> None:
    """The first word that goes out by itself: holding messages approved in advance, for these audiences."""
    held = replace(held, actor=SYSTEM)  # nobody sends it: it was approved for this moment
    wanted = set(audiences)
    approved = [_holding(row) for row in _approved_holdings(held) if row.audience in wanted]
    known = about.load(held.incident)
    zone, language = Organisation.only().zone, spoken(Organisation.only().language)
    for kept in approved:
        then = replace(known, next_update_at=held.now + promises.pace(held, kept.audience))
        version = holding.version(kept, then, zone=zone, now=held.now, language=language)
        text = wording.seal(version, ()) if isinstance(version, Version) else version
        if isinstance(version, Version) and isinstance(text, OutsideText):
            _send_holding(held, version, Sealed(text, wording.seal_translations(version, ())), then)
        elif isinstance(text, Refusal):
            held.note(f"The holding message for {kept.audience} was not sent: {text.sentence}")


def roles_of(held: Locked, actor: Actor) -> frozenset[str]:
    """The roles a person holds in the incident."""
    return frozenset(held.incident.roles.filter(person__uid=actor.uid).values_list("role", flat=True))


def _send_holding(held: Locked, version: Version, text: Sealed, known: About) -> None:
    update = Update(
        uid=new_uid(),
        incident=held.incident.uid,
        moment=Moment.HOLDING,
        versions=(version,),
        next_update_at=known.next_update_at,
        state=UpdateState.PUBLISHED,
        published_at=held.now,
    )
    row = Row(uid=update.uid, incident=held.incident, created_at=held.now)
    telling.save_update(row, update)
    readers = _readers(held, (version,))
    reach = len(readers[version.key])
    held.record([HoldingSent(audience=version.audience, digest=version.digest, recipients=reach)])
    _send(held, row, update, {version.key: text}, readers)


def _send(
    held: Locked,
    row: Row,
    update: Update,
    sealed: Mapping[str, Sealed],
    readers: Mapping[str, Readers],
) -> None:
    """Queue every version, change the status pages, and settle the promises that this keeps."""
    rows = {(version.audience, version.part): version for version in row.versions.all()}
    own = [version.part for version in update.versions if version.part]
    for version in update.versions:
        words, following = sealed[version.key], announced(held, update, version)
        stored = _queue(held, rows[version.audience, version.part], words, readers[version.key])
        if isinstance(words.own, OutsideText):
            sent = {language: each for language, each in version.translations.items() if language in words.others}
            shown = replace(version, translations=sent)
            said = public_page.publish(held.incident, shown, following, own=own, now=held.now)
            published = [subscribers.Published.by(update) for update in said]
            subscribers.tell(stored[version.language], published, others=stored, now=held.now)
            gathering.gather(held, list(stored.values()), moment=update.moment, next_update_at=following)
        if not version.part:
            promises.published(held, version.audience, update.moment, following)
    social.publish(held, row)
    asking.settle(held, row, update)
    prepared.put_away(held)


def announced(held: Locked, update: Update, version: Version) -> datetime | None:
    """The next update that this version's own words announce, else the update's."""
    said = lint(
        version.body,
        audience=version.audience,
        severity=held.incident.severity,
        moment=update.moment,
        at=held.now,
        known=replace(about.lint_known(held.incident), language=version.language),
    ).next_update_at
    return said or update.next_update_at


def _queue(held: Locked, version: VersionRow, words: Sealed, readers: Readers) -> dict[str, Text]:
    """A text for each language, and a delivery to each reader in theirs; an address gets one alone."""
    outside, own = isinstance(words.own, OutsideText), version.language
    said: dict[str, OutsideText | InsideText] = {own: words.own, **words.others}
    stored = {language: _stored(held, version, language, text) for language, text in said.items()}
    once = {address: (uid, name, language) for uid, address, name, language in reversed(readers)}
    practice = held.incident.nature != "real"
    bulk.write_new(
        [
            Delivery(
                purpose=Purpose.UPDATE,
                priority=UPDATE_PRIORITY,
                text=(text := stored.get(spoken(language, otherwise=own), stored[own])),
                channel="mail",
                address=address,
                recipient=uid,
                slots={"greeting": greeting(name, language=text.language)} if outside else {},
                outside=outside,
                practice=practice,
                created_at=held.now,
                wake_at=held.now,
            )
            for address, (uid, name, language) in reversed(once.items())
        ],
        unique=("text", "channel", "address"),
        where="page_id IS NULL",
    )
    return stored


def _stored(held: Locked, version: VersionRow, language: str, text: OutsideText | InsideText) -> Text:
    return Text.objects.create(
        incident=held.incident,
        version=version,
        audience=version.audience,
        outside=isinstance(text, OutsideText),
        subject=text.subject,
        body_text=text.body_text,
        body_html=text.body_html or "",
        channels=dict(text.channels) if isinstance(text, OutsideText) else version.channels,
        language=language,
        digest=text.digest if isinstance(text, OutsideText) else version.digest,
        created_at=held.now,
    )


def _readers(held: Locked, versions: Iterable[Version]) -> dict[str, Readers]:
    """Whom each version goes to, by its key: nobody outside in a drill or test; the public reads the page, and
    subscribes to it. Who has a text of their own reads that one alone."""
    contacts: dict[Audience, list[Contact]] = {}
    if held.incident.nature == "real" and any(version.audience in MAILED for version in versions):
        contacts = readers_of(held.incident, situations.load(held.incident, now=held.now).reached)
    found: dict[str, Readers] = {}
    for audience, own in groupby(sorted(versions, key=_audience), _audience):
        if audience not in OUTSIDE:
            rows = Stakeholder.objects.filter(audience=audience).order_by("id")
            found[audience] = [("", row.email, row.name, "") for row in rows]
            continue
        keys = {version.part: version.key for version in own}
        parts = by_part(contacts.get(audience, []), keys.keys() - {""})
        found |= {
            key: [(each.uid, each.email, each.name, each.language) for each in parts.get(part, [])]
            for part, key in keys.items()
        }
    return found


def _audience(version: Version) -> Audience:
    return version.audience


def _approved_holdings(held: Locked) -> list[HoldingMessage]:
    kind = held.incident.incident_type
    return list(
        HoldingMessage.objects.filter(incident_type=kind, approved_at__isnull=False).select_related("approved_by")
    )


def _holding(row: HoldingMessage) -> Holding:
    approval = None
    if row.approved_at and row.approved_by:
        approval = Approval(by=row.approved_by.uid, at=row.approved_at, digest=row.digest, kind=ApprovalKind.HOLDING)
    return Holding(
        audience=Audience(row.audience),
        incident_type=row.incident_type,
        subject=row.subject,
        body=row.body,
        translations={language: Translation(**words) for language, words in row.translations.items()},
        approval=approval,
    )
