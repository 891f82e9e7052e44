"""What came of messages, written down in one transaction, by whoever still holds the lease and nobody else."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import subscribers, telling_inside
from antiphon.core.decision import SYSTEM
from antiphon.core.escalation import CATCH_ALL_RETRY, RUNNING, EscalationState
from antiphon.core.events import StepReachedNobody
from antiphon.core.sending import Dead, NotSent, Outcome, Purpose, Retry, Sent, next_attempt
from antiphon.db import bulk, claims, record
from antiphon.db.models import Attempt, Delivery, Escalation, Stream
from antiphon.db.transactions import write

ENDED = ("dead", "not_sent")
NOT_NEEDED = frozenset({NotSent.ACKNOWLEDGED, NotSent.RESOLVED, NotSent.SUPERSEDED, NotSent.STALE_FOLDED})
"""Reasons that say nothing of whether the person can be reached."""


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

    delivery: Delivery
    outcome: Outcome | NotSent | Later
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    state: str
    reason: str = ""
    wake_at: datetime | None = None
    done_at: datetime | None = None
    tried: bool = False
    first_at: datetime | None = None


def record_results(results: Sequence[Result], *, node: str, now: datetime, real: float) -> int:
    """Write the results down; answers how many were. One whose lease is another's by now is dropped.

    Attempts are kept with the node's name. A failed one is queued again while patience lasts. When nobody of an
    escalation's present step could be reached, its next step is due at once (RELIABILITY I15).
    """
    with write(news=not all(isinstance(result.outcome, Sent) for result in results)):
        heads = _lock_incidents(results)
        held = _still_held(results)
        changes = [(result, _change(result, now=now)) for result in held]
        _apply(changes)
        _keep_attempts(changes, node=node, now=now)
        for result in {(type(r.outcome), r.alike, _values(r)): r for r in held if r.alike}.values():
            _apply_to_alike(result, now=now, real=real)
        telling_inside.after(
            [(result.delivery, result.outcome) for result in held if isinstance(result.outcome, NotSent)],
            now=now,
            real=real,
        )
        subscribers.end_gone(_gone(held), now=now)
        _advance_steps(changes, heads, now=now)
    return len(held)


def _gone(results: Iterable[Result]) -> list[Delivery]:
    return [each.delivery for each in results if isinstance(each.outcome, Dead) and each.outcome.gone]


def _lock_incidents(results: Iterable[Result]) -> dict[str, Stream]:
    """Heads of the incidents whose paging may have to go on, in one order for everybody, before any other row."""
    pages = [result.delivery.page for result in results if not isinstance(result.outcome, Sent | Later)]
    uids = sorted({page.escalation.incident.uid for page in pages if page})
    return {uid: record.lock(record.incident_stream(uid)) for uid in uids}


def _still_held(results: Sequence[Result]) -> list[Result]:
    rows = Delivery.objects.filter(pk__in=[result.delivery.pk for result in results], state="queued")
    tokens = dict(rows.select_for_update().order_by("pk").values_list("pk", "lease"))
    return [result for result in results if tokens.get(result.delivery.pk) == result.delivery.lease]


def _change(result: Result, *, now: datetime) -> _Change:
    row, outcome = result.delivery, result.outcome
    if isinstance(outcome, Later):
        return _Change("queued", outcome.reason, wake_at=outcome.until, first_at=row.first_at)
    if isinstance(outcome, NotSent):
        return _Change("not_sent", outcome, done_at=now, first_at=row.first_at)
    first_at = row.first_at or now
    if isinstance(outcome, Sent):
        return _Change("sent", done_at=now, tried=True, first_at=first_at)
    if isinstance(outcome, Retry):
        at = next_attempt(row.attempts + 1, outcome, first_at=first_at, now=now, purpose=Purpose(row.purpose))
        if isinstance(at, datetime):
            return _Change("queued", outcome.reason[:300], wake_at=at, tried=True, first_at=first_at)
        outcome = at
    return _Change("dead", outcome.reason[:300], done_at=now, tried=True, first_at=first_at)


def _apply(changes: Iterable[tuple[Result, _Change]]) -> None:
    changed = []
    for result, change in changes:
        row, outcome = copy(result.delivery), result.outcome  # what was claimed stays as it is, should this be undone
        row.state, row.reason, row.attempts = change.state, change.reason, row.attempts + change.tried
        row.wake_at, row.done_at, row.first_at = change.wake_at, change.done_at, change.first_at
        row.lease, row.lease_until = "", None
        if isinstance(outcome, Sent) and outcome.reference:
            row.reference = outcome.reference[:300]
        changed.append(row)
    bulk.write(changed, unique=["id"], update=_MOVES)


_MOVES = (
    "state", "reason", "attempts", "wake_at", "done_at", "first_at", "lease", "lease_until", "reference",
)  # fmt: skip


def _keep_attempts(changes: Iterable[tuple[Result, _Change]], *, node: str, now: datetime) -> None:
    attempts = []
    for result, change in changes:
        outcome = result.outcome
        if not change.tried or not isinstance(outcome, Sent | Retry | Dead):
            continue
        words = outcome.detail if isinstance(outcome, Sent) else outcome.reason
        name = type(outcome).__name__.lower()
        attempts.append(Attempt(delivery=result.delivery, at=now, outcome=name, detail=words[:500], node=node[:120]))
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


def _advance_steps(changes: Iterable[tuple[Result, _Change]], heads: dict[str, Stream], *, now: datetime) -> None:
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
