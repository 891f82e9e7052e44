"""What came of messages, written down in one transaction, by whoever still holds the lease and nobody else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Concat
from django.db.models.sql import UpdateQuery

from antiphon.actions import telling_inside
from antiphon.actions.subscribers import end_gone
from antiphon.core.decision import SYSTEM
from antiphon.core.escalation import CATCH_ALL_RETRY, RUNNING, EscalationState
from antiphon.core.events import StepReachedNobody
from antiphon.core.sending import Dead, NotSent, Outcome, Purpose, Retry, Sent, next_attempt
from antiphon.db import bulk, claims, record
from antiphon.db.among import among
from antiphon.db.claims import Leased
from antiphon.db.fields import InstantField
from antiphon.db.models import Attempt, Delivery, Escalation, Stream
from antiphon.db.transactions import write

ENDED = ("dead", "not_sent")
NOT_NEEDED = frozenset({NotSent.ACKNOWLEDGED, NotSent.RESOLVED, NotSent.SUPERSEDED, NotSent.STALE_FOLDED})
"""Reasons that say nothing of whether the person can be reached."""
MAILINGS = frozenset({Purpose.UPDATE, Purpose.DIGEST})
"""Of these a message that was handed over leaves no attempt beside its row, which says when and as what it went."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: it stays queued until then."""

    reason: NotSent
    until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one leased delivery: handed over with an outcome, not to be sent, or not now.

    `alike` names fields: what is queued and free and has the same values there shares a fate that was no attempt, so
    that a storm is put aside in one statement.
    """

    delivery: Leased
    outcome: Outcome | NotSent | Later
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """What is set on a row; rows with one change are written by one statement.

    `reference`: the provider's name for the message, before and after the row's own uid where that stands in it.
    """

    state: str
    reason: str = ""
    wake_at: datetime | None = None
    done_at: datetime | None = None
    tried: bool = False
    reference: tuple[str, ...] = ()


def record_results(results: Sequence[Result], *, node: str, now: datetime, real: float) -> int:
    """Write the results down; answers how many were. One whose lease is another's by now is dropped.

    Attempts are kept with the node's name. A failed one is queued again while patience lasts. When nobody of an
    escalation's present step could be reached, its next step is due at once (RELIABILITY I15).
    """
    with write(news=not all(isinstance(result.outcome, Sent) for result in results)):
        heads = _lock_incidents(results)
        changes = _still_held([(result, _change(result, now=now)) for result in results], now=now)
        held = [result for result, _ in changes]
        _keep_attempts(changes, node=node, now=now)
        for result in {(type(r.outcome), r.alike, _values(r)): r for r in held if r.alike}.values():
            _apply_to_alike(result, now=now, real=real)
        telling_inside.after(
            [(result.delivery, result.outcome) for result in held if isinstance(result.outcome, NotSent)],
            now=now,
            real=real,
        )
        end_gone(
            [result.delivery for result in held if isinstance(result.outcome, Dead) and result.outcome.gone], now=now
        )
        _advance_steps(changes, heads, now=now)
    return len(held)


def _lock_incidents(results: Iterable[Result]) -> dict[str, Stream]:
    """Heads of the incidents whose paging may have to go on, in one order for everybody, before any other row."""
    pages = [result.delivery.page for result in results if not isinstance(result.outcome, Sent | Later)]
    uids = sorted({page.escalation.incident.uid for page in pages if page})
    return {uid: record.lock(record.incident_stream(uid)) for uid in uids}


def _change(result: Result, *, now: datetime) -> _Change:
    row, outcome = result.delivery, result.outcome
    if isinstance(outcome, Later):
        return _Change("queued", outcome.reason, wake_at=outcome.until)
    if isinstance(outcome, NotSent):
        return _Change("not_sent", outcome, done_at=now)
    if isinstance(outcome, Sent):
        return _Change("sent", done_at=now, tried=True, reference=_about_uid(outcome.reference[:300], row.uid))
    if isinstance(outcome, Retry) and not outcome.tried:
        return _Change("queued", wake_at=now)
    if isinstance(outcome, Retry):
        first_at = row.first_at or now
        at = next_attempt(row.attempts + 1, outcome, first_at=first_at, now=now, purpose=Purpose(row.purpose))
        if isinstance(at, datetime):
            return _Change("queued", outcome.reason[:300], wake_at=at, tried=True)
        outcome = at
    return _Change("dead", outcome.reason[:300], done_at=now, tried=True)


def _about_uid(reference: str, uid: str) -> tuple[str, ...]:
    before, found, after = reference.partition(uid)
    return (before, after) if found else (reference,) if reference else ()


Changes = Sequence[tuple[Result, _Change]]


def _still_held(changes: Changes, *, now: datetime) -> Changes:
    """Make the changes, one statement for all rows with the same one; those whose lease was held still."""
    alike: dict[_Change, list[Leased]] = defaultdict(list)
    for result, change in changes:
        alike[change].append(result.delivery)
    held = {key for change, rows in alike.items() for key in _apply(change, rows, now=now)}
    return [(result, change) for result, change in changes if result.delivery.pk in held]


def _apply(change: _Change, rows: Sequence[Leased], *, now: datetime) -> list[int]:
    """The ids of the rows that were changed."""
    values: dict[str, object] = {
        "state": change.state, "reason": change.reason, "wake_at": change.wake_at, "done_at": change.done_at,
        "lease": "", "lease_until": None,
    }  # fmt: skip
    if change.tried:
        values |= {"attempts": F("attempts") + 1, "first_at": Coalesce("first_at", Value(now, InstantField()))}
    if change.reference:
        values["reference"] = _reference(change.reference)
    leases, ids = {row.lease for row in rows}, [row.pk for row in rows]
    query = Delivery.objects.filter(among("id", ids), lease__in=leases, state="queued").query.chain(UpdateQuery)
    assert isinstance(query, UpdateQuery)
    query.add_update_values(values)
    statement, parameters = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING id", parameters)
        return [key for (key,) in cursor.fetchall()]


def _reference(parts: tuple[str, ...]) -> object:
    if len(parts) == 1:
        return Value(parts[0])
    before, after = parts
    return Concat(Value(before), "uid", Value(after))


def _keep_attempts(changes: Changes, *, node: str, now: datetime) -> None:
    attempts = []
    for result, change in changes:
        row, outcome = result.delivery, result.outcome
        if not change.tried or not isinstance(outcome, Sent | Retry | Dead):
            continue
        if isinstance(outcome, Sent) and row.purpose in MAILINGS:
            continue
        words = outcome.detail if isinstance(outcome, Sent) else outcome.reason
        name = type(outcome).__name__.lower()
        attempts.append(Attempt(delivery_id=row.pk, at=now, outcome=name, detail=words[:500], node=node[:120]))
    bulk.write(attempts)


def _values(result: Result) -> tuple[object, ...]:
    return tuple(getattr(result.delivery, name) for name in result.alike)


def _apply_to_alike(result: Result, *, now: datetime, real: float) -> None:
    same = dict(zip(result.alike, _values(result), strict=True))
    rows = Delivery.objects.filter(claims.free(real), state="queued", **same)
    if isinstance(result.outcome, Later):
        # All but what tells the admins that sending is stopped.
        rows = rows.filter(wake_at__lt=result.outcome.until).exclude(slots__about=telling_inside.BREAKER)
        rows.update(wake_at=result.outcome.until, reason=result.outcome.reason)
    elif isinstance(result.outcome, NotSent):
        rows.update(state="not_sent", reason=result.outcome, wake_at=None, done_at=now)


def _advance_steps(changes: Changes, heads: Mapping[str, Stream], *, now: datetime) -> None:
    """Steps of which every page has failed by now give way to the next one."""
    failed = {
        result.delivery.page.escalation_id: change.reason
        for result, change in changes
        if change.state in ENDED and result.delivery.page and result.outcome not in NOT_NEEDED
    }
    for row in Escalation.objects.filter(pk__in=failed, state__in=RUNNING).select_related("incident"):
        sent = Delivery.objects.filter(page__escalation=row, page__cycle=row.cycle, page__step=row.step)
        if not sent.exists() or sent.exclude(state__in=ENDED).exists():
            continue
        # The catch-all waits a little: paging it at once again would never end.
        at = now + CATCH_ALL_RETRY if row.state == EscalationState.EXHAUSTED else now
        row.wake_at = min(at, row.wake_at or at)
        row.save(update_fields=["wake_at"])
        why = failed[row.pk]
        said = NotSent(why).sentence if why in set(NotSent) else why
        event = StepReachedNobody(step=row.step, reason=f"every message of it failed. {said}")
        record.append(heads[row.incident.uid], [event], actor=SYSTEM, now=now)
