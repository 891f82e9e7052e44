"""The demo as a whole: the company set up, the clock set back, the play beside the processes, and what to do next."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import yaml

from antiphon import clock
from antiphon.cli.apply import example
from antiphon.cli.demo import farewell, folder
from antiphon.cli.demo.folder import Marker
from antiphon.cli.demo.narration import Narrator
from antiphon.cli.demo.sink import Sink
from antiphon.cli.demo.story import Cast, Left, Story
from antiphon.cli.demo.tickets import ORIGIN, written
from antiphon.cli.demo.visitor import Program, Stuck, Visitor, transport
from antiphon.cli.demo_data import demo_configuration
from antiphon.cli.options import answer, operator
from antiphon.config import Config
from antiphon.egress.failures import EgressFailure
from antiphon.egress.transport import Transport

RATE: Final = 36.0
"""A minute of the story takes a second and two thirds."""
LENGTH: Final = 85.0
"""Real seconds until the clock meets real time: the story takes about sixty of them, on a slow machine more."""
USER: Final = "ira@lindenhof.example"
ON_CALL: Final = ("ann@lindenhof.example", "ben@lindenhof.example")
LEA: Final = "lea@lindenhof.example"
LEAVES_WITHIN: Final = 5.0
READS: Final = {"technical": "technical"}
"""The version that contacts of a segment read; all others, untagged ones too, read the business version."""


@dataclass(frozen=True)
class Links:
    """One-time sign-in links: paths for the player's people, by address, and a whole one for the user."""

    player: Mapping[str, str]
    user: str


class Performance:
    """Sets the company up, then plays beside the processes while the block lasts, and says what can be done then."""

    def __init__(self, config: Config, url: str, sink: Sink, told: Narrator) -> None:
        self._config, self._url, self._sink, self._told = config, url, sink, told
        self._marker = Marker()
        self._new, self._fast_until = False, 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(LEAVES_WITHIN)

    def prepare(self) -> None:
        """Bring the folder to where the processes can start: database, company, key; then set the clock back."""
        data = self._config.data
        self._marker = folder.read(data) or Marker()
        self._new = not self._marker.path
        if not self._new:
            self._open()
            self._apply(demo_configuration(smtp_port=self._sink.port), now=clock.now())
            return
        self._told.show(f"Setting up a made-up hosting company in {data} …")
        folder.write(data, self._marker)
        self._open()
        self._set_up(now=clock.now() - timedelta(days=1, seconds=LENGTH * RATE))
        self._fast_until = clock.write_run(data, length=LENGTH, rate=RATE).until
        clock.use_data_folder(data)

    def begin(self) -> None:
        """Both processes work: play, or go on where it stood."""
        self._thread.start()

    # --- setting up ----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        from antiphon.wiring import database, processes  # Django: only once port and lock are ours

        processes.prepare(self._config)
        database.bring_up_to_date(self._config)

    def _set_up(self, *, now: datetime) -> None:
        from antiphon.actions import keys, tickets, tokens

        self._apply(example(), now=now)
        self._apply(demo_configuration(smtp_port=self._sink.port), now=now)
        tickets.take_all(enumerate(written(now=now), start=1), origin=ORIGIN, now=now)
        key = answer(keys.add(name="prometheus", kind="alertmanager", actor=operator(), now=now))
        token = answer(tokens.add(name="The demo's eyes", role="viewer", lasts=None, actor=operator(), now=now))
        self._marker = msgspec.structs.replace(self._marker, path=f"/in/{key}", token=token)
        folder.write(self._config.data, self._marker)

    def _apply(self, text: str, *, now: datetime) -> None:
        from antiphon.actions import configuration

        applied = answer(configuration.apply(text, source="demo", environ={}, actor=operator(), now=now))
        assert not applied.problems, applied.problems

    # --- playing -------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """The player's thread. Django must be asked before the loop runs, which it does not know."""
        from django.db import connection

        links = self._links()
        connection.close()
        self._told.show(f"Watch it live; this link signs you in once, as Ira, who may do everything:\n  {links.user}\n")
        if self._new:
            asyncio.run(self._play(links))
        else:
            how = "was played before" if self._marker.played else "was stopped halfway"
            self._told.show(f"The incident {how}; everything goes on where it stood. --fresh plays it anew.")
        if not self._over.is_set():
            farewell.say(
                self._told,
                url=self._url,
                path=self._marker.path,
                data=self._config.data,
                fast_for=self._fast_until - clock.real(),
            )

    def _links(self) -> Links:
        from antiphon.actions import people
        from antiphon.wiring import first

        def token(email: str) -> str:
            return answer(people.sign_in_link(email=email, actor=operator(), now=clock.now()))

        return Links(
            {email: first.link("", token(email)) for email in (*ON_CALL, LEA)}, first.link(self._url, token(USER))
        )

    async def _play(self, links: Links) -> None:
        way = transport()
        try:
            cast = await self._cast(links, way)
            program = Program(self._url, self._marker.path, self._marker.token, way)
            await Story(cast, program, self._sink, readers(), self._told, self._over).play()
            self._marker = msgspec.structs.replace(self._marker, played=True)
            folder.write(self._config.data, self._marker)
        except Left:
            pass
        except (Stuck, EgressFailure) as stuck:
            self._told.show("", f"The play ends here: {stuck}", "Everything stays up; --fresh plays it anew.")
        finally:
            await way.aclose()

    async def _cast(self, links: Links, way: Transport) -> Cast:
        """Everybody signs in by their one-time link, each in a browser of their own."""
        names = {one["email"]: one["name"].split()[0] for one in yaml.safe_load(example())["people"]}
        people = {email: Visitor(names[email], email, self._url, way) for email in links.player}
        for email, link in links.player.items():
            await people[email].fill(link, link)
        lea = people.pop(LEA)
        return Cast(people, lea, Visitor("A customer", "", self._url, way))


def readers() -> dict[str, str]:
    """Every customer's contact by address, and which version they read: untagged ones the business version."""
    found: dict[str, str] = {}
    for text in (example(), demo_configuration(smtp_port=25)):
        for customer in yaml.safe_load(text)["customers"]:
            contacts: list[dict[str, Any]] = customer["contacts"]
            found |= {one["email"]: READS.get(one.get("segment", ""), "business") for one in contacts}
    return found
