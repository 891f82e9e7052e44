"""Handing a batch to its provider under a total deadline. The only place where a message leaves the program."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from antiphon import clock
from antiphon.actions.outcomes import Result
from antiphon.channels.channel import Channel
from antiphon.core.sending import Outcome, Retry, Sent, Told
from antiphon.delivery.journal import Journal
from antiphon.delivery.lanes import Lane
from antiphon.delivery.work import Batch, Ready
from antiphon.egress.transport import Transport

GRACE: Final = 2.0
"""Seconds that a channel has beyond the transport's own deadline before it is cut off."""

Heard = Callable[[list[Result]], None]

log = structlog.get_logger("delivery")


class Hands:
    """Hands messages over on one event loop.

    `deadline` (real seconds) is the transport's; together with the grace it must end well within a lease. `real` tells
    real seconds: a worker that was paused for longer than its lease allows sends nothing (RELIABILITY I11).
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        transport: Transport,
        *,
        deadline: float,
        real: Callable[[], float] = clock.real,
        journal: Journal | None = None,
    ) -> None:
        self._channels = channels
        self._transport = transport
        self._patience = deadline + GRACE
        self._real = real
        self._journal = journal

    def parts(self, batch: Batch) -> list[Sequence[Ready]]:
        """What is handed over as one: the whole batch of customer mail, else each message by itself."""
        if batch.lane.together:
            return [batch.ready] if batch.ready else []
        return [(one,) for one in batch.ready]

    async def hand_over(
        self, lane: Lane, part: Sequence[Ready], settings: Any, *, now: datetime, told: Heard = lambda results: None
    ) -> list[Result]:
        """Send, and say what came of each; empty when the lease is too old to begin.

        `told` hears of each message as soon as its outcome is known, and noted where it was accepted.
        """
        if not self._lease_lasts(part):
            log.warning("not begun: the lease is too old", channel=lane.channel, count=len(part))
            return []
        found: dict[int, list[Result]] = {}

        def known(place: int, outcome: Outcome) -> None:
            if place in found:
                return
            rows = part[place].rows
            if self._journal is not None and isinstance(outcome, Sent):
                self._journal.accepted(rows, outcome.reference)
            found[place] = [Result(row, outcome) for row in rows]
            told(found[place])

        for place, outcome in enumerate(await self._outcomes(lane, part, settings, now=now, told=known)):
            known(place, outcome)
        return [result for results in found.values() for result in results]

    async def _outcomes(
        self, lane: Lane, part: Sequence[Ready], settings: Any, *, now: datetime, told: Told
    ) -> Sequence[Outcome]:
        channel = self._channels[lane.channel]
        envelopes = [one.envelope for one in part]
        try:
            async with asyncio.timeout(self._patience):
                return await channel.send_many(envelopes, settings, self._transport, now=now, told=told)
        except TimeoutError:
            return [Retry(f"{channel.label} gave no answer within {self._patience:g} seconds.")] * len(part)
        except Exception as error:  # whatever a channel does, the other lanes go on and this message is tried again
            log.exception("a channel failed", channel=lane.channel)
            return [Retry(f"{channel.label} failed inside ({type(error).__name__}); see the log.")] * len(part)

    def _lease_lasts(self, part: Sequence[Ready]) -> bool:
        latest = self._real() + self._patience
        return all(row.lease_until is not None and latest <= row.lease_until for one in part for row in one.rows)


def seconds_until(wake: datetime | None, *, now: datetime, rate: float, longest: float) -> float:
    """Real seconds until `wake` on a clock that runs at `rate`, between a moment and `longest`."""
    if wake is None:
        return longest
    return min(max((wake - now) / timedelta(seconds=1) / rate, 0.01), longest)
