"""What holds for every channel, whoever wrote it. Parametrised over the registry."""

import dataclasses
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from antiphon import channels
from antiphon.channels.channel import BrokenRegistry, collect
from antiphon.channels.settings import MASK, check, mask, options, read, schema
from antiphon.core.sending import Dead, Envelope, InsideText, Retry, Sent
from tests.contracts.channels.providers import (
    FOR_EVERYBODY,
    GREETING,
    NAMES_EACH_ANEW,
    PROVIDERS,
    SECRET,
    SILENT,
    WAYS_TO_HANG,
)
from tests.contracts.sealed import outside
from tests.edges.egress.loopback import outbound

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SLOTS = {"greeting": "Good day Bo", "unsubscribe_url": "https://status.example.org/u/1"}
QUICK = frozenset({"mail", "webhook"})
"""Two stand for all in the quick lane."""
every_channel = pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.patient) for name in channels.registry()]
)
every_channel_to_one = pytest.mark.parametrize("name", sorted(channels.registry().keys() - FOR_EVERYBODY))


def envelope(to, **changes):
    ours = Envelope(delivery_id="d-1", to=to, text=outside(), thread="42:business", recipient_slots=SLOTS)
    return dataclasses.replace(ours, **changes)


def send(name, provider, *envelopes, deadline=5.0):
    channel = channels.registry()[name]
    text = outside(audience=getattr(provider, "audience", "business"))
    messages = envelopes or [envelope(provider.to, text=text)]
    return outbound(
        lambda transport: channel.send_many(messages, provider.settings, transport, now=NOW), deadline=deadline
    )


def test_every_channel_has_a_provider_to_be_tried_with():
    assert set(channels.registry()) == set(PROVIDERS) == set(SILENT)


@every_channel_to_one
def test_an_accepted_message_is_sent_and_arrives_once(name):
    with PROVIDERS[name]() as provider:
        (outcome,) = send(name, provider)
        assert isinstance(outcome, Sent)
        assert outcome.reference
        assert outcome.detail
        (arrived,) = provider.received()
    assert "Checkout is slow" in arrived
    assert ("Good day Bo" in arrived) == (name in GREETING)
    assert "https://status.example.org/u/1" in arrived
    assert "[[" not in arrived


@pytest.mark.parametrize("name", sorted(channels.registry().keys() - NAMES_EACH_ANEW))
def test_I8_an_attempt_again_carries_the_same_reference(name):
    with PROVIDERS[name]() as provider:
        first, again = send(name, provider)[0], send(name, provider)[0]
        text = outside(audience=getattr(provider, "audience", "business"))
        other = send(name, provider, envelope(provider.to, text=text, delivery_id="d-2"))[0]
    assert first.reference == again.reference != other.reference


@every_channel
def test_a_refusal_is_dead_and_trouble_is_retried(name):
    with PROVIDERS[name]() as provider:
        provider.say_no()
        provider.busy()
        provider.break_down()
        outcomes = [send(name, provider)[0] for _ in range(4)]
    assert [type(outcome) for outcome in outcomes] == [Dead, Retry, Retry, Sent]


@every_channel
@pytest.mark.parametrize("way", WAYS_TO_HANG)
def test_I14_a_provider_that_hangs_is_left_at_the_deadline(name, way):
    with SILENT[name](WAYS_TO_HANG[way]) as provider:
        started = time.monotonic()
        (outcome,) = send(name, provider, deadline=0.4)
    assert isinstance(outcome, Retry)
    assert time.monotonic() - started < 1.5


@every_channel
def test_nobody_listening_is_retried(name):
    with PROVIDERS[name]() as provider:
        pass
    assert isinstance(send(name, provider)[0], Retry)


@every_channel_to_one
def test_practice_sends_nothing_outside_but_pages_inside(name):
    with PROVIDERS[name]() as provider:
        page = InsideText("Practice: checkout", "Please acknowledge")
        told, paged = send(
            name, provider, envelope(provider.to, practice=True), envelope(provider.to, text=page, practice=True)
        )
        (arrived,) = provider.received()
    assert isinstance(told, Dead)
    assert told.reason.startswith("practice")
    assert isinstance(paged, Sent)
    assert "Please acknowledge" in arrived


@every_channel_to_one
def test_a_batch_has_one_outcome_per_message_in_order(name):
    with PROVIDERS[name]() as provider:
        many = [envelope(provider.to, delivery_id=f"d-{number}", practice=number % 3 == 0) for number in range(40)]
        outcomes = send(name, provider, *many)
        arrived = provider.received()
    assert [isinstance(outcome, Sent) for outcome in outcomes] == [not one.practice for one in many]
    assert len(arrived) == sum(not one.practice for one in many)


@every_channel
def test_a_text_over_the_limit_is_refused_not_cut(name):
    limit = channels.registry()[name].max_bytes
    with PROVIDERS[name]() as provider:
        (outcome,) = send(name, provider, envelope(provider.to, text=outside(body_text="x" * (limit + 1))))
        assert not provider.received()
    assert isinstance(outcome, Dead)
    assert str(limit) in outcome.reason


@every_channel
@pytest.mark.parametrize("to", ["", "nobody", "a b", "x\r\nBcc: eve@example.org", "http://", "<bo@example.org>"])
def test_an_address_of_another_form_is_refused(name, to):
    with PROVIDERS[name]() as provider:
        (outcome,) = send(name, provider, envelope(to))
    assert isinstance(outcome, Dead)
    assert outcome.reason.endswith(".")


@every_channel_to_one
def test_I25_a_text_whose_slots_cannot_be_filled_is_refused(name):
    with PROVIDERS[name]() as provider:
        missing, unlisted = send(
            name,
            provider,
            envelope(provider.to, recipient_slots={}),
            envelope(provider.to, recipient_slots={**SLOTS, "price": "1"}),
        )
        assert not provider.received()
    assert isinstance(missing, Dead)
    assert isinstance(unlisted, Dead)


@every_channel_to_one
def test_I28_one_recipients_values_never_reach_another(name):
    people, link = ["Bo", "Tess", "Mallory"], "https://status.example.org/u/"
    with PROVIDERS[name]() as provider:
        send(
            name,
            provider,
            *[
                envelope(provider.to, delivery_id=who, recipient_slots={"greeting": who, "unsubscribe_url": link + who})
                for who in people
            ],
        )
        arrived = provider.received()
    for text in arrived:
        assert sum(f"/u/{who}" in text for who in people) == 1
        assert sum(who in text for who in people) == 1


@every_channel
def test_secrets_show_in_no_outcome_repr_log_or_mask(name, caplog):
    caplog.set_level(logging.DEBUG)
    with PROVIDERS[name]() as provider:
        settings = provider.settings
        provider.say_no()
        provider.busy()
        shown = [repr(send(name, provider)[0]) for _ in range(3)]
    with SILENT[name](WAYS_TO_HANG["silence"]) as silent:
        shown.append(repr(send(name, silent, deadline=0.2)[0]))
    shown += [repr(settings), str(mask(settings)), caplog.text]
    assert not [text for text in shown if SECRET in text]
    assert (MASK in str(mask(settings))) == any(option.secret for option in options(type(settings)))


@every_channel
def test_settings_say_everything_a_form_needs(name):
    declared = channels.registry()[name].settings
    for option in options(declared):
        assert option.label
        assert option.hint.endswith(".")
    shape = schema(declared)
    assert json.loads(json.dumps(shape)) == shape
    assert set(shape["required"]) == {option.name for option in options(declared) if option.required}
    with PROVIDERS[name]() as provider:
        assert check(provider.settings) == []
        values = dataclasses.asdict(provider.settings)
    assert read(declared, values) == provider.settings
    assert read(declared, {"nonsense": 1})


def module(name, **declares):
    made = ModuleType(name)
    made.__dict__.update(declares)
    return made


def test_two_channels_of_one_name_stop_the_start():
    async def nothing(envelope, settings, transport, *, now):
        return Dead("never")

    whole = {"NAME": "x", "LABEL": "X", "MAX_BYTES": 1, "Settings": object, "check_address": str, "send": nothing}
    with pytest.raises(BrokenRegistry, match="two"):
        collect([module("one", **whole), module("two", **whole)])
    del whole["LABEL"]
    with pytest.raises(BrokenRegistry, match="LABEL"):
        collect([module("one", **whole)])


def test_the_wait_a_provider_asks_for_is_handed_on():
    with PROVIDERS["webhook"]() as provider:
        provider.busy()
        assert send("webhook", provider)[0].after == timedelta(seconds=7)
