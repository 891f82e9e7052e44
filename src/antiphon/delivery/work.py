"""What the delivery does with the database: see what is due, take a batch, give back the outcomes.

Synchronous, each function a short piece of work; no socket is open in here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError

from antiphon.actions import outcomes, telling_inside
from antiphon.actions.outcomes import Result
from antiphon.channels import settings as channel_forms
from antiphon.channels.channel import Channel
from antiphon.core.limits import Limits
from antiphon.core.sending import Envelope, InsideText, NotSent, OutsideText, Purpose, Retry, Sent
from antiphon.db import addresses, channel_settings, claims, public, reaction_links
from antiphon.db.claims import Leased
from antiphon.db.models import Delivery, Organisation
from antiphon.db.secrets import WrongKey
from antiphon.db.transactions import write
from antiphon.delivery import bundles, digests
from antiphon.delivery.envelopes import envelope
from antiphon.delivery.journal import Journal
from antiphon.delivery.lanes import Lane
from antiphon.delivery.limits import Breaker, Breath
from antiphon.delivery.recheck import Recheck, tally

AWAY: Final = (OperationalError, InterfaceError)
"""The database does not answer: nothing is wrong with the message."""

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that passed the last look, with the leased rows that it tells: one, or pages that go together."""

    rows: tuple[Leased, ...]
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Batch:
    """What was claimed for a lane: how many rows, and those of them to hand over with the channel's settings."""

    lane: Lane
    claimed: int
    ready: tuple[Ready, ...]
    settings: Any = None


@dataclass(frozen=True)
class Work:
    """The database's side of sending, for one process. `node` is its name on every attempt."""

    channels: Mapping[str, Channel]
    node: str
    breaker: Breaker
    breath: Breath
    journal: Journal | None = None

    def due(self, *, now: datetime, real: float) -> list[Lane]:
        """Lanes with something due, the most urgent first."""
        due = claims.due_deliveries(now=now, real=real, resting=self.breath.resting(real=real))
        found = [Lane(Purpose(purpose), channel) for purpose, channel in due]
        return sorted(found, key=lambda lane: (lane.urgency, lane.channel))

    def next_wake(self, *, now: datetime) -> datetime | None:
        """The earliest instant after `now` at which a message is to be tried."""
        rows = Delivery.objects.filter(wake_at__gt=now).order_by("wake_at")
        return rows.values_list("wake_at", flat=True).first()

    def take(self, lane: Lane, *, limit: int, now: datetime, real: float) -> Batch:
        """Lease what is due in the lane and look at each once more; what is not to be sent is recorded here."""
        with write(news=False):
            rows = claims.lease_deliveries(
                now=now,
                real=real,
                purposes=[lane.purpose],
                channels=[lane.channel],
                limit=limit,
                resting=self.breath.resting(real=real),
            )
        if not rows:
            return Batch(lane, 0, ())
        settings = self.settings(lane.channel)
        if settings is None:
            self.give_back([Result(row, NotSent.NO_CHANNEL) for row in rows], now=now, real=real)
            return Batch(lane, len(rows), ())
        together = self.channels[lane.channel].together
        recheck = Recheck(rows, Limits.of(Organisation.only().settings), self.breaker, now, real, together)
        ready, kept = _prepared(rows, recheck)
        for one in ready:
            if together and lane.purpose is Purpose.PAGE:
                self.breath.take(lane.channel, one.rows[0].recipient, real=real)
        for sentence in recheck.opened:
            log.error("the breaker opened", reason=sentence)
            telling_inside.breaker_opened(sentence, now=now)
        if kept:
            log.info("not sent", purpose=str(lane.purpose), channel=lane.channel, **tally(kept))
            self.give_back(kept, now=now, real=real)
        self.breaker.forget(now=now)
        return Batch(lane, len(rows), tuple(ready), settings)

    def give_back(self, results: list[Result], *, now: datetime, real: float) -> int:
        """Record outcomes under the leases still held; answers how many were."""
        recorded = outcomes.record_results(results, node=self.node, now=now, real=real)
        if recorded < len(results):
            log.warning("outcomes dropped: the lease is another's by now", count=len(results) - recorded)
        return recorded

    def record_notes(self, *, now: datetime, real: float) -> None:
        """Record what workers of this machine had handed over when they ended, or stood still."""
        for notes, gone in self.journal.left() if self.journal else ():
            known = {note.key: note for note in notes}
            held = [row for row in claims.as_leased(known) if row.lease == known[row.pk].lease]
            results = [Result(row, Sent(known[row.pk].reference, "Noted by a worker that ended.")) for row in held]
            if results and self.give_back(results, now=now, real=real):
                log.warning("recorded what another worker had handed over", count=len(results))
            if gone and notes:
                claims.let_go({note.lease for note in notes})

    def settings(self, name: str) -> Any:
        """The channel's settings, or None with a line in the log when it cannot be used."""
        channel = self.channels.get(name)
        if channel is None:
            log.error("there is no such channel", channel=name)
            return None
        try:
            values = channel_settings.load(name)
        except WrongKey as error:
            log.error("a channel's secrets do not open", channel=name, error=str(error))
            return None
        if values is None:
            log.error("a channel was never set up", channel=name)
            return None
        made: object = channel_forms.read(channel.settings, values)
        if isinstance(made, list):
            log.error("a channel is not set up", channel=name, problems=[problem.sentence for problem in made])
            return None
        return made


def _prepared(rows: Sequence[Leased], recheck: Recheck) -> tuple[list[Ready], list[Result]]:
    """The messages to send, and what stays with its reason."""
    base, measured, brand = addresses.base_url(), reaction_links.measured(), public.house_brand()
    ready, kept = list[Ready](), list[Result]()
    together: dict[bundles.Key, list[tuple[Leased, InsideText]]] = {}
    gathered: dict[digests.Key, list[tuple[Leased, OutsideText]]] = {}
    for row in rows:
        try:
            words = recheck.verdict(row)
            if isinstance(words, Result):
                kept.append(words)
            elif (whose := digests.key(row)) is not None and isinstance(words, OutsideText):
                gathered.setdefault(whose, []).append((row, words))
            elif (key := recheck.bundle(row)) is not None and isinstance(words, InsideText):
                together.setdefault(key, []).append((row, words))
            else:
                ready.append(Ready((row,), envelope(row, words, base=base, measured=measured, brand=brand)))
        except AWAY:
            raise
        except Exception as error:  # one row that cannot be read must not hold the others of its batch
            log.exception("a message could not be prepared", delivery=row.uid)
            kept.append(Result(row, _unprepared(error)))
    ready += [_bundled(pages, base=base) for pages in together.values()]
    for parts in gathered.values():
        leased = tuple(row for row, _ in parts)
        try:
            one = digests.envelope(parts, base=base, measured=measured, brand=brand)
            ready.append(Ready(leased, one))
        except AWAY:
            raise
        except Exception as error:  # nor one digest the others
            log.exception("a digest could not be prepared", deliveries=[row.uid for row in leased])
            kept += [Result(row, _unprepared(error)) for row in leased]
    return ready, kept


def _unprepared(error: Exception) -> Retry:
    return Retry(f"It could not be prepared ({type(error).__name__}); see the log.")


def _bundled(pages: Sequence[tuple[Leased, InsideText]], *, base: str) -> Ready:
    rows = tuple(row for row, _ in pages)
    if len(pages) == 1:
        return Ready(rows, envelope(*pages[0], base=base))
    return Ready(rows, bundles.envelope(pages, base=base))
