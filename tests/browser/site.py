"""An installation that runs for the browser: real processes, a real mail server, a company of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from antiphon import clock
from antiphon.cli.apply import example
from tests.contracts.sinks import ReceivedMail, SmtpSink
from tests.edges.cli.house import House, Up, new_database

T = TypeVar("T")
PATIENCE = 30.0
"""Real seconds that anything may take on a busy machine."""

ANN, BEN, IRA, LEA = (f"{name}@lindenhof.example" for name in ("ann", "ben", "ira", "lea"))
"""Ann is on call, then Ben; Ira may do everything; Lea tells customers."""


def until(ask: Callable[[], T | None], what: str, *, within: float = PATIENCE) -> T:
    """Ask until the answer is true, and give it; else the test fails and says `what` did not come."""
    deadline = time.monotonic() + within
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.05)
    return answer


@dataclass
class Site:
    """A data folder, the mail that leaves it, and the program, which may be stopped and started again."""

    house: House
    smtp: SmtpSink
    port: int = 0
    _running: ExitStack = field(default_factory=ExitStack)
    _present: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Up:
        """Start the program, again on the port it had. It may reach this machine, where the mail server is."""
        here = {"ANTIPHON_ALLOW_PRIVATE": "127.0.0.0/8"}
        return self._running.enter_context(self.house.up("--port", str(self.port), **here))

    def ready(self, up: Up) -> None:
        """Wait until it answers."""
        up.ready()
        self.port = up.port

    def stop(self) -> None:
        """End the program, as a service manager does."""
        self._running.close()

    def apply(self, sections: dict[str, Any]) -> None:
        """Configure it by a file."""
        path = self.house.data.parent / "organisation.yaml"
        path.write_text(yaml.safe_dump(sections, sort_keys=False, allow_unicode=True))
        done = self.house.run("apply", str(path))
        assert done.code == 0, done.err

    def link(self, email: str) -> str:
        """A sign-in link that works once."""
        return self.house.run("person", "link", email).last

    def key(self) -> str:
        """The path that a new sender's alerts come in by."""
        return self.house.run("key", "add", "prometheus", "--kind", "alertmanager").last

    def in_the_past(self, *, minutes: float) -> None:
        """Have the clock begin so long ago, at its usual pace, when the program starts next."""
        real = time.time()
        run = clock.Run(real0=real, now0=real - 60 * minutes, rate=1.0, until=real + 3600)
        (self.house.data / clock.FILE_NAME).write_bytes(msgspec.json.encode(run))

    def into_the_present(self, *, minutes: float, seconds: float) -> None:
        """Have so many minutes go by in so many real seconds, up to the present, when the program starts next."""
        clock.write_run(self.house.data, length=seconds, rate=1 + 60 * minutes / seconds)
        self._present = time.monotonic() + seconds

    def reach_the_present(self) -> None:
        """Wait for the end of what goes by quickly: until then an hour hangs on how fast the machine is."""
        time.sleep(max(0.0, self._present - time.monotonic()))

    def mail(self, to: str, *, says: str = "") -> ReceivedMail:
        """Wait for a mail to this address that says so."""

        def found() -> ReceivedMail | None:
            to_them = (one for one in self.smtp.mails if one.recipient == to)
            return next((one for one in to_them if says in f"{one.message['subject']}\n{one.body()}"), None)

        return until(found, f"a mail to {to} that says {says!r}; there are {self._listed()}")

    def _listed(self) -> list[str]:
        return [f"{one.recipient}: {one.message['subject']}" for one in self.smtp.mails]


@contextmanager
def empty(folder: Path) -> Iterator[Site]:
    """A site in whose folder nothing is yet; it is not started."""
    with new_database() as url, SmtpSink() as smtp:
        house = House(folder / "data", url)
        site = Site(house, smtp)
        try:
            yield site
        finally:
            site.stop()
            house.close()


def company(site: Site) -> dict[str, Any]:
    """The example company, with Ann on call at any hour and mail that goes to the site's server."""
    # Every value as it is written: a YAML 1.1 reader takes hours of the day for numbers.
    sections: dict[str, Any] = yaml.load(example(), Loader=yaml.BaseLoader)
    sections["rotas"][0]["layers"].pop()  # so that who is paged does not hang on the hour
    sections["policies"][0]["steps"] = [{"page": [ANN], "wait": "5m"}, {"page": [BEN], "wait": "10m"}]
    sections["organisation"]["base_url"] = site.url
    sections["mail"] = {
        "host": "127.0.0.1",
        "port": site.smtp.port,
        "security": "none",
        "from_address": "incidents@lindenhof.example",
        "from_name": "Lindenhof Hosting",
    }
    return sections
