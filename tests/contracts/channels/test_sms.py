"""SMS as Twilio sees it, and what its answers mean."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from antiphon.channels import sms
from antiphon.core.channel_words import segments
from antiphon.core.sending import Dead, Envelope, InsideText, Outcome, Retry, Sent
from tests.contracts.delivery.twilio import CUT, LANDLINE, NOT_A_NUMBER, PATH, SID, TOKEN, TwilioServer
from tests.contracts.sealed import outside
from tests.contracts.sinks import HttpAnswer
from tests.edges.egress.loopback import outbound

pytestmark = pytest.mark.patient
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STOP = "https://status.example.org/subscription/abcdefgh01234567"
LINK = "https://status.example.org/status/incidents/abcdefghijkl.html"


def send(server: TwilioServer, *, token: str = TOKEN, sender: str = "+15005550006", **changes: Any) -> Outcome:
    settings = sms.Settings(account_sid=SID, auth_token=token, sender=sender, base_url=f"{server.base}/")
    values: dict[str, Any] = {"delivery_id": "d-1", "to": "+491701234567", "text": outside()}
    slots = {"greeting": "Hello,", "unsubscribe_url": STOP}
    known = values | {"recipient_slots": slots, "extra": {"link": LINK}} | changes
    return outbound(lambda transport: sms.send(Envelope(**known), settings, transport, now=NOW), deadline=1.0)


def test_twilio_gets_a_form_and_its_sid_is_kept() -> None:
    with TwilioServer() as server:
        sent = send(server)
        assert isinstance(send(server, sender="MG" + "a" * 32), Sent)
    assert isinstance(sent, Sent)
    assert sent.reference == f"SM{1:032d}"
    first, second = server.calls
    assert (first.method, first.path) == ("POST", PATH)
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    fields = parse_qs(first.body.decode())
    assert fields["To"] == ["+491701234567"]
    assert fields["Body"] == [f"Checkout is slow\n{LINK}\nStop: {STOP}"]
    assert (fields["From"], "From" in parse_qs(second.body.decode())) == (["+15005550006"], False)


@pytest.mark.parametrize(
    ("to", "gone", "says"),
    [(NOT_A_NUMBER, False, "21211"), (LANDLINE, False, "21614"), ("+15551234567", True, "STOP")],
)
def test_who_cannot_be_reached_is_dead_and_who_said_stop_is_gone(to: str, gone: bool, says: str) -> None:
    with TwilioServer() as server:
        server.stopped.add("+15551234567")
        outcome = send(server, to=to)
    assert isinstance(outcome, Dead)
    assert (outcome.gone, says in outcome.reason, to in outcome.reason) == (gone, True, False)


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (HttpAnswer(429, {"Retry-After": "30"}), timedelta(seconds=30)),
        (HttpAnswer(500), None),
        (HttpAnswer(503, {"Retry-After": "7"}), timedelta(seconds=7)),
        (HttpAnswer(201, body=b"x" * 40, pace=0.1), None),
        (CUT, None),
        (HttpAnswer(201, body=b"no json"), None),
    ],
)
def test_trouble_is_tried_again(fault: HttpAnswer, wait: timedelta | None) -> None:
    with TwilioServer() as server:
        server.faults.append(fault)
        outcome = send(server)
        assert isinstance(send(server), Sent)
    assert isinstance(outcome, Retry)
    assert outcome.after == wait
    assert len(server.taken) == 1


def test_a_wrong_token_says_where_to_mend_it() -> None:
    with TwilioServer() as server:
        outcome = send(server, token="wrong")
    assert isinstance(outcome, Dead)
    assert "settings" in outcome.reason
    assert not outcome.gone


def test_approved_words_go_whole_and_the_subject_where_there_are_none() -> None:
    own = "Checkout: payments fail. Next update 14:30 UTC."
    with TwilioServer() as server:
        send(server, text=outside(channels={"sms": own}))
        send(server, text=outside(channels={"sms": "x" * 300}))
        send(server, text=outside(channels={"sms": "x" * 440}))
        send(server, text=outside(subject="Всё плохо " * 30))
        send(server, text=InsideText("SEV1 #7: Checkout fails", "long " * 400), extra={"ack_url": LINK})
    words = [words for _, words in server.taken]
    assert words[0] == f"{own}\n{LINK}\nStop: {STOP}"
    assert words[1] == f"{'x' * 300}\n{LINK}\nStop: {STOP}"
    assert words[2].startswith("Checkout is slow"), "cut they would say something else than what was approved"
    assert words[3].startswith("Всё плохо")
    assert words[4] == f"SEV1 #7: Checkout fails\n{LINK}"
    assert all(segments(each) <= 3 for each in words)
    assert all(each.endswith(f"Stop: {STOP}") for each in words[:4])


@pytest.mark.parametrize(
    "number", ["0170 1234567", "+49 170 1234567", "+0170123456", "+49170123456789012", "+٤٩١٧٠١٢٣٤", "++491701234567"]
)
def test_only_the_one_form_is_a_number(number: str) -> None:
    assert sms.check_address(number)
