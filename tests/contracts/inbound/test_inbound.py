"""Mails as real servers and mail programs write them, and as somebody who means harm does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.inbound import LARGEST, Nature, Received, Unreadable, read, split_quoted
from antiphon.core.reactions import Kind, in_words, kind_of_report, status_of

HERE = Path(__file__).parent
OURS = "d4kf02mmzq1a"


def of(name: str) -> Received:
    return read((HERE / f"{name}.eml").read_bytes())


def read_or_why_not(data: bytes) -> Received | str:
    try:
        return read(data)
    except Unreadable as error:
        return str(error)


def kind_of(name: str) -> Kind | None:
    (failure,) = of(name).failures
    return kind_of_report(failure.action, failure.status, failure.diagnostic)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.eml")), ids=lambda path: path.stem)
def test_every_sample_is_known_for_what_it_is_and_finds_its_delivery(path: Path) -> None:
    word = {"bounce": "bounce", "delay": "bounce", "complaint": "complaint", "automatic": "automatic", "reply": "reply"}
    received = read(path.read_bytes())
    assert received.nature == word[path.stem.partition("-")[0]]
    assert received.ours == (OURS,)
    assert received == read(path.read_bytes().replace(b"\n", b"\r\n")), "line ends change nothing"


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("bounce-postfix", Kind.BOUNCED, "5.1.1"),
        ("bounce-exim", Kind.BOUNCED, "5.1.1"),
        ("bounce-exim-text", Kind.BOUNCED, "5.1.1"),
        ("bounce-exchange", Kind.BOUNCED, "5.1.10"),
        ("bounce-gmail-full", Kind.UNDELIVERED, "5.2.2"),
        ("delay-postfix", Kind.DELAYED, "4.4.1"),
    ],
)
def test_a_report_says_whether_the_address_is_wrong(name: str, kind: Kind, status: str) -> None:
    (failure,) = of(name).failures
    assert failure.address == "bo@customer.test"
    assert kind_of(name) is kind
    assert status_of(failure.status, failure.diagnostic) == status


@pytest.mark.parametrize(
    ("status", "words"), [("5.7.1", "blocked"), ("4.4.7", "expired"), ("5.0.0", "550 Message rejected"), ("", "")]
)
def test_a_policy_or_a_time_out_says_nothing_against_an_address(status: str, words: str) -> None:
    assert kind_of_report("failed", status, words) is Kind.UNDELIVERED
    assert kind_of_report("relayed", status, words) is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "there is no such mailbox (5.1.1)"),
        ("5.2.2", "the mailbox is full (5.2.2)"),
        ("4.4.7", "their mail server could not be reached (4.4.7)"),
        ("5.7.26", "their mail server refused it by its own rules (5.7.26)"),
        ("", "their mail server refused it"),
    ],
)
def test_people_read_why_a_mail_did_not_arrive(status: str, words: str) -> None:
    assert in_words(status) == words


def test_a_complaint_names_its_kind() -> None:
    assert of("complaint-arf").feedback == "abuse"


def test_a_reply_is_what_its_writer_wrote_and_what_they_quote() -> None:
    received = of("reply-gmail")
    assert (received.sender, received.name) == ("bo@customer.test", "Bo Berg")
    assert received.subject == "Re: Payments fail – or take very long"
    own, quoted = split_quoted(received.words)
    assert own == "We still see it in our shops in München.\nCan you call me?"
    assert quoted.startswith("On Fri")
    assert quoted.endswith("> Payments fail.")


def test_html_becomes_words_and_attachments_become_names() -> None:
    received = of("reply-outlook-html")
    own, quoted = split_quoted(received.words)
    assert own == "Thank you. Which orders are lost?\nGrüße"
    assert "Sent: Friday" in quoted
    assert "alert" not in received.words
    assert "color" not in received.words
    assert received.attachments == ("orders.zip", "invoicefdp.exe"), "no mark turns the name around"


@pytest.mark.parametrize(
    "quote",
    [
        "> Hello",
        "Am 20.11.2026 um 11:05 schrieb Fernhost <status@fernhost.test>:\n> Hello",
        "Le ven. 20 nov. 2026 à 11:05, Fernhost <status@fernhost.test> a\nécrit :\n> Hello",
        "-----Original Message-----\nFrom: Fernhost",
        "Von: Fernhost\nGesendet: Freitag",
        "From: Fernhost <status@fernhost.test>\nDate: Friday",
    ],
)
def test_quotes_of_common_programs_are_folded(quote: str) -> None:
    assert split_quoted(f"It works again.\n\n{quote}") == ("It works again.", quote)
    assert split_quoted(quote) == (quote, ""), "what only quotes is not hidden"
    assert split_quoted("On Monday I wrote to you: no answer.") == ("On Monday I wrote to you: no answer.", "")


def test_a_bounce_that_a_person_forwards_is_a_reply() -> None:
    bounce = (HERE / "bounce-postfix.eml").read_bytes()
    mail = (
        b"From: bo@customer.test\nIn-Reply-To: <%s@fernhost.test>\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: text/plain\n\nWhat is this?\n"
        b"--outer\nContent-Type: message/rfc822\n\n%s\n--outer--\n" % (OURS.encode(), bounce)
    )
    received = read(mail)
    assert received.nature is Nature.REPLY
    assert received.words == "What is this?"


# --- mails that mean harm -----------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"From: x@evil.test\n" + opening + b"Content-Type: text/plain\n\nhello\n"


HOSTILE = {
    "nested a thousand deep": nested(1000),
    "nested mails": b"From: x@evil.test\n" + b"Content-Type: message/rfc822\n\n" * 1000,
    "many headers": b"From: x@evil.test\n" + b"X-A: b\n" * 500_000 + b"\nhello\n",
    "one long header": b"From: x@evil.test\nSubject: " + b"a" * 5_000_000 + b"\n\nhello\n",
    "an address without end": b"From: " + b"(" * 100_000 + b"\n\nhello\n",
    "quotes in a type": b'From: x@evil.test\nContent-Type: text/plain; "' + b";" * 900_000 + b"\n\nhello\n",
    "quotes in a folded type": b'From: x@evil.test\nContent-Type: text/plain; "' + b";\n " * 60_000 + b"\n\nhello\n",
    "references without end": b"From: x@evil.test\nReferences: " + b"<aaaaaaaaaaaa@" * 14_000 + b"\n\nhello\n",
    "ten megabytes of lines": b"From: x@evil.test\n\n" + b"hello\n" * 1_700_000,
    "ten megabytes of one line": b"From: x@evil.test\n\n" + b"hello" * 2_000_000,
    "a slow charset": b"From: x@evil.test\nContent-Type: text/plain; charset=idna\n\n" + b"a." * 100_000,
    "no charset": b"From: x@evil.test\nContent-Type: text/plain; charset=\x00../etc\n\n\xff\xfe hello",
    "a compressing charset": b"From: x@evil.test\nContent-Type: text/plain; charset=zlib\n\nhello",
    "encoded words": b"From: x@evil.test\nSubject: " + b"=?utf-8?b?" * 2_000 + b"\n\nhello",
    "nothing": b"",
    "no mail": b"\x00\xff" * 5_000,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 5_000,
    "tags without end": b"From: x@evil.test\nContent-Type: text/html\n\n" + b"<br" * 60_000,
    "nested tags": b"From: x@evil.test\nContent-Type: text/html\n\n" + b"<div>" * 40_000,
    "quotes without end": b"From: x@evil.test\n\nhi\n" + b"On a\n" * 40_000,
    "a wide quote": b"From: x@evil.test\n\nhi\n" + (b"On " + b"a" * 190 + b"\n") * 5_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_means_harm_is_read_or_refused_with_a_sentence(data: bytes) -> None:
    received = read_or_why_not(data)
    if isinstance(received, Received):
        split_quoted(received.words)
        assert len(received.words) <= 10_000
        assert len(received.subject) <= 300
    else:
        assert received.endswith(".")


def test_more_than_providers_carry_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="more than"):
        read(b"a" * (LARGEST + 1))


def test_a_charset_that_lies_still_gives_words() -> None:
    mail = b"From: x@customer.test\nContent-Type: text/plain; charset=%s\n\nGr\xfc\xdfe"
    assert read(mail % b"made-up").words == "Grüße"
    assert read(mail % b"utf-8").words.startswith("Gr")


def test_a_reply_to_many_names_no_more_than_twenty() -> None:
    named = b" ".join(b"<%012d@fernhost.test>" % n for n in range(100))
    assert len(read(b"From: x@customer.test\nReferences: " + named + b"\n\nhello").ours) == 20


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for mail in (data, b"From: x@customer.test\nContent-Type: multipart/report; boundary=b\n\n--b\n" + data):
        assert read_or_why_not(mail)
