"""Telling: drafts made of facts, edited, approved byte for byte, and published to every audience at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from antiphon.actions import asking, outgrown, prepared, publishing, siblings, texts
from antiphon.actions.locked import Locked, locked, locked_update
from antiphon.core import parts, standing
from antiphon.core import updates as rules
from antiphon.core.audiences import ENDINGS, OUTSIDE, Audience, Moment, Text, Translation, Update
from antiphon.core.cadence import cadence
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.facts import corrected_since
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.outgrown import BY_PEOPLE
from antiphon.core.parts import PARTED, Part
from antiphon.core.promises import PromiseState
from antiphon.db import approving, situations
from antiphon.db.fields import new_uid
from antiphon.db.models import Organisation
from antiphon.db.models import Update as Row
from antiphon.db.models import Version as VersionRow
from antiphon.db.named import named
from antiphon.db.recipients import affected_audiences
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import promises, telling

Rule = Callable[[Update, Locked], Decision[Update] | Refusal]


def draft(
    *,
    incident: str,
    moment: str,
    actor: Actor,
    now: datetime,
    audiences: Sequence[str] | None = None,
    next_update_at: datetime | None = None,
) -> str | Refusal:
    """Prepare an update: a version for each audience, made of the facts it may know. Answers its uid.

    Without `audiences` it is for everybody who is owed word. Without `next_update_at` each audience is
    told the time that its own cadence gives; one without a cadence of its own hears with the first of the others.
    """
    if moment not in tuple(Moment) or moment == Moment.HOLDING:
        return Refusal(f"“{moment}” is no moment; choose first_word, progress, resolution or review.", "moment")
    refusal = _nobody(audiences or ()) or _behind(next_update_at, now=now)
    if refusal:
        return refusal
    with locked(incident, actor=actor, now=now) as held:
        chosen = _audiences(held, audiences)
        if not chosen:
            return Refusal("Nobody is owed word of this incident: choose whom to tell.", "audiences")
        decision = _over(Moment(moment), held) or make(
            held, Moment(moment), chosen, uid=new_uid(), next_update_at=next_update_at
        )
        if isinstance(decision, Refusal):
            return decision
        prepared.put_away(held)
        row = Row(uid=decision.state.uid, incident=held.incident, created_at=now)
        telling.save_update(row, decision.state)
        held.record(decision.events)
        return row.uid


def make(
    held: Locked,
    moment: Moment,
    audiences: Sequence[Audience],
    *,
    uid: str,
    next_update_at: datetime | None = None,
    since: datetime | None = None,
) -> Decision[Update] | Refusal:
    """An update made of the facts as they stand; it is not stored. `since`: when it goes out, if that is later."""
    times = {each: _next_time(since or held.now, held, each, moment, next_update_at) for each in audiences}
    first = min((time for time in times.values() if time), default=None)
    words = {each: texts.drafted(held, each, moment, times[each] or first) for each in audiences}
    decision = rules.draft(
        uid=uid, incident=held.incident.uid, moment=moment, texts=words, next_update_at=first, now=held.now
    )
    return decision if isinstance(decision, Refusal) else _beside_siblings(_with_parts(decision, held), held)


def add_part(*, update: str, audience: str, reader: str, actor: Actor, now: datetime) -> Refusal | None:
    """Begin a text of its own for one customer or segment, named as in the catalog; it is edited and approved apart.

    Their next updates get one too, until it is dropped."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        found = named(reader, kinds=("customer", "segment"))
        if found is None:
            return Refusal(f"The catalog has no customer or segment “{reader}”.", "reader")
        if audience not in tuple(Audience):
            return Refusal(f"“{audience}” is no audience; choose technical or business.", "audience")
        return parts.add(state, Audience(audience), Part(found.uid, found.name), now=now)

    return _change(update, rule, actor=actor, now=now)


def drop_part(*, update: str, version: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take the own text of a customer or segment away; `version` is its key, `audience:uid`."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        return parts.drop(state, version)

    return _change(update, rule, actor=actor, now=now)


def edit(
    *,
    update: str,
    audience: str,
    subject: str,
    body: str,
    channels: Mapping[str, str] | None = None,
    translations: Mapping[str, Translation] | None = None,
    actor: Actor,
    now: datetime,
) -> Refusal | None:
    """Put these words in the place of a version; a changed byte voids its approval. `audience`: the version's key.

    `channels` and `translations` that are not given stay as they are.
    """

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        version, words = state.version(audience), Text(subject=subject, body=body)
        if version:
            given = texts.Given(subject, body, channels, translations)
            words = texts.written(version, held.incident, state.moment, given, now=now)
        return rules.edit(state, audience, words, actor=actor, now=now)

    return _change(update, rule, actor=actor, now=now)


def approve(*, update: str, audience: str, digest: str, actor: Actor, now: datetime) -> Refusal | None:
    """A technical person's yes to exactly the bytes with this digest."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        version = state.version(audience)
        seen = version and texts.read_again(version, held.incident, state.moment, now=now)
        return rules.approve(
            replace(state, versions=tuple(seen if seen and each is version else each for each in state.versions)),
            audience,
            digest,
            findings=seen.findings if seen else (),
            severity=held.incident.severity,
            rules=approving.rules(),
            legal=approving.legal(held.incident),
            actor=replace(actor, incident_roles=publishing.roles_of(held, actor)),
            now=now,
        )

    return _change(update, rule, actor=actor, now=now)


def bypass(*, update: str, digests: Mapping[str, str], reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """One of two people lets exactly these texts go without their approvals, in an emergency."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        by = replace(actor, incident_roles=publishing.roles_of(held, actor))
        return rules.bypass(state, digests, reason=reason, actor=by, now=now)

    return _change(update, rule, actor=actor, now=now)


def revoke(*, update: str, audience: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take an approval back."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        return rules.revoke(state, audience, reason=reason or "taken back")

    return _change(update, rule, actor=actor, now=now)


def move_next_update(*, update: str, next_update_at: datetime, actor: Actor, now: datetime) -> Refusal | None:
    """Announce another time for the next update; every approval is void, since the texts say the old one."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        return rules.move_next_update(state, next_update_at, now=now)

    return _change(update, rule, actor=actor, now=now)


def discard(*, update: str, actor: Actor, now: datetime) -> Refusal | None:
    """Put an unpublished update away."""

    def rule(state: Update, held: Locked) -> Decision[Update] | Refusal:
        return rules.discard(state)

    return _change(update, rule, actor=actor, now=now)


def publish(*, update: str, actor: Actor, now: datetime, shown: Mapping[str, str] | None = None) -> Refusal | None:
    """Send every version to its audience, at the same moment, or refuse and send none.

    `shown`: the digest of each version as the sender read it, by its key; other words than these are not sent.
    """
    with locked_update(update, actor=actor, now=now) as (row, held):
        state = telling.update(row)
        if state.open and shown is not None and dict(shown) != {each.key: each.digest for each in state.versions}:
            return Refusal("A text was changed since you read it: read what stands now, then send.", "digests")
        state = outgrown.weigh(held, row, state)
        refusal = siblings.contradicting(state, held) or _over(state.moment, held) or _wrong_by_now(state, held)
        return refusal or publishing.publish(held, row, state)


def no_change(*, incident: str, actor: Actor, now: datetime, next_update_at: datetime | None = None) -> Refusal | None:
    """Say again to everybody what they were told last, with the time since which nothing changed."""
    with locked(incident, actor=actor, now=now) as held:
        if refusal := _over(Moment.PROGRESS, held):
            return refusal
        rows = Row.objects.filter(incident=held.incident, state="published").order_by("published_at", "id")
        told = [telling.update(row) for row in rows]
        audiences = {version.audience for update in told for version in update.versions}
        times = [_next_time(now, held, audience, Moment.PROGRESS, next_update_at) for audience in sorted(audiences)]
        decision = standing.no_change(
            told,
            uid=new_uid(),
            next_update_at=min((time for time in times if time), default=now),
            zone=Organisation.only().zone,
            actor=actor,
            now=now,
        )
        if isinstance(decision, Refusal):
            return decision
        row = Row(uid=decision.state.uid, incident=held.incident, created_at=now)
        telling.save_update(row, decision.state)
        held.record(decision.events)
        return publishing.publish(held, row, decision.state)


def _over(moment: Moment, held: Locked) -> Refusal | None:
    """What promises a next word is nothing for an incident that has ended, and no word at all is for a merged one."""
    if other := held.incident.merged_into:
        return Refusal(f"The incident was merged into #{other.number}: its readers are told from there.", "moment")
    if moment in ENDINGS or held.incident.state not in (*OVER, IncidentState.RESOLVED):
        return None
    said = f"The incident is {held.incident.state}: what readers need now is a resolution or a review."
    return Refusal(said, "moment")


def _wrong_by_now(update: Update, held: Locked) -> Refusal | None:
    """A text that was right when it was approved and is not now: too early again, of a fact that became secret or was
    corrected."""
    known = telling.facts(held.incident)
    for version in update.versions:
        if version.audience in OUTSIDE and version.approval and version.approval.kind in BY_PEOPLE:
            errors = texts.read_again(version, held.incident, update.moment, now=held.now).errors
            if errors and update.open:
                return Refusal(f"The text for {version.label} is wrong by now: {errors[0].message}", "body")
            if pair := corrected_since(version.said, known, since=version.approval.at):
                said = f"The text for {version.label} says “{pair[0].text}”, which was corrected since it was approved"
                return Refusal(
                    f"{said}: “{pair[1].text}”. Change it, or take the approval back and give it again.", "body"
                )
    return None


def _with_parts(drafted: Decision[Update], held: Locked) -> Decision[Update]:
    """The draft with a version for each customer or segment that its audience's last published text had one for."""
    state, events = drafted.state, drafted.events
    published = Row.objects.filter(incident=held.incident, state="published").order_by("-published_at", "-id")
    for audience in PARTED:
        last = published.filter(versions__audience=audience).first()
        for row in VersionRow.objects.filter(update=last, audience=audience).exclude(part=""):
            done = parts.add(state, audience, Part(row.part, row.part_name), now=held.now)
            if isinstance(done, Decision):
                state, events = done.state, (*events, *done.events)
    return Decision(state, events)


def _nobody(wanted: Iterable[str]) -> Refusal | None:
    """One misspelt name must not leave an audience out in silence."""
    readers = [str(each) for each in Audience if each != Audience.RESPONDERS]
    strangers = [each for each in wanted if each not in readers]
    if not strangers:
        return None
    return Refusal(f"Nobody reads updates for {', '.join(strangers)}; choose of {', '.join(readers)}.", "audiences")


def _behind(next_update_at: datetime | None, *, now: datetime) -> Refusal | None:
    if next_update_at is None or next_update_at > now:
        return None
    said = f"{next_update_at:%Y-%m-%d %H:%M} UTC is past: say when the next update really comes."
    return Refusal(said, "next_update_at")


def _audiences(held: Locked, wanted: Sequence[str] | None) -> tuple[Audience, ...]:
    """The audiences asked for, else all that are owed word, were told before, or have somebody affected."""
    if wanted is not None:
        chosen: Iterable[str] = wanted
    else:
        situation = situations.load(held.incident, now=held.now)
        owing = (PromiseState.OPEN, PromiseState.BROKEN)  # late is better than never
        owed = {p.audience for p in promises.load(held.incident) if p.state in owing and p.what != "review"}
        chosen = owed | gates.told(held.incident) | ({*affected_audiences(situation.reached)} if not owed else set())
    return tuple(audience for audience in Audience if audience in set(chosen) and audience != Audience.RESPONDERS)


def _next_time(
    since: datetime, held: Locked, audience: Audience, moment: Moment, given: datetime | None
) -> datetime | None:
    pace = cadence(held.incident.severity, audience)
    if moment in ENDINGS:
        return None
    if given is not None or pace is None or pace.then_every is None:
        return given
    return since + pace.then_every


def _beside_siblings(
    decision: Decision[Update], held: Locked, *, before: Update | None = None
) -> Decision[Update] | Refusal:
    """The decision with what the versions say otherwise than each other marked in them."""
    state = siblings.checked(decision.state, held, before=before)
    return state if isinstance(state, Refusal) else replace(decision, state=state)


def _change(update: str, rule: Rule, *, actor: Actor, now: datetime) -> Refusal | None:
    with locked_update(update, actor=actor, now=now) as (row, held):
        before = telling.update(row)
        decision = rule(before, held)
        if not isinstance(decision, Refusal):
            decision = _beside_siblings(decision, held, before=before)
        if isinstance(decision, Refusal):
            return decision
        telling.save_update(row, decision.state)
        held.record(decision.events)
        asking.settle(held, row, decision.state)
    return None
