"""Posting for the public: by the program where a network lets it, else asked of a person with the words to copy."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from antiphon.actions import tracks
from antiphon.actions.locked import Locked, locked
from antiphon.core import social as rules
from antiphon.core import wording
from antiphon.core.access import may
from antiphon.core.audiences import Audience
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import ConfigurationApplied, Event, PostAsked, PostQueued
from antiphon.core.sending import OutsideText, Purpose
from antiphon.core.social import MASTODON, TASK, Choice
from antiphon.core.tracks import finish_task
from antiphon.db import organisation, record
from antiphon.db.addresses import base_url
from antiphon.db.models import Delivery, Person, SocialPost, Text, Update
from antiphon.db.snapshots import incidents
from antiphon.db.snapshots import social as snapshots
from antiphon.db.transactions import write

PRIORITY = 20
"""That of an update to customers."""
LONGEST = 280
"""Characters of a post that a person makes: what the strictest of the usual networks takes."""


def publish(held: Locked, update: Update) -> None:
    """Post what was just published for everybody, when this severity asks for it."""
    choice, before = snapshots.choice(), snapshots.posted_before(held.incident)
    severity, nature = held.incident.severity, held.incident.nature
    if not rules.wanted(severity=severity, nature=nature, before=before, choice=choice):
        return
    for stored in _texts(update):
        text = wording.reseal(
            audience=stored.audience,
            subject=stored.subject,
            body_text=stored.body_text,
            body_html=stored.body_html,
            digest=stored.digest,
            channels=stored.channels,
        )
        if isinstance(text, OutsideText):
            held.record([*_queue(held, stored, snapshots.account()), *_ask(held, stored, text, choice)])
            _tick(held)


def posted(*, post: str, url: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """A person has made the post; its address stands on the record."""
    row = SocialPost.objects.select_related("incident").filter(uid=post).first()
    if row is None:
        return Refusal("There is no such post any more: reload the page.", "post")
    with locked(row.incident.uid, actor=actor, now=now) as held:
        row = SocialPost.objects.get(uid=post)
        decision = rules.posted(snapshots.post(row), url, now=now)
        if isinstance(decision, Refusal):
            return decision
        after = decision.state
        row.state, row.url, row.posted_at, row.posted_by = after.state, after.url, after.posted_at, person
        row.save(update_fields=["state", "url", "posted_at", "posted_by"])
        held.record(decision.events)
        _tick(held)
    return None


def choose(*, choice: Choice, actor: Actor, now: datetime) -> Refusal | None:
    """What is posted, and on which networks a person posts, from now on."""
    refusal = may(actor, "configuration.change") or rules.check(choice)
    if refusal:
        return refusal
    with write():
        if choice != snapshots.choice():
            head = record.lock(record.CONFIGURATION)
            organisation.keep(snapshots.SETTING, choice)
            until = f"SEV{choice.up_to}" if choice.up_to else "no severity"
            said = f"~ posts: up to {until}, by a person on {', '.join(choice.networks) or 'none'}"
            event = ConfigurationApplied(source="the settings page", changes=(said,))
            record.append(head, [event], actor=actor, now=now)
    return None


def _texts(update: Update) -> Iterable[Text]:
    """The text for everybody as it was sealed, in the language of the organisation; none where there is no such."""
    rows = Text.objects.filter(version__update=update, audience=Audience.PUBLIC, version__part="")
    return rows.filter(language=F("version__language")).select_related("version").order_by("id")[:1]


def _queue(held: Locked, stored: Text, server: str) -> Iterable[Event]:
    if not server:
        return
    Delivery.objects.create(
        purpose=Purpose.UPDATE,
        priority=PRIORITY,
        text=stored,
        channel=MASTODON,
        address=server,
        outside=True,
        created_at=held.now,
        wake_at=held.now,
    )
    yield PostQueued(network="Mastodon")


def _ask(held: Locked, stored: Text, text: OutsideText, choice: Choice) -> Iterable[Event]:
    rows = {row.uid: row for row in SocialPost.objects.filter(incident=held.incident, state="open")}
    for old in rules.superseded([snapshots.post(row) for row in rows.values()], choice.networks):
        SocialPost.objects.filter(uid=old.uid).update(state=old.state)
    assert stored.version is not None  # it was asked for by its version
    words = rules.post_of(text, f"{base_url()}/status/", most=LONGEST)
    for network in choice.networks:
        SocialPost.objects.create(
            incident=held.incident,
            version=stored.version,
            network=network,
            text=words,
            made_at=held.now,
            due_at=held.now + rules.WITHIN,
        )
        yield PostAsked(network=network)


def _tick(held: Locked) -> None:
    """The measure of the track is taken once nothing waits for a person, and something was posted."""
    if SocialPost.objects.filter(incident=held.incident, state="open").exists():
        return
    if not snapshots.posted_before(held.incident):
        return
    incident = incidents.load(held.incident)
    task = next((each for each in incident.business.tasks if each.key == TASK and each.done_at is None), None)
    done = finish_task(incident.business, task.uid, now=held.now) if task else None
    if isinstance(done, Decision):
        tracks.keep(held, incident, done)
