"""The auditor's own ways out: to people past the sending it doubts, and to the dead-man's address outside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from antiphon import channels
from antiphon.db.fields import new_uid
from tests.contracts.sinks import HANG, HttpAnswer, WebhookSink
from tests.edges.egress.loopback import LOOPBACK

if TYPE_CHECKING:
    from tests.contracts.delivery.house import House


def ask(url: str, *, inside: bool = True) -> str:
    """What comes of a call to an address; outside of loopback the guard forbids this machine."""
    from antiphon.egress.guard import EgressPolicy
    from antiphon.egress.transport import Transport
    from antiphon.wiring.auditing import call

    async def asked() -> str:
        return await call(url, Transport(LOOPBACK if inside else EgressPolicy(), deadline=0.5))

    return asyncio.run(asked())


def test_I37_the_address_outside_is_asked_for_once_and_what_came_of_it_is_said() -> None:
    with WebhookSink() as hook:
        hook.answers.extend([HttpAnswer(200), HttpAnswer(302, headers={"Location": hook.url}), HANG])
        assert ask(hook.url) == "answered 200"
        assert [(one.method, one.body) for one in hook.calls] == [("GET", b"")]
        assert ask(hook.url) == "answered 302"  # never followed
        assert "did not answer within" in ask(hook.url)
        assert len(hook.calls) == 3


def test_the_address_outside_passes_the_guard() -> None:
    with WebhookSink() as hook:
        said = ask(hook.url, inside=False)
        assert "not a public address" in said
        assert not hook.calls


def test_what_is_handed_straight_over_passes_limits_and_is_written_down(house: House) -> None:
    from antiphon.actions import deliveries
    from antiphon.core.sending import InsideText
    from antiphon.db.models import Attempt, Delivery
    from antiphon.delivery.straight import Straight
    from tests.contracts.delivery.house import transport

    text = deliveries.inside(InsideText("Antiphon found", "Look."), audience="responders", incident=None, now=house.now)
    claimed = {"lease": "ours", "lease_until": 120.0, "created_at": house.now, "wake_at": house.now}
    known = {"purpose": "page", "text": text, "recipient": house.ann.uid, **claimed}
    ways = (("mail", "ann@example.org"), ("webhook", house.hook.url), ("pigeon", "the roof"))
    rows = [Delivery.objects.create(uid=new_uid(), channel=name, address=to, **known) for name, to in ways]
    straight = Straight(channels.registry(), transport, node="auditor", deadline=0.5, real=lambda: 100.0)
    assert straight.send([row.pk for row in rows], now=house.now) == 3
    assert [mail.recipient for mail in house.mail.mails] == ["ann@example.org"]
    assert len(house.hook.calls) == 1
    assert sorted(Delivery.objects.values_list("channel", "state")) == [
        ("mail", "sent"),
        ("pigeon", "not_sent"),
        ("webhook", "sent"),
    ]
    assert set(Attempt.objects.values_list("node", flat=True)) == {"auditor"}
    assert straight.send([row.pk for row in rows], now=house.now) == 0  # once is enough
