"""The auditor beside the engine: its thread, its own way out to people, and its call to the dead-man's address."""

import asyncio
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from antiphon import channels
from antiphon.config import Config
from antiphon.delivery.straight import Straight
from antiphon.egress.failures import EgressFailure
from antiphon.egress.transport import Transport
from antiphon.engine.auditor import Auditor
from antiphon.wiring import sending

CALL_SECONDS: Final = 10.0


@contextmanager
def beside(config: Config, *, stop: threading.Event) -> Iterator[None]:
    """Audit while the block lasts."""
    thread = threading.Thread(target=auditor(config).run, args=(stop,), name="auditor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=CALL_SECONDS)


def auditor(config: Config) -> Auditor:
    """The auditor of an engine process."""
    way_out = partial(Transport, sending.policy(config), deadline=sending.DEADLINE)
    node = f"auditor {platform.node()} {os.getpid()}"
    straight = Straight(channels.registry(), way_out, node=node, deadline=sending.DEADLINE)
    return Auditor(
        tell=lambda messages, now: straight.send(messages, now=now),
        call=lambda url: asyncio.run(call(url, Transport(sending.policy(config), deadline=CALL_SECONDS))),
    )


async def call(url: str, transport: Transport) -> str:
    """Ask for an address once; what came of it in words."""
    try:
        reply = await transport.http.request("GET", url, headers={"User-Agent": "Antiphon"})
    except EgressFailure as failure:
        return str(failure)
    finally:
        await transport.aclose()
    return f"answered {reply.status}"
