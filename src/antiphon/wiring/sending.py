"""Sending, in a process of its own or beside an engine: the delivery's thread, its way out, the hints that wake it.

By itself it has an interpreter to itself: a storm is decided on one core while its pages leave on the other, and
nothing that the engine does at length keeps a message waiting.
"""

import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_network
from typing import Final

import structlog

from antiphon import channels
from antiphon.config import Config, ConfigError
from antiphon.db import addresses, hints
from antiphon.delivery import journal
from antiphon.delivery.loop import LONGEST_SLEEP, Delivery
from antiphon.egress.failures import Refused
from antiphon.egress.guard import EgressPolicy, Network, parse_url
from antiphon.egress.transport import Transport
from antiphon.wiring import processes
from antiphon.wiring.lifeline import Lifeline
from antiphon.wiring.worker import at_work

DEADLINE: Final = 10.0
"""Real seconds for one attempt, everything included; a lease of 20 outlasts it."""

log = structlog.get_logger("delivery")


class Woken:
    """Passes hints on, and lets the delivery look whenever one is given or heard in this process."""

    def __init__(self, delivery: Delivery, sender: hints.Sender, listener: hints.Listener) -> None:
        self._delivery, self._sender, self._listener = delivery, sender, listener

    def send(self) -> None:
        """A commit of this process."""
        self._delivery.wake()
        self._sender.send()

    def wait(self, seconds: float) -> None:
        """A commit of another process."""
        self._listener.wait(seconds)
        self._delivery.wake()


def work(config: Config, lifeline: Lifeline) -> int:
    """Send what is due until SIGTERM or SIGINT; answers the exit code, 1 when sending broke."""
    listener = processes.listener(config, "sender")
    with at_work("sender") as worker, beside(config, listener, stop=worker.stop) as woken:
        lifeline.ready()
        while not worker.stop.is_set():
            woken.wait(LONGEST_SLEEP)
    return worker.code


@contextmanager
def beside(config: Config, listener: hints.Listener, *, stop: threading.Event) -> Iterator[hints.Listener]:
    """Send while the block lasts; gives the listener that the main thread is to wait on.

    At the end, or when `stop` is set, what is under way is brought to its end. A delivery that breaks sets `stop`, so
    that the process ends and is started again rather than going on without sending.
    """
    node = f"{platform.node()} {os.getpid()}"
    way_out = partial(Transport, policy(config), deadline=DEADLINE)
    notes = config.data / journal.FOLDER
    delivery = Delivery(channels.registry(), way_out, deadline=DEADLINE, node=node, notes=notes)
    thread = threading.Thread(target=_run, args=(delivery, stop), name="delivery")
    before = hints.sender
    woken = Woken(delivery, before, listener)
    hints.use(woken if config.wake_hints else before)
    thread.start()
    try:
        yield woken if config.wake_hints else listener
    finally:
        hints.use(before)
        stop.set()
        delivery.wake()
        thread.join()


def policy(config: Config) -> EgressPolicy:
    """Where messages may go: public addresses, and the private networks that the set-up allows, never ourselves."""
    here = {addresses.base_url(), f"http://{config.host}:{config.port}"}
    own = tuple(url for url in sorted(here) if _readable(url))
    return EgressPolicy(
        allowed_private=tuple(map(_network, config.allowed_private)),
        allowed_to_strangers=tuple(map(_network, config.allowed_to_strangers)),
        own_urls=own,
    )


def _readable(url: str) -> bool:
    """A base URL that is none must not stop the paging."""
    try:
        parse_url(url)
    except Refused as refused:
        log.error("the base URL cannot be used, mend it in the settings", reason=str(refused))
        return False
    return True


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ConfigError(
            f"ANTIPHON_ALLOW_PRIVATE names {text!r}, which is no network: write for example 10.1.0.0/16, "
            "with nothing after the network's own bits."
        ) from None


def _run(delivery: Delivery, stop: threading.Event) -> None:
    try:
        delivery.run(stop)
    except Exception:  # recorded here; the process ends with it
        log.exception("sending broke")
    finally:
        stop.set()
