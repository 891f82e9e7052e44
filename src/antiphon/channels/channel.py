"""What a channel is to the rest of the program, the checks that no channel can forget, and which channels there are.

The registry finds every module of this package that declares `NAME`: one file to add is all there is to do.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import Any, Protocol

from antiphon import channels
from antiphon.core.sending import Dead, Envelope, Outcome, Told, ignored, refusal
from antiphon.egress.transport import Transport


class Send(Protocol):
    """Hand one envelope to the provider. `now` (aware UTC) is what the message says, never a deadline."""

    async def __call__(self, envelope: Envelope, settings: Any, transport: Transport, *, now: datetime) -> Outcome: ...


class SendMany(Protocol):
    """Hand many envelopes over; one outcome per envelope, in order, and each told as soon as it is known."""

    async def __call__(
        self, envelopes: Sequence[Envelope], settings: Any, transport: Transport, *, now: datetime, told: Told
    ) -> list[Outcome]: ...


@dataclass(frozen=True)
class Channel:
    """One way to reach somebody.

    max_bytes        the longest text (subject and both bodies, UTF-8) the channel takes; longer ones are refused
    check_address    the sentence that says what is wrong with an address, or None
    together         a person reads it: pages that are due for them at one time may go as one message
    public           everybody reads it: it takes texts for the public alone, and nobody is reached by it
    """

    name: str
    label: str
    settings: type
    max_bytes: int
    check_address: Callable[[str], str | None]
    _send: Send
    _send_many: SendMany | None = None
    together: bool = False
    public: bool = False

    async def send(self, envelope: Envelope, settings: Any, transport: Transport, *, now: datetime) -> Outcome:
        """Send one envelope. Every refusal, failure and answer is an Outcome; the text of it holds no secret."""
        return (await self.send_many([envelope], settings, transport, now=now))[0]

    async def send_many(
        self, envelopes: Sequence[Envelope], settings: Any, transport: Transport, *, now: datetime, told: Told = ignored
    ) -> list[Outcome]:
        """Send many envelopes; one outcome per envelope, in order, and each told as soon as it is known."""
        sizes: dict[int, int] = {}
        verdicts: list[Outcome | None] = [self._refusal(envelope, sizes) for envelope in envelopes]
        for place, verdict in enumerate(verdicts):
            if verdict is not None:
                told(place, verdict)
        places = [place for place, verdict in enumerate(verdicts) if verdict is None]
        allowed = [envelopes[place] for place in places]
        how = partial(self._hand_over, settings=settings, transport=transport, now=now)
        outcomes = iter(await how(allowed, told=lambda at, outcome: told(places[at], outcome)) if allowed else [])
        return [next(outcomes) if verdict is None else verdict for verdict in verdicts]

    async def _hand_over(
        self, envelopes: Sequence[Envelope], *, settings: Any, transport: Transport, now: datetime, told: Told
    ) -> Sequence[Outcome]:
        if self._send_many is not None:
            return await self._send_many(envelopes, settings, transport, now=now, told=told)

        async def one(at: int, envelope: Envelope) -> Outcome:
            outcome = await self._send(envelope, settings, transport, now=now)
            told(at, outcome)
            return outcome

        return await asyncio.gather(*(one(at, envelope) for at, envelope in enumerate(envelopes)))

    def _refusal(self, envelope: Envelope, sizes: dict[int, int]) -> Dead | None:
        """`sizes`: bytes of the texts of this batch, by the text's id in memory; most share one."""
        if dead := refusal(envelope):
            return dead
        if sentence := self.check_address(envelope.to):
            return Dead(sentence)
        text = envelope.text
        if (size := sizes.get(id(text))) is None:
            size = sum(len((part or "").encode()) for part in (text.subject, text.body_text, text.body_html))
            sizes[id(text)] = size
        if size > self.max_bytes:
            return Dead(f"The text has {size} bytes; {self.label} takes at most {self.max_bytes}. Shorten it.")
        return None


class BrokenRegistry(Exception):
    """Two channels share a name, or a channel file lacks what it must declare. Start-up stops here."""


@functools.cache
def registry() -> dict[str, Channel]:
    """All channels by name, in alphabetical order. Raises BrokenRegistry."""
    names = sorted(module.name for module in pkgutil.iter_modules(channels.__path__, f"{channels.__name__}."))
    modules = [importlib.import_module(name) for name in names]
    return collect([module for module in modules if hasattr(module, "NAME")])


def to_people() -> dict[str, Channel]:
    """The channels that reach one person each. Raises BrokenRegistry."""
    return {name: channel for name, channel in registry().items() if not channel.public}


def collect(modules: list[ModuleType]) -> dict[str, Channel]:
    """Channels from their modules. Raises BrokenRegistry with the file to mend."""
    found: dict[str, Channel] = {}
    for module in modules:
        channel = _channel(module)
        if channel.name in found:
            raise BrokenRegistry(f"Two channels are named “{channel.name}”; rename the one in {module.__name__}.")
        found[channel.name] = channel
    return found


def _channel(module: ModuleType) -> Channel:
    try:
        return Channel(
            name=module.NAME,
            label=module.LABEL,
            settings=module.Settings,
            max_bytes=module.MAX_BYTES,
            check_address=module.check_address,
            _send=module.send,
            _send_many=getattr(module, "send_many", None),
            together=getattr(module, "TOGETHER", False),
            public=getattr(module, "PUBLIC", False),
        )
    except AttributeError as error:
        raise BrokenRegistry(f"The channel {module.__name__} must declare {error.name}.") from None
