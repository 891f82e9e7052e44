"""One engine process: the stepping loop in the main thread, the auditor in one of its own, and, unless a sender does
it, delivery in another."""

from contextlib import nullcontext

from antiphon.config import Config
from antiphon.engine import duties, loop
from antiphon.queries import deliveries
from antiphon.wiring import auditing, processes, sending
from antiphon.wiring.lifeline import Lifeline
from antiphon.wiring.worker import at_work


def work(config: Config, lifeline: Lifeline, *, sends: bool) -> int:
    """Step what is due, and send it if this process `sends`, until SIGTERM or SIGINT; answers the exit code, 1 when
    sending broke."""
    engine = loop.Engine(duties.registry(), unsent=lambda now: deliveries.pages_wait(now=now))
    listener = processes.listener(config, "engine")
    with at_work("engine") as worker:
        sender = sending.beside(config, listener, stop=worker.stop) if sends else nullcontext(listener)
        with auditing.beside(config, stop=worker.stop), sender as woken:
            lifeline.ready()
            loop.run(engine, stop=worker.stop, listener=woken)
    return worker.code
