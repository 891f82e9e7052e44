"""One web process: uvicorn around the front."""

import signal
import socket
import sys

import uvicorn

from antiphon.config import Config
from antiphon.intake.lane import alert_lane
from antiphon.pages.lane import fast_lane
from antiphon.wiring import listening
from antiphon.wiring.front import Front
from antiphon.wiring.heartbeat import Heartbeat
from antiphon.wiring.lifeline import Lifeline

GRACE_SECONDS = 15
"""How long requests under way may take once the process is asked to stop."""


class Server(uvicorn.Server):
    """Uvicorn, saying when it answers."""

    def __init__(self, config: uvicorn.Config, lifeline: Lifeline) -> None:
        super().__init__(config)
        self._lifeline = lifeline

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._lifeline.ready()


def serve(config: Config, lifeline: Lifeline) -> int:
    """Answer requests until SIGTERM or SIGINT; answers the exit code. Raises ConfigError."""
    listener = lifeline.listener or listening.listen(config)
    front = Front(config)
    server = Server(_uvicorn(config, front), lifeline)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn raises it once more when it has stopped
    if not lifeline.attended:
        sys.stdout.write(f"Antiphon web listens at {listening.address(config, listener)}\n")
        sys.stdout.flush()
    with Heartbeat("web"):
        server.run(sockets=[listener])
    return 0


def _uvicorn(config: Config, front: Front) -> uvicorn.Config:
    return uvicorn.Config(
        front,
        loop="uvloop",
        http=alert_lane(front.door, beside=fast_lane(front.pages)),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=bool(config.trusted_proxies),
        forwarded_allow_ips=list(config.trusted_proxies),
        server_header=False,
        backlog=listening.BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
