"""Subscribers by SMS, chat and webhook: asked where they are, told there in what was approved, and let go."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from antiphon.actions import subscribers
from antiphon.actions.subscribers.importing import Imported, import_all
from antiphon.core.channel_words import segments
from antiphon.core.decision import Refusal
from antiphon.core.subscriptions import MOST_AT_ONE_HOST, MOST_TRIES, Wishes
from antiphon.db import channel_settings, public, public_page
from antiphon.db.models import Delivery, Organisation, Subscriber, Suppression, Text
from antiphon.db.transactions import write
from antiphon.queries import knowing
from antiphon.queries import subscribers as queries
from tests.contracts.delivery.slack import SlackServer
from tests.contracts.delivery.twilio import SID, TOKEN, TwilioServer
from tests.contracts.sinks import HttpAnswer
from tests.journeys.test_maintenance import _approve, _plan
from tests.world import World, done

pytestmark = pytest.mark.patient
ALL = Wishes()
NUMBER = "+491701234567"


class Ways:
    """Providers on loopback, set up in the world's house."""

    def __init__(self, world: World, stack: ExitStack) -> None:
        self.world = world
        self.twilio, self.slack = stack.enter_context(TwilioServer()), stack.enter_context(SlackServer())
        account = {"account_sid": SID, "auth_token": TOKEN, "sender": "+15005550006", "base_url": self.twilio.base}
        signed = {"secrets": ["whsec_" + "b3Vy" * 10], "subscribers": True}
        with write():
            channel_settings.save("sms", {**account, "subscribers": True}, secret_names={"auth_token"})
            channel_settings.save("chat", {"subscribers": True}, secret_names=set())
            channel_settings.save("webhook", signed, secret_names={"secrets"})
        world.service("checkout", customers=["Bo (untagged)"])
        page = public_page.page(now=world.now)
        public.list_components(page, [public.Listed("checkout0001", "Checkout")], now=world.now)

    @property
    def room(self) -> str:
        """A room of Slack."""
        return f"slack:{self.slack.room}"

    def ask(self, way: str, address: str, wishes: Wishes = ALL) -> Refusal | None:
        """Somebody enters an address."""
        refused = subscribers.ask(page="status", way=way, address=address, wishes=wishes, now=self.world.now)
        self.world.settle()
        return refused

    def join(self, way: str, address: str) -> Subscriber:
        """They enter it and say yes."""
        done(self.ask(way, address))
        row = Subscriber.objects.get(channel=way)
        done(subscribers.keep(token=row.token, wishes=None, now=self.world.now))
        return row

    def outage(self) -> None:
        """An incident that the page tells of."""
        self.world.alert("checkout")
        self.world.publish_draft("business", "public")

    def events(self) -> list[dict[str, Any]]:
        """What was posted to the receiver of webhooks."""
        return [json.loads(call.body) for call in self.world.hook.calls]


@pytest.fixture
def ways(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ways]:
    monkeypatch.setenv("ANTIPHON_ALLOW_PRIVATE_SUBSCRIBERS", "127.0.0.0/8")
    with ExitStack() as stack:
        made = Ways(world, stack)
        yield made
        calls = [*made.twilio.calls, *made.slack.calls, *world.hook.calls]
        assert "canary" not in str([call.body for call in calls]), "an inside word got outside"


def test_a_phone_says_yes_by_a_code_and_is_told_in_three_segments(world: World, ways: Ways) -> None:
    done(ways.ask("sms", "0049 170 / 123-4567"))
    ((to, words),) = ways.twilio.taken
    assert to == NUMBER
    assert segments(words) <= 2
    code = re.search(r"\b[0-9]{6}\b", words)
    assert code
    ways.outage()
    assert len(ways.twilio.taken) == 1, "nothing before the yes"
    confirm: dict[str, Any] = {"page": "status", "way": "sms", "address": NUMBER, "now": world.now}
    assert isinstance(subscribers.confirm(**confirm, code="000000" if code[0] != "000000" else "1"), Refusal)
    token = subscribers.confirm(**confirm, code=f" {code[0][:3]} {code[0][3:]}")
    assert isinstance(token, str)
    assert f"/subscription/{token}" in words
    world.publish_draft("business", "public", moment="progress")
    _, told = ways.twilio.taken[1]
    assert "Payments fail or take very long" in told
    assert f"http://antiphon.test/status/incidents/{world.incident.uid}.html" in told
    assert told.endswith(f"Stop: http://antiphon.test/subscription/{token}")
    assert segments(told) <= 3


def test_a_code_is_not_guessed(world: World, ways: Ways) -> None:
    done(ways.ask("sms", NUMBER))
    row = Subscriber.objects.get()
    right = subscribers.code_of(row)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    confirm = {"page": "status", "way": "sms", "address": NUMBER}
    for _ in range(MOST_TRIES):
        assert subscribers.confirm(**confirm, code=wrong, now=world.now) is subscribers.WRONG_CODE
    assert subscribers.confirm(**confirm, code=right, now=world.now) is subscribers.WRONG_CODE
    world.advance(hours=2)
    done(ways.ask("sms", NUMBER))
    row.refresh_from_db()
    assert (row.tries, subscribers.code_of(row) == right) == (0, False)
    assert isinstance(subscribers.confirm(**confirm, code=subscribers.code_of(row), now=world.now), str)


def test_who_answers_stop_is_never_written_to_again(world: World, ways: Ways) -> None:
    row = ways.join("sms", NUMBER)
    ways.twilio.stopped.add(NUMBER)
    ways.outage()
    row.refresh_from_db()
    assert row.ended_at is not None
    assert Suppression.objects.count() == 1
    assert NUMBER not in str(list(Suppression.objects.values()))
    world.publish_draft("business", "public", moment="progress")
    assert len([call for call in ways.twilio.calls if b"Payments" in call.body]) == 1


def test_a_room_is_asked_and_told_and_its_url_stands_nowhere(world: World, ways: Ways) -> None:
    row = ways.join("chat", ways.room)
    (asked,) = ways.slack.messages
    assert f"/subscription/{row.token}" in asked["text"]
    ways.outage()
    text = ways.slack.messages[1]["text"]
    assert "Payments fail or take very long" in text
    assert "Hello" not in text
    assert f"/incidents/{world.incident.uid}.html" in text
    secret = ways.slack.room.rpartition("/")[2]
    kept = [*Subscriber.objects.values(), *Delivery.objects.values(), *Text.objects.values()]
    assert secret not in str(kept)
    shown = queries.of_page(public_page.page(now=world.now).uid)
    assert shown is not None
    assert [each.address for each in shown[1]] == ["Slack at 127.0.0.1"]
    ways.slack.faults.append(HttpAnswer(404, body=b"no_service"))
    world.publish_draft("business", "public", moment="progress")
    row.refresh_from_db()
    assert row.ended_at is not None, "a webhook that was removed is not posted to again"


def test_a_machine_gets_what_was_published_as_data_signed_with_its_own_secret(world: World, ways: Ways) -> None:
    row = ways.join("webhook", world.hook.url)
    ways.outage()
    question, told = ways.events()
    assert question["event"]["event_type"] == "subscription.asked"
    assert question["event"]["data"]["confirm_url"].endswith(f"/subscription/{row.token}")
    incident, page = told["incident"], told["page"]
    assert (incident["id"], page["name"]) == (world.incident.uid, "Fernhost status")
    assert told["update"] == incident["incident_updates"][0]
    assert told["next_update_at"] == incident["next_update_at"]
    assert [each["name"] for each in incident["components"]] == [each["name"] for each in told["components"]]
    found = queries.by_token(row.token)
    assert found is not None
    call = world.hook.calls[1]
    (key,) = found[0].keys
    signed = Webhook(key).sign(call.headers["webhook-id"], world.now, call.body.decode())
    assert signed == call.headers["webhook-signature"]


def test_each_way_hears_the_end_of_what_it_heard_begin_and_who_knows_shows_it(world: World, ways: Ways) -> None:
    """I29."""
    ways.join("sms", NUMBER)
    ways.join("chat", ways.room)
    ways.outage()
    for row in Subscriber.objects.all():
        done(subscribers.keep(token=row.token, wishes=Wishes(impact="critical"), now=world.now))
    world.ends("checkout")
    world.advance(minutes=40)
    assert world.resolve() is None
    world.publish_draft("business", "public", moment="resolution")
    assert len(ways.twilio.taken) == len(ways.slack.messages) == 3
    public_readers = [each for each in knowing.matrix(world.incident, now=world.now).audiences if each.people]
    assert sum(each.stranded for each in public_readers) == 0


def test_a_drill_reaches_no_way(world: World, ways: Ways) -> None:
    ways.join("sms", NUMBER)
    ways.join("chat", ways.room)
    world.declare(nature="drill")
    world.publish_draft("business", "public")
    assert len(ways.twilio.taken) == len(ways.slack.messages) == 1


def test_planned_work_and_its_reminder_go_by_each_way(world: World, ways: Ways) -> None:
    ways.join("sms", NUMBER)
    ways.join("webhook", world.hook.url)
    plan = _plan(world, remind=timedelta(minutes=30))
    _approve(world, plan)
    world.advance(minutes=31)
    words = [words for _, words in ways.twilio.taken[1:]]
    assert words[0].startswith("Database upgrade")
    assert words[1].startswith("Reminder: Database upgrade")
    assert f"/status/maintenance/{plan.uid}.html" in words[0]
    told = ways.events()[1]
    assert told["event"]["event_type"] == "maintenance.updated"
    assert told["incident"]["scheduled_for"]


def test_erasing_a_room_forgets_its_url_and_no_list_brings_it_back(world: World, ways: Ways) -> None:
    row = ways.join("chat", ways.room)
    world.advance(hours=2)
    done(subscribers.erase(token=row.token, now=world.now))
    listed = import_all(
        f"url\n{ways.room}\n".encode(), page="status", confirmed=True, origin="a list", actor=world.acts(world.ira),
        now=world.now,
    )  # fmt: skip
    assert isinstance(listed, Imported)
    assert (listed.added, listed.suppressed) == (0, 1)
    assert not any(each["slots"] for each in Delivery.objects.filter(channel="chat").values())


def test_a_list_of_all_ways_takes_the_good_rows_and_returns_the_bad(world: World, ways: Ways) -> None:
    good = [f"user{number}@customer.test,,,minor" for number in range(10)]
    good += [f",+4917012345{number:02d},," for number in range(5)]
    good += [f",,https://hooks{number}.customer.test/x,major" for number in range(3)]
    good += [f",,https://hooks.slack.com/services/T0/B{number}/x," for number in range(20)]
    bad = [",0170 123,,", ",,https://10.0.0.1/x,"]
    table = "\n".join(["email,phone,url,impact", *good[:20], *bad, *good[20:]])
    listed = import_all(
        table.encode(), page="status", confirmed=True, origin="a list", actor=world.acts(world.ira), now=world.now
    )
    assert isinstance(listed, Imported)
    assert (listed.added, [fault.line for fault in listed.faults]) == (38, [22, 23])
    assert all(fault.fix.endswith(".") for fault in listed.faults)
    by_way = {way: Subscriber.objects.filter(channel=way).count() for way in ("mail", "sms", "chat", "webhook")}
    assert by_way == {"mail": 10, "sms": 5, "chat": 20, "webhook": 3}
    world.settle()
    assert not ways.twilio.calls


def test_the_form_cannot_be_turned_against_a_phone_or_a_server(world: World, ways: Ways) -> None:
    for _ in range(3):
        done(ways.ask("sms", NUMBER))
    assert len(ways.twilio.calls) == 1, "one question an hour"
    refused = [ways.ask("webhook", f"{world.hook.url}?n={number}") for number in range(MOST_AT_ONE_HOST + 3)]
    assert [each is None for each in refused] == [True] * MOST_AT_ONE_HOST + [False] * 3
    assert len(world.hook.calls) == MOST_AT_ONE_HOST
    rooms = [f"mattermost:http://127.0.0.2/{number}" for number in range(MOST_AT_ONE_HOST + 1)]
    assert [ways.ask("chat", each) is None for each in rooms][-2:] == [True, False]


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://169.254.169.254/latest", "http://[::1]/", "http://2130706433/", "ftp://a.b/"]
)
def test_what_lies_in_a_private_network_is_not_asked(ways: Ways, url: str) -> None:
    assert isinstance(ways.ask("webhook", url), Refusal)
    assert isinstance(ways.ask("chat", f"mattermost:{url}"), Refusal)
    assert not Subscriber.objects.exists()


def test_a_way_that_is_not_set_up_takes_nobody(world: World, ways: Ways) -> None:
    with write():
        channel_settings.save("sms", {"subscribers": False}, secret_names=set())
    assert isinstance(ways.ask("sms", NUMBER), Refusal)
    offer = queries.offered("status")
    assert offer is not None
    assert offer.ways == ("mail", "chat", "webhook")


def test_rooms_and_phones_get_digests_and_machines_each_publication(world: World, ways: Ways) -> None:
    Organisation.objects.update(settings={"digest": {"messages": 1, "minutes": 30}})
    ways.join("sms", NUMBER)
    ways.join("chat", ways.room)
    ways.join("webhook", world.hook.url)
    for service in ("search", "ledger", "media"):
        world.service(service)
        world.declare(title=f"{service} fails", severity=2, entities=[service])
        world.publish_draft("public")
    assert (len(ways.twilio.taken), len(ways.slack.messages), len(ways.events())) == (2, 2, 4)
    world.advance(minutes=16)
    words, text = ways.twilio.taken[-1][1], ways.slack.messages[-1]["text"]
    assert (len(ways.twilio.taken), len(ways.slack.messages), len(ways.events())) == (3, 3, 4)
    assert words.startswith("2 updates: ")
    assert "http://antiphon.test/status/\n" in words
    assert segments(words) <= 3
    assert text.count("To stop these messages") == 1
    assert text.count("Payments fail or take very long") >= 2
