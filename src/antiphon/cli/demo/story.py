"""The play: one incident from the first alert to the open review, acted through HTTP and mail alone.

The alerts come in by the door for Prometheus, people read their mail in the sink and act on the pages of the program as
they would at a browser. Everything else that happens is the program's own doing.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from antiphon import clock
from antiphon.cli.demo import script
from antiphon.cli.demo.narration import Narrator
from antiphon.cli.demo.sink import Mail, Sink
from antiphon.cli.demo.visitor import Program, Stuck, Visitor

T = TypeVar("T")
PATIENCE: Final = 60.0
"""Real seconds that anything may take on a busy machine before the play stops."""
LOOKS_EVERY: Final = 0.15
OUTSIDE: Final = ("technical", "business", "public")


class Left(Exception):
    """The demo was stopped meanwhile."""


@dataclass(frozen=True)
class Cast:
    """Who acts, each by their mail address, and Lea, who tells customers."""

    on_call: Mapping[str, Visitor]
    lea: Visitor
    customer: Visitor


@dataclass
class Story:
    """The play with what it needs: the cast, the sender of alerts, the mail, and who reads which version."""

    cast: Cast
    program: Program
    sink: Sink
    readers: Mapping[str, str]
    told: Narrator
    over: threading.Event
    room: str = ""

    async def play(self) -> None:
        """All of it. Raises Stuck when the program does not do its part, Left when the demo is stopped."""
        self._began = clock.now()
        await self._alert_becomes_incident()
        await self._verdict_rises()
        await self._facts_are_entered()
        await self._first_word()
        await self._repaired()
        await self._progress()
        await self._resolved()
        await self._review()

    # --- the scenes ----------------------------------------------------------------------------------------------

    async def _alert_becomes_incident(self) -> None:
        self.told.say("Prometheus", "sends an alert: the copy of a database that our own reports read has stopped.")
        await self.program.alert([script.copy_stopped(clock.now() - timedelta(minutes=2))])
        held = await self._until(self._alert_is("held"), "the alert to be held")
        self.told.say("Antiphon", f"declares nothing yet: {held['group']['reason']}, for such copies often catch up.")
        incident = await self._until(self._incident, "the incident")
        self.room = f"/incidents/{incident['number']}"
        self.told.say("Antiphon", f"declares incident #{incident['number']} ({incident['severity']}) and pages.")
        self.told.say("Verdict", f"{incident['verdict']['kind']}. {incident['verdict']['reason']}")
        page = await self._until(self._page_to(self.cast.on_call), "the page to whoever is on call")
        self.ann = self.cast.on_call[page.to]
        self.ben = next(one for one in self.cast.on_call.values() if one is not self.ann)
        await self._at(5)
        await self._acknowledge(page, self.ann)
        await self._takes(self.ann, "incident commander")
        await self._takes(self.ben, "technical lead")

    async def _verdict_rises(self) -> None:
        await self._at(7)
        mark = len(self.sink.mails)
        await self._enter(self.ann, *script.FOUND)
        await self.ann.fill(self.room, f"{self.room}/entities", **script.AFFECTED)
        await self.ann.fill(self.room, f"{self.room}/state", state="identified")
        self.told.say(self.ann.name, "finds the cause one level deeper: the primary of MySQL cluster 03 is full.")
        incident = await self._until(self._verdict_is("both"), "the verdict to rise")
        yes = [str(one["number"]) for one in incident["verdict"]["answers"] if one["answer"] == "yes"]
        self.told.say("Verdict", f"rises to both: questions {_listed(yes)} are yes. It is {incident['severity']} now.")
        counted = await self._fan_out(mark)
        self.told.say("Antiphon", f"sends the holding messages, approved in advance, by itself: {counted}.")
        await self.program.alert([script.cluster_full(clock.now())])
        page = await self._until(self._page_to({self.cast.lea.address: self.cast.lea}), "the page to the business lead")
        await self._acknowledge(page, self.cast.lea)
        await self._takes(self.cast.lea, "business lead")
        joined = await self._until(self._alert_is("declared", script.CLUSTER), "the second alert to join")
        self.told.say("Prometheus", f"alerts on the cluster too: {joined['group']['reason']}.")

    async def _facts_are_entered(self) -> None:
        await self._at(10)
        for name, text in script.FACTS.items():
            await self._enter(self.ann, name, text)
        await self._enter(self.ann, *script.INSIDE, audiences=["internal"])
        many = len(script.FACTS) + 1
        self.told.say(self.ann.name, f"enters {many} facts once, each with who may know it. One stays inside.")

    async def _first_word(self) -> None:
        await self._until(self._answered(3), "question 3 to turn by time alone")
        self.told.say(
            "Antiphon", "Question 3 turns to yes by time alone: a contract is almost broken. Legal is to hear."
        )
        await self._tell("first_word", "a version for each audience, from the facts that this audience may know")
        page = await self._until(self._status_page, "the status page to show it")
        self.told.say("Status page", f"shows it: {page['status']['description']}.")

    async def _repaired(self) -> None:
        await self._at(17)
        await self.ann.fill(self.room, f"{self.room}/notes", text=script.CHANGE, **{"as": "change"})
        await self.ann.fill(self.room, f"{self.room}/state", state="monitoring")
        self.told.say(self.ann.name, "enlarges the volume, writes the change down and goes on watching.")
        now = clock.now()
        await self.program.alert(
            [script.ended(script.copy_stopped(now), now), script.ended(script.cluster_full(now), now)]
        )

    async def _progress(self) -> None:
        for name, text in script.CORRECTED.items():
            await self._correct(name, text)
        await self._tell("progress", "the next update, which announces another in 30 min", next_minutes="30")
        self._quiet = await self._until(self._countdown, "the stability countdown")
        until = self._quiet + timedelta(minutes=15)
        self.told.say(
            "Prometheus", f"says that both alerts ended. Stable until {until:%H:%M}, then it may be resolved."
        )

    async def _resolved(self) -> None:
        for name, text in script.LEARNT.items():
            await self._enter(self.ann, name, text)
        self.told.say(self.ann.name, "writes down cause, change, prevention and how it was verified, and waits.")
        await self._wait_for_the_countdown()
        await self.ann.fill(f"{self.room}/resolve", f"{self.room}/resolve", **script.RESOLVED)
        self.told.say(self.ann.name, "passes the gate to resolved: how, and how that was verified, is written.")
        await self._tell("resolution", "“resolved” for everybody who was told")

    async def _review(self) -> None:
        await self.ann.see(f"{self.room}/review")
        incident = await self._incident()
        due = [one["due_at"] for one in incident["promises"] if one["what"] == "review"]
        by = f", promised to technical customers by {datetime.fromisoformat(due[0]):%d %B, %H:%M} UTC" if due else ""
        self.told.say("Antiphon", f"opens the review with timeline and figures{by}.")

    # --- what people do ------------------------------------------------------------------------------------------

    async def _acknowledge(self, page: Mail, who: Visitor) -> None:
        link = _acknowledgement(page)
        await who.fill(link, link)
        self.told.say(who.name, "was paged by mail, and acknowledges by the link in it. Nobody else is paged.")

    async def _takes(self, who: Visitor, role: str) -> None:
        await who.fill(self.room, f"{self.room}/roles/{role.replace(' ', '-')}")
        self.told.say(who.name, f"takes the role of {role}.")

    async def _enter(self, who: Visitor, name: str, text: str, audiences: list[str] | None = None) -> None:
        more = {"audiences": audiences} if audiences else {}
        await who.fill(f"{self.room}/tell", f"{self.room}/facts", name=name, text=text, confidence="confirmed", **more)

    async def _correct(self, name: str, text: str) -> None:
        facts = (await self.program.read(f"/api/v1{self.room}/facts"))["items"]
        uid = next(one["uid"] for one in facts if one["name"] == name and not one["superseded_by"])
        here = f"{self.room}/facts/{uid}/correct"
        await self.ann.fill(here, here, text=text)

    async def _tell(self, moment: str, what: str, **given: str) -> None:
        """Lea drafts, the second engineer approves each version that goes outside, Lea sends."""
        tell, update = f"{self.room}/tell?moment={moment}", rf"{self.room}/updates/\w+"
        await self.cast.lea.fill(tell, f"{self.room}/updates", moment=moment, **given)
        self.told.say(self.cast.lea.name, f"drafts {what}.")
        for audience in OUTSIDE:
            await self.ben.fill(tell, f"{update}/{audience}/approval")
        self.told.say(self.ben.name, "reads them and approves exactly these words.")
        mark = len(self.sink.mails)
        await self.cast.lea.fill(tell, f"{update}/publication")
        self.told.say(self.cast.lea.name, f"sends them all at once: {await self._fan_out(mark)}.")

    # --- what is waited for --------------------------------------------------------------------------------------

    async def _at(self, minutes: float) -> None:
        """Wait until the story is so many minutes old; not at all once the clock goes at its usual pace."""
        while clock.now() < self._began + timedelta(minutes=minutes) and clock.rate() > 1.0:
            await self._breathe()

    async def _wait_for_the_countdown(self) -> None:
        """Raises Stuck when the clock went back to its usual pace too early: then it takes a quarter of an hour."""
        over = self._quiet + timedelta(minutes=15, seconds=5)
        while (left := over - clock.now()) > timedelta():
            if clock.rate() == 1.0 and left > timedelta(seconds=PATIENCE):
                raise Stuck(
                    f"This machine was too busy for the fast clock, so the countdown goes on in real time until "
                    f"{over:%H:%M} UTC. Then resolve the incident yourself, and tell everybody."
                )
            await self._breathe()

    async def _until(self, ask: Callable[[], Awaitable[T | None]], what: str, *, within: float = PATIENCE) -> T:
        deadline = clock.real() + within
        while (found := await ask()) is None:
            if clock.real() > deadline:
                raise Stuck(f"{what[0].upper()}{what[1:]} did not come within {within:.0f} s; see demo.log.")
            await self._breathe()
        return found

    async def _breathe(self) -> None:
        if self.over.is_set():
            raise Left
        await asyncio.sleep(LOOKS_EVERY)

    async def _incident(self) -> Any:
        found = (await self.program.read("/api/v1/incidents?limit=1"))["items"]
        return found[0] if found else None

    def _alert_is(self, state: str, title: str = "") -> Callable[[], Awaitable[Any]]:
        async def ask() -> Any:
            alerts = (await self.program.read("/api/v1/alerts"))["items"]
            fitting = (one for one in alerts if one["group"] and title in one["labels"]["alertname"])
            return next((one for one in fitting if one["group"]["state"] == state), None)

        return ask

    def _verdict_is(self, kind: str) -> Callable[[], Awaitable[Any]]:
        async def ask() -> Any:
            incident = await self._incident()
            return incident if incident["verdict"]["kind"] == kind else None

        return ask

    def _answered(self, number: int) -> Callable[[], Awaitable[Any]]:
        async def ask() -> Any:
            answers = (await self._incident())["verdict"]["answers"]
            return next((one for one in answers if one["number"] == number and one["answer"] == "yes"), None)

        return ask

    async def _countdown(self) -> datetime | None:
        since = (await self._incident())["stable_since"]
        return datetime.fromisoformat(since) if since else None

    def _page_to(self, people: Mapping[str, Visitor]) -> Callable[[], Awaitable[Mail | None]]:
        async def ask() -> Mail | None:
            pages = (mail for mail in self.sink.mails if mail.to in people and "/acknowledge/" in mail.text)
            return next(pages, None)

        return ask

    async def _fan_out(self, mark: int) -> str:
        """Wait until everybody outside has the mail that was sent since the mark; how many those are."""
        everybody = Counter(self.readers.values())

        async def ask() -> Counter[str] | None:
            got = Counter(self.readers[mail.to] for mail in self.sink.mails[mark:] if mail.to in self.readers)
            return got if got >= everybody else None

        got = await self._until(ask, "the mail to every reader")
        return f"{got['technical']} technical and {got['business']} business mails"

    async def _status_page(self) -> Any:
        shown = await self.cast.customer.read("/status/api/v2/summary.json")
        return shown if shown["incidents"] else None


def _acknowledgement(page: Mail) -> str:
    found = re.search(r"(/acknowledge/[\w-]+)", page.text)
    assert found is not None
    return found[1]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
