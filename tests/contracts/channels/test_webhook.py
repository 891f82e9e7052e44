"""Webhooks as their receivers see them."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from standardwebhooks import Webhook

from antiphon.channels import webhook
from antiphon.channels.channel import registry
from antiphon.core.sending import Dead, Envelope, InsideText, Retry, Sent
from antiphon.egress.http import PER_HOST
from tests.contracts.sealed import outside
from tests.contracts.sinks import HANG, HttpAnswer, WebhookSink
from tests.edges.egress.loopback import outbound

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OLD, NEW = "whsec_" + "b2xk" * 10, "whsec_" + "bmV3" * 10
OURS = webhook.Settings(secrets=(NEW, OLD))


def send(sink, *, now=NOW, settings=OURS, **changes):
    values = {"delivery_id": "d-1", "to": sink.url, "text": InsideText("Page", "Look")} | changes
    return outbound(lambda transport: webhook.send(Envelope(**values), settings, transport, now=now))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_secret_verifies_while_they_are_rotated(secret):
    now = datetime.now(UTC)  # the receiver's library compares with the machine's clock
    with WebhookSink() as sink:
        assert isinstance(send(sink, now=now), Sent)
    (call,) = sink.calls
    event = Webhook(secret).verify(call.body, call.headers)["event"]
    assert event["id"] == call.headers["webhook-id"] == "d-1"


def test_the_event_has_the_shape_receivers_know():
    link = "https://x.example/a"
    extra = {"event_type": "incident.update", "resource_type": "incident", "ack_url": link, "text": "no"}
    with WebhookSink() as sink:
        send(sink, text=outside(body_text="Hello", body_html=""), thread="42:business", extra=extra)
        send(sink, extra={"occurred_at": "2026-01-01T00:00:00Z"})
    first, second = (msgspec.json.decode(call.body)["event"] for call in sink.calls)
    assert list(first) == ["id", "event_type", "resource_type", "occurred_at", "agent", "data"]
    assert (first["event_type"], first["occurred_at"]) == ("incident.update", "2026-03-01T12:00:00.000+00:00")
    assert first["data"]["ack_url"] == link
    assert (first["data"]["text"], first["data"]["audience"]) == ("Hello", "business")
    assert "business" not in first["data"]["thread"]
    assert (second["event_type"], second["occurred_at"]) == ("message.sent", "2026-01-01T00:00:00Z")


def test_an_event_that_never_had_its_turn_was_no_attempt():
    with WebhookSink() as sink:
        sink.usually = HANG
        events = [Envelope(delivery_id=f"d-{at}", to=sink.url, text=InsideText("Page", "Look")) for at in range(9)]

        async def all_of_them(transport):
            return await registry()["webhook"].send_many(events, OURS, transport, now=NOW)

        outcomes = outbound(all_of_them, deadline=0.3)
    assert [outcome.tried for outcome in outcomes] == [True] * PER_HOST + [False]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HttpAnswer(204, body=b""), Sent),
        (HttpAnswer(302, {"Location": "/x"}), Dead),
        (HttpAnswer(404), Dead),
        (HttpAnswer(408), Retry),
        (HttpAnswer(410), Dead),
        (HttpAnswer(500), Retry),
    ],
)
def test_what_a_status_means(answer, expected):
    with WebhookSink() as sink:
        sink.answers.append(answer)
        assert isinstance(send(sink), expected)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("999999", timedelta(hours=1)),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Sun, 01 Mar 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta()),
    ],
)
def test_how_long_the_receiver_wants_us_to_wait(header, wait):
    with WebhookSink() as sink:
        sink.answers.append(HttpAnswer(429, {"Retry-After": header}))
        outcome = send(sink)
    assert isinstance(outcome, Retry)
    assert outcome.after == wait


def test_without_a_secret_nothing_is_sent():
    with WebhookSink() as sink:
        assert isinstance(send(sink, settings=webhook.Settings(secrets=())), Dead)
    assert not sink.calls
