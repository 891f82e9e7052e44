"""Posts as a Mastodon server sees them: public and approved bytes alone, once, in a thread, with each fault."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from antiphon.channels import mastodon
from antiphon.channels.channel import registry, to_people
from antiphon.channels.settings import check
from antiphon.core.sending import Dead, Envelope, InsideText, Outcome, Retry, Sent
from tests.contracts.delivery.mastodon import MastodonServer
from tests.contracts.sealed import outside
from tests.contracts.sinks import HANG, HttpAnswer
from tests.edges.egress.loopback import outbound

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LINK = "https://status.example.org/status/"


def post(server: MastodonServer, *, deadline: float = 5.0, longest: int = 500, **changes: Any) -> Outcome:
    values: dict[str, Any] = {
        "delivery_id": "d-1",
        "to": server.server,
        "text": outside(audience="public"),
        "extra": {"link": LINK},
    }
    envelope = Envelope(**{**values, **changes})
    settings = mastodon.Settings(server=f"{server.server}/", token="t0ken", longest=longest)
    return outbound(lambda transport: mastodon.send(envelope, settings, transport, now=NOW), deadline=deadline)


def test_the_subject_and_the_page_are_posted_where_no_words_were_approved_for_it():
    with MastodonServer() as server:
        outcome = post(server)
    assert isinstance(outcome, Sent)
    (posted,) = server.posts.values()
    assert posted["status"] == f"Checkout is slow\n{LINK}"
    assert posted["visibility"] == "public"
    assert outcome.detail == posted["url"]


def test_words_approved_for_it_are_posted_as_they_stand():
    said = f"Checkout is slow for some. Follow it here: {LINK}"
    with MastodonServer() as server:
        post(server, text=outside(audience="public", channels={"social": said}))
    assert [each["status"] for each in server.posts.values()] == [said]


def test_a_later_post_goes_on_from_the_first_one_and_stands_alone_when_that_is_gone():
    with MastodonServer() as server:
        first = post(server)
        assert isinstance(first, Sent)
        post(server, delivery_id="d-2", extra={"link": LINK, "in_reply_to": first.reference})
        gone = post(server, delivery_id="d-3", extra={"link": LINK, "in_reply_to": "1"})
    assert isinstance(gone, Sent)
    assert [each.get("in_reply_to_id") for each in server.posts.values()] == [None, first.reference, None]


def test_I8_a_repetition_posts_nothing_twice():
    with MastodonServer() as server:
        first = post(server)
        again = post(server, extra={"link": LINK, "in_reply_to": "110000"})
    assert len(server.posts) == 1
    assert first == again


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        (HttpAnswer(401, body=b'{"error": "invalid"}'), Dead, "access token"),
        (HttpAnswer(403), Dead, "access token"),
        (HttpAnswer(404), Dead, "does not take the post"),
        (HttpAnswer(422), Dead, "longest post"),
        (HttpAnswer(301, {"Location": "https://elsewhere.example"}), Dead, "redirect"),
        (HttpAnswer(429, {"Retry-After": "7"}), Retry, "429"),
        (HttpAnswer(500), Retry, "500"),
        (HttpAnswer(503), Retry, "503"),
        (HttpAnswer(200, body=b"<html>"), Retry, "without a post"),
    ],
)
def test_what_an_answer_means(answer: HttpAnswer, expected: type, says: str):
    with MastodonServer() as server:
        server.faults.append(answer)
        outcome = post(server)
    assert isinstance(outcome, expected)
    assert says in getattr(outcome, "reason", "")
    assert not server.posts


def test_a_server_that_is_busy_says_for_how_long():
    with MastodonServer() as server:
        server.faults.append(HttpAnswer(429, {"Retry-After": "7"}))
        outcome = post(server)
    assert isinstance(outcome, Retry)
    assert outcome.after == timedelta(seconds=7)


def test_a_slow_server_is_left_at_the_deadline():
    with MastodonServer() as server:
        server.faults.append(HANG)
        assert isinstance(post(server, deadline=0.3), Retry)


def test_only_an_approved_text_for_the_public_is_posted():
    with MastodonServer() as server:
        for text in (outside(audience="business"), InsideText("Page", "Look")):
            assert isinstance(post(server, text=text), Dead)
        assert isinstance(post(server, to="https://other.example"), Dead)
        assert not server.calls


def test_a_long_subject_is_cut_and_the_page_stays():
    with MastodonServer() as server:
        post(server, text=outside(audience="public", subject="Checkout is slow " * 11), longest=120)
    (posted,) = server.posts.values()
    assert len(posted["status"]) <= 120
    assert posted["status"].endswith(f"…\n{LINK}")


@pytest.mark.parametrize(("server", "longest"), [("https://mastodon.example", 20), ("https://[", 500)])
def test_settings_that_cannot_work_say_so(server: str, longest: int):
    assert check(mastodon.Settings(server=server, token="t", longest=longest))


def test_nobody_is_reached_by_what_everybody_reads():
    assert "mastodon" in registry()
    assert "mastodon" not in to_people()
    assert "mail" in to_people()
