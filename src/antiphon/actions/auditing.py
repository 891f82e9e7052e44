"""The audit's own writes: who does it, what it found and what is gone, and pages that go by a path of their own."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from antiphon.actions.deliveries import PAGE_PRIORITY, inside
from antiphon.core import auditing as rules
from antiphon.core.access import may
from antiphon.core.auditing import EVERY_SECONDS, Finding
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import AuditCleared, AuditFound, ConfigurationApplied
from antiphon.core.sending import InsideText, Purpose
from antiphon.db import addresses, dead_man, record
from antiphon.db.claims import LEASE_SECONDS
from antiphon.db.models import Audit, AuditFinding, ContactMethod, Delivery, Incident, Person, Text
from antiphon.db.models.record import Stream
from antiphon.db.snapshots import auditing, oncall
from antiphon.db.transactions import write
from antiphon.egress.guard import url_problem

ABOUT: Final = {"about": "audit"}
"""The slots of a message by which the auditor calls people."""
MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one audit: how much is wrong, what is new, whether it passed, and the messages (ids) to hand over
    now; they are claimed, so that nobody else sends them unless whoever asked for them dies."""

    wrong: int
    new: int
    passed: bool
    messages: tuple[int, ...]


def begin(*, real: float) -> bool:
    """Whether the audit is ours: of all engines the first in each half minute. `real`: epoch seconds."""
    if Audit.objects.filter(id=1, began_real__gt=real - EVERY_SECONDS, began_real__lte=real).exists():
        return False
    with write(news=False):
        Audit.objects.get_or_create(id=1)
        due = Q(began_real__lte=real - EVERY_SECONDS) | Q(began_real__gt=real)
        return bool(Audit.objects.filter(due, id=1).update(began_real=real))


def look(*, now: datetime, real: float, pace: float) -> tuple[Finding, ...]:
    """What is wrong at `now`. What seems new is looked at twice: the tables may have moved between two statements."""
    found = rules.audit(auditing.load(now=now, real=real, pace=pace), pace=pace, now=now)
    known = set(AuditFinding.objects.filter(gone_at__isnull=True).values_list("key", flat=True))
    if all(one.key in known for one in found):
        return found
    again = {one.key for one in rules.audit(auditing.load(now=now, real=real, pace=pace), pace=pace, now=now)}
    return tuple(one for one in found if one.key in again)


def keep(found: Sequence[Finding], *, seconds: float, now: datetime, real: float) -> Kept:
    """Write down what was found and what is gone, on the incidents' records too, and queue the calls it asks for."""
    with write():
        rows = AuditFinding.objects.filter(gone_at__isnull=True).select_related("incident")
        known = {row.key: row for row in rows}
        new = [one for one in found if one.key not in known]
        gone = [row for key, row in known.items() if key not in {one.key for one in found}]
        heads = _heads({one.place.uid for one in new if one.place} | {row.incident.uid for row in gone if row.incident})
        messages = _call(new, now=now, real=real)
        _write_new(new, heads, now=now)
        _write_gone(gone, heads, now=now)
        passed = not any(one.grave for one in found)
        AuditFinding.objects.filter(gone_at__isnull=True).update(seen_at=now)
        known_now = {"at": now, "seconds": seconds, "findings": len(found)}
        Audit.objects.filter(id=1).update(**known_now, **({"passed_at": now} if passed else {}))
    return Kept(len(found), len(new), passed, tuple(row.pk for row in messages))


def called(outcome: str, *, now: datetime) -> None:
    """What the dead-man's address outside answered."""
    with write(news=False):
        Audit.objects.filter(id=1).update(called_at=now, called=outcome[:300])


def watch(*, url: str, actor: Actor, now: datetime) -> Refusal | None:
    """Set the address outside that is called when an audit has passed; with "" nobody is called."""
    refusal = may(actor, "configuration.change")
    if refusal:
        return refusal
    if url and (wrong := url_problem(url)):
        return Refusal(wrong, "url")
    with write():
        dead_man.keep(url)
        said = ConfigurationApplied(source="the settings page", changes=(f"{'~' if url else '-'} dead-man's address",))
        record.append(record.lock(record.CONFIGURATION), [said], actor=actor, now=now)
    return None


def _heads(incidents: set[str]) -> Mapping[str, Stream]:
    """The records' ends, locked in one order for everybody."""
    return {uid: record.lock(record.incident_stream(uid)) for uid in sorted(incidents)}


def _write_new(new: Sequence[Finding], heads: Mapping[str, Stream], *, now: datetime) -> None:
    uids = [one.place.uid for one in new if one.place]
    incidents = dict(Incident.objects.filter(uid__in=uids).values_list("uid", "pk"))
    for one in new:
        row = AuditFinding.objects.create(
            key=one.key,
            rule=one.rule,
            incident_id=incidents.get(one.place.uid) if one.place else None,
            sentence=one.sentence[:600],
            mend=one.mend[:300],
            url=one.url,
            grave=one.grave,
            found_at=now,
            seen_at=now,
            told_at=now if one.grave else None,
        )
        if one.place:
            event = AuditFound(rule=one.rule, finding=row.uid, text=row.sentence)
            record.append(heads[one.place.uid], [event], actor=SYSTEM, now=now)


def _write_gone(gone: Sequence[AuditFinding], heads: Mapping[str, Stream], *, now: datetime) -> None:
    for row in gone:
        if row.incident:
            event = AuditCleared(rule=row.rule, finding=row.uid, text=row.sentence)
            record.append(heads[row.incident.uid], [event], actor=SYSTEM, now=now)
    AuditFinding.objects.filter(pk__in=[row.pk for row in gone]).update(gone_at=now)


# --- calling people ------------------------------------------------------------------------------------------------


def _call(new: Sequence[Finding], *, now: datetime, real: float) -> list[Delivery]:
    """Messages to whoever the policies name as the last to be reached, by every means they have."""
    made = []
    for policy, findings in rules.calls(new).items():
        text = inside(_words(findings), audience="responders", incident=None, now=now)
        for person in _last_resort(policy, now=now):
            made += [_message(text, method, now=now, real=real) for method in person.contact_methods.all()]
    return made


def _message(text: Text, method: ContactMethod, *, now: datetime, real: float) -> Delivery:
    return Delivery.objects.create(
        purpose=Purpose.PAGE,
        priority=PAGE_PRIORITY,
        text=text,
        channel=method.channel,
        address=method.address,
        recipient=method.person.uid,
        slots=ABOUT,
        created_at=now,
        wake_at=now,
        lease=secrets.token_hex(16),
        lease_until=real + LEASE_SECONDS,
    )


def _words(findings: Sequence[Finding]) -> InsideText:
    base = addresses.base_url()
    lines = [f"{one.sentence}\n{one.mend}\n{base}{one.url}" for one in findings[:MOST_LINES]]
    more = [f"And {len(findings) - MOST_LINES} more."] if len(findings) > MOST_LINES else []
    what = findings[0].sentence if len(findings) == 1 else f"{len(findings)} things that should not be"
    why = "Antiphon looks after its own work, and what follows should not be. This message took a way of its own."
    return InsideText(f"Antiphon found: {what}"[:200], "\n\n".join([why, *lines, *more]) + "\n")


def _last_resort(policy: str, *, now: datetime) -> list[Person]:
    """The catch-all of the policy; the admins where it reaches nobody."""
    found = oncall.find_policy(policy)
    if found is not None:
        reach = oncall.reach(found, now=now)
        uids = {each.person for target in found.catch_all for each in reach.get(target, ())}
        if uids:
            return oncall.load_people(uids)
    return list(Person.objects.filter(role="admin", is_active=True).prefetch_related("contact_methods"))
