"""What may leave the house, and when we try again."""

import copy
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.sending import (
    Dead,
    Envelope,
    InsideText,
    NotSent,
    OutsideText,
    Purpose,
    Retry,
    UnknownSlot,
    digest_of,
    fill,
    next_attempt,
    opaque,
    refusal,
    slot,
)
from tests.contracts.sealed import outside

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PARTS: dict[str, Any] = {"subject": "s", "body_text": "t", "body_html": "h", "audience": "business"}


def test_I26_no_code_but_wording_makes_an_outside_text():
    with pytest.raises(TypeError, match=r"antiphon\.core\.wording"):
        OutsideText()
    with pytest.raises(TypeError, match=r"antiphon\.core\.wording"):
        OutsideText._seal(**PARTS)
    with pytest.raises(TypeError):
        dataclasses.replace(outside(), subject="Another")


def test_I25_an_outside_text_cannot_be_edited_after_it_was_sealed():
    text = outside()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(text, "subject", "Another")  # noqa: B010 – the type checker refuses the plain form too
    assert copy.copy(text).digest == text.digest


@given(st.lists(st.text(), min_size=4, max_size=4), st.lists(st.text(), min_size=4, max_size=4))
def test_I25_two_texts_share_a_digest_only_when_they_are_the_same(one, other):
    names = ("audience", "subject", "body_text", "body_html")

    def digest(parts):
        return digest_of(**dict(zip(names, parts, strict=True)))

    assert (digest(one) == digest(other)) == (one == other)


def test_I25_moving_a_letter_between_subject_and_body_changes_the_digest():
    assert digest_of(audience="a", subject="bc", body_text="d", body_html="") != digest_of(
        audience="a", subject="b", body_text="cd", body_html=""
    )


@given(st.text())
def test_filling_changes_the_slots_and_nothing_else(text):
    before, after = text.replace("[", ""), text.replace("]", "")
    filled = fill(f"{before}{slot('greeting')}{after}", {"greeting": "Hello Bo"})
    assert filled == f"{before}Hello Bo{after}"


def test_a_value_is_not_looked_into_again():
    assert fill("[[greeting]]", {"greeting": "[[unsubscribe_url]]"}) == "[[unsubscribe_url]]"


def test_a_value_is_one_line_and_escaped_in_markup():
    assert fill("[[greeting]]", {"greeting": "Bo\r\n<b>"}) == "Bo <b>"
    assert fill("[[greeting]]", {"greeting": "Bo <b>"}, markup=True) == "Bo &lt;b&gt;"


def test_what_measures_stands_there_only_when_it_is_measured():
    marked = '<a href="[[clicked_url]]https://a.example/">here</a>[[opened_url]]'
    assert fill(marked, {}, markup=True) == '<a href="https://a.example/">here</a>'
    measured = {"clicked_url": "https://we.example/f?to=", "opened_url": 'https://we.example/o"x.gif'}
    assert fill(marked, measured, markup=True) == (
        '<a href="https://we.example/f?to=https://a.example/">here</a>'
        '<img src="https://we.example/o&quot;x.gif" alt="" width="1" height="1">'
    )
    assert fill("see [[opened_url]]", measured) == "see ", "plain text has no pictures"


def test_unlisted_slots_and_unfilled_markers_are_refused():
    with pytest.raises(UnknownSlot, match="price"):
        fill("text", {"price": "1"})
    with pytest.raises(UnknownSlot, match="greeting"):
        fill("[[greeting]]", {})
    with pytest.raises(UnknownSlot, match="price"):
        slot("price")
    assert fill("[[wiki]] stays", {}) == "[[wiki]] stays"


def test_practice_sends_nothing_outside_but_pages_inside():
    to_customer = Envelope(delivery_id="d1", to="bo@example.org", text=outside(), practice=True)
    to_ann = Envelope(delivery_id="d2", to="ann@example.org", text=InsideText("Page", "Look"), practice=True)
    verdict = refusal(to_customer)
    assert verdict is not None
    assert verdict.reason.startswith("practice")
    assert refusal(to_ann) is None
    assert refusal(dataclasses.replace(to_customer, practice=False)) is None


def test_an_envelope_with_an_unlisted_slot_is_refused():
    verdict = refusal(Envelope(delivery_id="d", to="x", text=outside(), recipient_slots={"price": "1"}))
    assert verdict is not None
    assert "price" in verdict.reason


def test_an_envelope_shows_neither_address_nor_links():
    shown = repr(
        Envelope(delivery_id="d", to="https://secret.example", text=InsideText("s", "t"), extra={"ack_url": "token"})
    )
    assert "secret" not in shown
    assert "token" not in shown


def test_every_reason_for_not_sending_has_a_sentence():
    assert all(reason.sentence.startswith("Not sent: ") for reason in NotSent)


def test_an_opaque_key_says_nothing_of_what_it_stands_for():
    assert opaque("42:business") == opaque("42:business") != opaque("42:technical")
    assert "42" not in opaque("42:business") or "business" not in opaque("42:business")


@pytest.mark.parametrize("purpose", Purpose)
def test_retries_wait_longer_and_end(purpose):
    at, attempts, waits = NOW, 1, []
    while isinstance(verdict := next_attempt(attempts, Retry("busy"), first_at=NOW, now=at, purpose=purpose), datetime):
        waits.append(verdict - at)
        at, attempts = verdict, attempts + 1
    assert waits == sorted(waits)
    assert waits[0] > timedelta()
    assert isinstance(verdict, Dead)
    assert "busy" in verdict.reason
    assert str(attempts) in verdict.reason


def test_I8_a_page_is_never_tried_later_than_15_minutes():
    late = NOW + timedelta(minutes=14, seconds=30)
    verdict = next_attempt(20, Retry("busy"), first_at=NOW, now=late, purpose=Purpose.PAGE)
    assert isinstance(verdict, Dead)


def test_the_wait_the_provider_asks_for_is_kept():
    asked = Retry("429", timedelta(minutes=3))
    assert next_attempt(1, asked, first_at=NOW, now=NOW, purpose=Purpose.UPDATE) == NOW + timedelta(minutes=3)
    short = Retry("429", timedelta(seconds=1))
    own = next_attempt(1, short, first_at=NOW, now=NOW, purpose=Purpose.UPDATE)
    assert isinstance(own, datetime)
    assert own > NOW + timedelta(seconds=1)
