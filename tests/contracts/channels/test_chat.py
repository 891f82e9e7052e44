"""Chat rooms: which URL is whose, and that no words of ours, whoever wrote them, call a channel or forge a link."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.channels import chat
from antiphon.channels.chat_kinds import KINDS, Room, room
from antiphon.core.sending import Dead, Envelope, Outcome, Retry, Sent
from tests.contracts.delivery.slack import SlackServer
from tests.contracts.sealed import outside
from tests.contracts.sinks import HttpAnswer
from tests.edges.egress.loopback import outbound

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STOP = "https://status.example.org/subscription/x"
HOSTILE = (
    "@everyone @here <!channel> <!here|all> <@U123> <users/all> <at>all</at> foo.@all -@channel "
    "[bank](https://evil.example/login) ![x](https://evil.example/p.png) [bank][1] <https://evil.example|bank> "
    "<https://evil.example> [1]: https://evil.example\u202e\u0007"
)


def send(server: SlackServer, **changes: Any) -> Outcome:
    known: dict[str, Any] = {"delivery_id": "d-1", "to": f"slack:{server.room}", "text": outside()}
    slots = {"greeting": "Hello,", "unsubscribe_url": STOP}
    envelope = Envelope(**known | {"recipient_slots": slots, "extra": {"link": "https://s.example/i"}} | changes)
    return outbound(lambda transport: chat.send(envelope, chat.Settings(), transport, now=NOW))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://canary.discord.com/api/webhooks/1/x", "discord"),
        ("https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t", "googlechat"),
        ("https://acme.webhook.office.com/webhookb2/x", "teams"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?sig=s", "teams"),
        ("https://chat.acme.example/hooks/xmgzcjepqfddbq8nh7hpq7yxuw", "mattermost"),
        ("https://acme.example/chat/hooks/xmgzcjepqfddbq8nh7hpq7yxuw", "mattermost"),
        ("https://rocket.acme.example/hooks/5a1b2c3d4e5f6a7b8c9d/" + "a" * 48, "rocketchat"),
        ("mattermost:https://acme.example/odd", "mattermost"),
    ],
)
def test_a_url_tells_its_chat(url: str, kind: str) -> None:
    found = room(url)
    assert isinstance(found, Room)
    assert found.kind.name == kind


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/services/T0/B0/x",
        "https://hooks.slack.com.evil.example/services/T/B/x",
        "https://notdiscord.com/api/webhooks/1/x",
        "https://hooks.slack.com/workflows/T/A/1/x",
        "slack:ftp://hooks.slack.com/services/x",
        "slack:https://user:pass@hooks.slack.com/services/x",
        "irc:https://acme.example/x",
        "slack:https://acme.example/ü",
    ],
)
def test_what_tells_none_is_refused_with_what_to_do(url: str) -> None:
    said = room(url)
    assert isinstance(said, str)
    assert said.endswith(".")
    assert "evil" not in said


def _shown(kind: str, subject: str, body: str) -> str:
    return json.dumps(KINDS[kind].payload(subject, body, ""), ensure_ascii=False)


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_call_nobody_and_forge_no_link(kind: str) -> None:
    said = _shown(kind, HOSTILE, HOSTILE)
    assert not set(said) & set("\u202e\u0007")
    if kind == "teams":
        runs = [block["inlines"][0] for block in json.loads(said)["attachments"][0]["content"]["body"]]
        assert {run["type"] for run in runs} == {"TextRun"}, "text runs hold no markup"
        return
    assert "<" not in said.replace("<\u200b", "")
    assert kind == "slack" or not re.search(r"\]\s*[(\[:]", said), "Slack knows no such links"
    assert not re.search(r"(?<!\w)@\w", said)
    if kind == "discord":
        assert json.loads(said)["allowed_mentions"] == {"parse": []}


@given(st.text(alphabet="@<>[]()!|:/\\*_` aeyvr", max_size=60), st.sampled_from(sorted(set(KINDS) - {"teams"})))
def test_no_mixture_of_marks_becomes_one(words: str, kind: str) -> None:
    said = json.loads(_shown(kind, "x", words))
    text = said["content" if kind == "discord" else "text"]
    assert "<" not in text.replace("<\u200b", "")
    assert kind == "slack" or "](" not in text, "Slack knows no such links"
    assert not re.search(r"(?<!\w)@\w", text)


@pytest.mark.patient
def test_labels_keep_the_address_they_stand_for() -> None:
    with SlackServer() as server:
        send(server, text=outside(channels={"chat": "**Slow.** See [our page](https://s.example/x?a=1&b=2)."}))
    (message,) = server.messages
    assert message["text"].startswith("*Checkout is slow*\nSlow. See our page: https://s.example/x?a=1&amp;b=2.")
    assert STOP in message["text"]
    assert message["link_names"] is False


@pytest.mark.patient
def test_a_long_text_is_cut_and_still_says_where_to_read_on_and_how_to_stop() -> None:
    with SlackServer() as server:
        send(server, text=outside(body_text="[[greeting]]\n\n" + "word " * 20_000 + "\n[[unsubscribe_url]]"))
    (message,) = server.messages
    assert len(message["text"]) < 31_000
    assert "https://s.example/i" in message["text"]
    assert STOP in message["text"]


@pytest.mark.patient
@pytest.mark.parametrize(
    ("fault", "outcome", "more"),
    [
        (HttpAnswer(429, {"Retry-After": "30"}), Retry, timedelta(seconds=30)),
        (HttpAnswer(429, body=b'{"retry_after": 0.5, "global": false}'), Retry, timedelta(seconds=0.5)),
        (HttpAnswer(500, body=b"rollup_error"), Retry, None),
        (HttpAnswer(404, body=b"no_service"), Dead, True),
        (HttpAnswer(410, body=b"channel_is_archived"), Dead, True),
        (HttpAnswer(403, body=b"action_prohibited"), Dead, False),
        (HttpAnswer(400, body=b"invalid_payload"), Dead, False),
        (HttpAnswer(302), Dead, False),
    ],
)
def test_what_a_room_answers(fault: HttpAnswer, outcome: type[Outcome], more: object) -> None:
    with SlackServer() as server:
        server.faults.append(fault)
        said = send(server)
    assert isinstance(said, outcome)
    assert (said.after if isinstance(said, Retry) else said.gone if isinstance(said, Dead) else None) == more


def test_what_strangers_typed_never_leads_into_a_private_network_that_is_open_to_us() -> None:
    with SlackServer() as server:
        assert isinstance(send(server), Sent)
        said = send(server, stranger=True)
        assert len(server.calls) == 1
    assert isinstance(said, Dead)
    assert "not a public address" in said.reason
