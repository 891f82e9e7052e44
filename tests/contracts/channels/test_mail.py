"""What the mails we send look like to a mail reader."""

import dataclasses
import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.channels import mail
from antiphon.channels.settings import check
from antiphon.core.sending import Dead, Envelope, InsideText, Sent
from tests.contracts.sealed import outside
from tests.contracts.sinks import SmtpSink
from tests.edges.egress.loopback import outbound

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OURS = mail.Settings(host="mx.example.org", from_address="incidents@example.org", from_name="Antiphon ✓")
LINK = "https://status.example.org/u/1"
SLOTS = {"greeting": "Grüß Gott <Bo>", "unsubscribe_url": LINK}
TO_BO = Envelope(
    delivery_id="d-1",
    to="bo@example.org",
    text=outside(subject="Störung im Bezahlvorgang – wir arbeiten daran"),
    thread="42:business",
    recipient_slots=SLOTS,
)


def written(envelope, settings=OURS):
    """The mail as it would be handed to the server, parsed."""
    result = mail._Sender(settings, NOW).write(envelope)
    assert not isinstance(result, Dead), result
    return email.message_from_bytes(result[1].data, policy=email.policy.default)


def test_the_headers_a_mail_reader_and_a_robot_look_for():
    message = written(TO_BO)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == "<d-1@example.org>"
    assert message["To"] == "bo@example.org"
    assert message["From"].addresses[0].display_name == "Antiphon ✓"
    assert message["Subject"] == TO_BO.text.subject
    assert message["Date"].datetime == NOW
    assert message["Cc"] is None
    assert message["Bcc"] is None


def test_mails_of_one_incident_and_audience_share_a_thread_that_names_neither():
    first, second = written(TO_BO), written(dataclasses.replace(TO_BO, delivery_id="d-2"))
    other = written(dataclasses.replace(TO_BO, thread="42:technical"))
    assert first["References"] == second["References"] == second["In-Reply-To"] != other["References"]
    assert "business" not in first["References"]
    assert written(dataclasses.replace(TO_BO, thread=None))["References"] is None


def test_both_bodies_carry_the_slots_and_html_escapes_them():
    message = written(TO_BO)
    plain, markup = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert plain.startswith("Grüß Gott <Bo>")
    assert LINK in plain
    assert "Grüß Gott &lt;Bo&gt;" in markup
    assert written(dataclasses.replace(TO_BO, text=InsideText("s", "t"))).get_content_type() == "text/plain"


def test_a_delivery_id_of_another_form_becomes_a_stable_message_id():
    strange = dataclasses.replace(TO_BO, delivery_id="d>\r\nBcc: eve@example.org")
    assert written(strange)["Message-ID"] == written(strange)["Message-ID"]
    assert written(strange)["Bcc"] is None


def test_a_domain_outside_ascii_is_written_as_the_wire_wants_it():
    assert written(dataclasses.replace(TO_BO, to="bo@bücher.example"))["To"] == "bo@xn--bcher-kva.example"


@given(
    st.text(max_size=200),
    st.text(max_size=300),
    st.text(max_size=60),
    st.text(max_size=60),
)
@settings(max_examples=150)
def test_no_text_can_add_a_header_or_leave_its_place(subject, body, greeting, sender):
    names = list(written(TO_BO).keys())
    text = outside(subject=subject, body_text=f"[[greeting]]\n{body.replace('[[', '')}\n", body_html="")
    ours = dataclasses.replace(OURS, from_name=sender)
    envelope = dataclasses.replace(TO_BO, text=text, recipient_slots={**SLOTS, "greeting": greeting})
    result = mail._Sender(ours, NOW).write(envelope)
    assert not isinstance(result, Dead)
    data = result[1].data
    head = data.partition(b"\r\n\r\n")[0]
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    starts = [line for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    found = {line.partition(b":")[0].decode() for line in starts}
    assert found <= {*names, "Content-Transfer-Encoding"}
    assert len(found) == len(starts)


@pytest.mark.parametrize("line", ["x" * 5000, "ü" * 2000, "a" * 997 + " b", "." * 80, "=_antiphon_part", " \t "])
def test_every_line_arrives_as_it_was(line):
    with SmtpSink() as sink:
        ours = dataclasses.replace(OURS, host="127.0.0.1", port=sink.port, security="none")
        text = outside(body_text=f"{line}\n.\nFrom here\n", body_html=f"<p>{line}</p>")
        envelope = dataclasses.replace(TO_BO, text=text, recipient_slots={})
        outcome = outbound(lambda transport: mail.send(envelope, ours, transport, now=NOW))
    assert isinstance(outcome, Sent)
    assert outcome.reference == "<d-1@example.org>"
    assert sink.mails[0].body().replace("\r\n", "\n").rstrip("\n") == f"{line}\n.\nFrom here"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://x\r\nBcc: eve@example.org", "https://x> , <https://y"]
)
def test_an_unsubscribe_link_of_another_form_is_refused(link):
    envelope = dataclasses.replace(TO_BO, recipient_slots={**SLOTS, "unsubscribe_url": link})
    assert isinstance(mail._Sender(OURS, NOW).write(envelope), Dead)


@pytest.mark.parametrize(
    ("return_address", "reply_to", "sender", "answers"),
    [
        ("", "", "incidents@example.org", None),
        ("back@example.org", "", "back@example.org", "back@example.org"),
        ("back+@example.org", "", "back+d-1@example.org", "back+d-1@example.org"),
        ("back+@example.org", "desk@example.org", "back+d-1@example.org", "desk@example.org"),
    ],
)
def test_what_comes_back_finds_the_mail_that_it_belongs_to(return_address, reply_to, sender, answers):
    ours = dataclasses.replace(OURS, return_address=return_address, reply_to=reply_to)
    result = mail._Sender(ours, NOW).write(TO_BO)
    assert not isinstance(result, Dead)
    assert result[1].sender == sender
    assert written(TO_BO, ours)["Reply-To"] == answers
    odd = mail._Sender(ours, NOW).write(dataclasses.replace(TO_BO, delivery_id="two words"))
    assert not isinstance(odd, Dead)
    assert odd[1].sender in (sender.replace("+d-1", ""), "incidents@example.org")


def test_a_return_address_that_is_none_is_refused():
    wrong = dataclasses.replace(OURS, return_address="back")
    assert {problem.field for problem in check(wrong)} == {"return_address"}


def test_settings_that_cannot_work_say_which_and_why():
    wrong = mail.Settings(host="mx", port=0, security="none", username="u", from_address="a@example.org")
    assert {problem.field for problem in check(wrong)} == {"port", "security"}
    assert {problem.field for problem in check(mail.Settings(host="a b", from_address="nobody"))} == {
        "host",
        "from_address",
    }
