"""The auditor's own way out: messages that are claimed already, handed to their channels on a loop of their own.

It shares nothing with the sending that it doubts but the channels themselves, and asks nothing but their settings: no
limit and no queue stands between. What it does not get to in time is free again when its claim runs out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from antiphon import clock
from antiphon.actions.outcomes import Result
from antiphon.channels.channel import Channel
from antiphon.core.sending import InsideText, NotSent, Purpose
from antiphon.db import addresses, claims
from antiphon.db.claims import Leased
from antiphon.delivery.envelopes import envelope
from antiphon.delivery.handing import Hands
from antiphon.delivery.lanes import Lane
from antiphon.delivery.limits import Breaker, Breath
from antiphon.delivery.work import Batch, Ready, Work
from antiphon.egress.transport import Transport


class Straight:
    """Hands over messages to our own people. `real`: the epoch seconds by which claims are kept."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        transport: Callable[[], Transport],
        *,
        node: str,
        deadline: float = 10.0,
        real: Callable[[], float] = clock.real,
    ) -> None:
        self._channels, self._make_transport = channels, transport
        self._deadline, self._real = deadline, real
        self._work = Work(channels, node, Breaker(), Breath())

    def send(self, messages: Sequence[int], *, now: datetime) -> int:
        """Send these deliveries (ids) and write down what came of it; answers how many were written."""
        rows = [row for row in claims.as_leased(messages) if not row.outside and not row.text.outside]
        batches = [self._batch(row) for row in rows]
        base = [Result(row, NotSent.NO_CHANNEL) for row, batch in batches if batch is None]
        results = asyncio.run(self._hand_over([batch for _, batch in batches if batch], now=now))
        return self._work.give_back([*base, *results], now=now, real=self._real()) if base or results else 0

    def _batch(self, row: Leased) -> tuple[Leased, Batch | None]:
        settings = self._work.settings(row.channel)
        if settings is None:
            return row, None
        words = InsideText(row.text.subject, row.text.body_text, row.text.body_html or None)
        ready = Ready((row,), envelope(row, words, base=addresses.base_url()))
        return row, Batch(Lane(Purpose(row.purpose), row.channel), 1, (ready,), settings)

    async def _hand_over(self, batches: Sequence[Batch], *, now: datetime) -> list[Result]:
        transport = self._make_transport()
        hands = Hands(self._channels, transport, deadline=self._deadline, real=self._real)
        try:
            sending = [hands.hand_over(batch.lane, batch.ready, batch.settings, now=now) for batch in batches]
            return [result for results in await asyncio.gather(*sending) for result in results]
        finally:
            await transport.aclose()
