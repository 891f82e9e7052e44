"""Mail to the outside: a real server (aiosmtpd) on loopback, and servers that misbehave in one way each."""

import asyncio
import time

import pytest
import uvloop

from antiphon.egress.failures import Refused, TimedOut, Unreachable
from antiphon.egress.guard import EgressPolicy
from antiphon.egress.smtp import MAX_BULK, MAX_CONNECTIONS, Message
from antiphon.egress.smtp_wire import MailServer, Reply
from antiphon.egress.transport import Transport
from tests.contracts.sinks import RawSink, SmtpSink, drip, silence
from tests.edges.egress.loopback import certificate, outbound

pytestmark = pytest.mark.patient

BODY = b"Subject: x\r\n\r\nHello\r\n"


def mail(recipient="bo@example.org", data=BODY, sender="antiphon@example.org"):
    return Message(sender=sender, recipient=recipient, data=data)


def send(sink, *messages, server=None, **how):
    async def use(transport: Transport):
        return await transport.smtp.send(server or MailServer("127.0.0.1", sink.port, "none"), messages)

    return outbound(use, **how)


pipelining = pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])


@pipelining
def test_each_message_has_its_own_answer_in_order(pipelining):
    with SmtpSink(pipelining=pipelining) as sink:
        sink.refuse = {"gone@example.org": "550 No such user", "full@example.org": "452 Mailbox full"}
        names = ["a", "gone", "b", "full", "gone", "c"]
        answers = send(sink, *[mail(f"{name}@example.org") for name in names])
    assert [answer.code for answer in answers] == [250, 550, 250, 452, 550, 250]
    assert "No such user" in answers[1].text
    assert [one.recipient for one in sink.mails] == ["a@example.org", "b@example.org", "c@example.org"]


@pipelining
def test_a_batch_arrives_whole_and_once_over_a_bounded_number_of_connections(pipelining):
    wanted = [f"p{number}@example.org" for number in range(400)]
    with SmtpSink(pipelining=pipelining) as sink:
        answers = send(sink, *[mail(to) for to in wanted], deadline=20)
    assert all(isinstance(answer, Reply) and answer.ok for answer in answers)
    assert sorted(one.recipient for one in sink.mails) == sorted(wanted)
    assert 1 < sink.connections <= MAX_BULK < MAX_CONNECTIONS


def test_the_engines_own_event_loop_sends_mail_too(tmp_path):
    context, ca_file = certificate(tmp_path, "127.0.0.1")
    with SmtpSink(tls=context) as sink:
        server = MailServer("127.0.0.1", sink.port, "starttls")
        (answer,) = send(sink, mail(), server=server, ca_file=ca_file, loop_factory=uvloop.new_event_loop)
    assert answer.ok


@pipelining
def test_a_refused_body_is_that_messages_answer(pipelining):
    with SmtpSink(pipelining=pipelining) as sink:
        sink.after_data.extend(["451 Try later", "554 Spam"])
        answers = send(sink, *[mail(f"{name}@example.org") for name in "abc"])
    assert [answer.code for answer in answers] == [451, 554, 250]
    assert [one.recipient for one in sink.mails] == ["c@example.org"]


@pipelining
def test_lines_that_start_with_a_dot_arrive_as_they_were(pipelining):
    data = b"Subject: x\r\n\r\n.\r\n..two\r\n.one\r\nend"
    with SmtpSink(pipelining=pipelining) as sink:
        send(sink, mail(data=data))
    assert sink.mails[0].data == data + b"\r\n"


@pytest.mark.parametrize(
    "message",
    [
        mail("bo@example.org>\r\nRCPT TO:<eve@example.org"),
        mail("bo@example.org> SIZE=1"),
        mail("bö@example.org"),
        mail(sender="x\r\nQUIT"),
        mail(data=b"a\n.\nMAIL FROM:<eve@example.org>\r\n"),
        mail(data=b"a\r.\r"),
        mail(data="ü\r\n".encode()),
    ],
)
def test_nothing_in_a_message_can_change_the_conversation(message):
    with SmtpSink() as sink:
        bad, good = send(sink, message, mail("fine@example.org"))
    assert isinstance(bad, Refused)
    assert good.ok
    assert [one.recipient for one in sink.mails] == ["fine@example.org"]


@pytest.mark.parametrize("serve", [drip, silence])
def test_I14_a_server_that_drips_or_says_nothing_meets_the_total_deadline(serve):
    with RawSink(serve) as sink:
        started = time.monotonic()
        answers = send(sink, *[mail()] * 40, deadline=0.4)
    assert time.monotonic() - started < 1.5
    assert len(answers) == 40
    assert all(isinstance(answer, TimedOut) for answer in answers)


def test_I14_a_mailing_leaves_connections_free_for_a_page():
    async def use(transport: Transport):
        server = MailServer("127.0.0.1", sink.port, "none")
        mailing = asyncio.create_task(transport.smtp.send(server, [mail(data=BODY * 2000)] * 600, deadline=20))
        await asyncio.sleep(0.2)
        started = time.monotonic()
        (page,) = await transport.smtp.send(server, [mail("ann@example.org")])
        took, still_mailing = time.monotonic() - started, not mailing.done()
        mailing.cancel()
        return page, took, still_mailing

    with SmtpSink() as sink:
        page, took, still_mailing = outbound(use)
    assert page.ok
    assert still_mailing
    assert took < 1


@pytest.mark.parametrize("greeting", [b"421 Too busy\r\n", b"554 Go away\r\n", b"", b"nonsense\r\n"])
def test_a_server_that_does_not_want_to_talk_is_worth_another_try(greeting):
    async def say(reader, writer):
        writer.write(greeting)
        await writer.drain()

    with RawSink(say) as sink:
        answers = send(sink, mail(), mail())
    assert all(isinstance(answer, Unreachable) for answer in answers)
    assert sink.connections == 1


class _Scripted(RawSink):
    """A pipelining server that counts bodies and hangs up, or says 421, after so many on each connection."""

    def __init__(self, *, bodies: int, last_word: bytes, confirm_last: bool) -> None:
        super().__init__(self._talk)
        self.bodies, self.last_word, self.confirm_last = bodies, last_word, confirm_last
        self.kept: list[bytes] = []

    async def _talk(self, reader, writer):
        writer.write(b"220 hi\r\n")
        recipient, left = b"", self.bodies
        while line := await reader.readline():
            if line.startswith(b"EHLO"):
                writer.write(b"250-me\r\n250 PIPELINING\r\n")
            elif line.startswith(b"DATA"):
                writer.write(b"354 go\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                self.kept.append(recipient)
                left -= 1
                if left or self.confirm_last:
                    writer.write(b"250 kept\r\n")
                if not left:
                    writer.write(self.last_word)
                    break
            else:
                recipient = line.strip() if line.startswith(b"RCPT") else recipient
                writer.write(b"250 ok\r\n")


@pytest.mark.parametrize("last_word", [b"", b"421 enough for one connection\r\n"])
def test_a_server_that_takes_so_many_mails_per_connection_gets_them_all_once(last_word):
    wanted = [mail(f"p{number}@example.org") for number in range(50)]
    with _Scripted(bodies=7, last_word=last_word, confirm_last=True) as sink:
        answers = send(sink, *wanted)
    assert all(isinstance(answer, Reply) and answer.ok for answer in answers)
    assert sorted(sink.kept) == sorted(b"RCPT TO:<%s>" % one.recipient.encode() for one in wanted)


def test_I8_a_connection_that_breaks_leaves_at_most_one_mail_in_doubt():
    with _Scripted(bodies=3, last_word=b"", confirm_last=False) as sink:
        answers = send(sink, *[mail(f"p{number}@example.org") for number in range(9)])
    in_doubt = [answer for answer in answers if not isinstance(answer, Reply)]
    assert all("confirmed" in str(answer) for answer in in_doubt)
    assert len(in_doubt) == sink.connections == 3
    assert len(sink.kept) == len(set(sink.kept)) == 9


def test_a_server_that_wants_a_body_for_nobody_gets_an_empty_one():
    heard = []

    async def talk(reader, writer):
        writer.write(b"220 hi\r\n")
        while line := (await reader.readline()).strip():
            heard.append(line)
            bad = line.startswith(b"RCPT TO:<gone")
            answers = {b"EHLO": b"250-me\r\n250 PIPELINING", b"DATA": b"354 go", b"QUIT": b"221 bye"}
            writer.write((b"550 no" if bad else answers.get(line[:4], b"250 ok")) + b"\r\n")
            if line == b"DATA":
                heard.append(await reader.readuntil(b".\r\n"))
                writer.write(b"250 kept\r\n")

    with RawSink(talk) as sink:
        answers = send(sink, mail("gone@example.org"), mail("bo@example.org", data=b"Subject: y\r\n"))
    assert [answer.code for answer in answers] == [550, 250]
    bodies = [line for line in heard if line.endswith(b".\r\n")]
    assert bodies == [b".\r\n", b"Subject: y\r\n.\r\n"]


def test_connections_are_kept_for_the_next_mail_and_replaced_when_the_server_closed_them():
    async def use(transport: Transport, port):
        server = MailServer("127.0.0.1", port, "none")
        first = await transport.smtp.send(server, [mail()])
        second = await transport.smtp.send(server, [mail()])
        return first + second

    with SmtpSink() as sink:
        assert all(answer.ok for answer in outbound(lambda transport: use(transport, sink.port)))
        assert sink.connections == 1
    with _Scripted(bodies=1, last_word=b"", confirm_last=True) as hasty:
        assert all(answer.ok for answer in outbound(lambda transport: use(transport, hasty.port)))
        assert hasty.connections == 2


def test_loopback_is_refused_unless_an_admin_allows_it():
    with SmtpSink() as sink:
        (answer,) = send(sink, mail(), policy=EgressPolicy())
    assert isinstance(answer, Refused)
    assert sink.connections == 0


def test_starttls_and_sign_in(tmp_path):
    context, ca_file = certificate(tmp_path, "127.0.0.1")
    with SmtpSink(tls=context, accounts={"antiphon": "sesame"}) as sink:
        server = MailServer("127.0.0.1", sink.port, "starttls", "antiphon", "sesame")
        assert send(sink, mail(), server=server, ca_file=ca_file)[0].ok
        guessing = MailServer("127.0.0.1", sink.port, "starttls", "antiphon", "guess")
        (wrong,) = send(sink, mail(), server=guessing, ca_file=ca_file)
        (untrusted,) = send(sink, mail(), server=server)
    assert sink.mails[0].signed_in_as == "antiphon"
    assert isinstance(wrong, Unreachable)
    assert "535" in str(wrong)
    assert "guess" not in str(wrong)
    assert isinstance(untrusted, Unreachable)
    assert "not trusted" in str(untrusted)
    assert "sesame" not in repr(server)


def test_tls_from_the_first_byte(tmp_path):
    context, ca_file = certificate(tmp_path, "127.0.0.1")

    class Tls(SmtpSink):
        async def _start(self):
            return await asyncio.get_running_loop().create_server(self._session, self.host, 0, ssl=context)

    with Tls() as sink:
        assert send(sink, mail(), server=MailServer("127.0.0.1", sink.port, "tls"), ca_file=ca_file)[0].ok


def test_encryption_that_was_asked_for_is_never_skipped():
    with SmtpSink() as sink:
        (answer,) = send(sink, mail(), server=MailServer("127.0.0.1", sink.port, "starttls"))
        (password,) = send(sink, mail(), server=MailServer("127.0.0.1", sink.port, "none", "antiphon", "sesame"))
    assert isinstance(answer, Refused)
    assert "STARTTLS" in str(answer)
    assert isinstance(password, Refused)
    assert "unencrypted" in str(password)
    assert not sink.mails


async def _early(reader, writer):
    writer.write(b"220 hi\r\n")
    while line := await reader.readline():
        early = line.startswith(b"STARTTLS")
        writer.write(b"220 go\r\n250 injected\r\n" if early else b"250-me\r\n250 STARTTLS\r\n")


def test_words_before_the_handshake_are_not_taken_for_encrypted_ones():
    with RawSink(_early) as sink:
        (answer,) = send(sink, mail(), server=MailServer("127.0.0.1", sink.port, "starttls"))
    assert isinstance(answer, Refused)
    assert "before encryption" in str(answer)
