"""The scorer of customers' words: what it finds, what it never does, and that anybody may write the text."""

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.segments import (
    BUSINESS,
    DEFAULTS,
    TECHNICAL,
    check,
    difference,
    kept,
    marked,
    read,
    score,
    settle,
    signals,
    suggest,
)

TEXTS = {
    "keys": "Where do I upload an SSH key? Or is there an API token?",
    "logs": "It says: 2026-11-02 12:00:01 ERROR worker died, then a stack trace.",
    "codes": "curl gives HTTP 502 and then ECONNREFUSED.",
    "terms": "The CNAME is right, but the load balancer has a TTL of an hour.",
    "infrastructure": "How many vCPUs and which PHP version does the plan have?",
    "guarantees": "What does the SLA say, and is there an uptime guarantee?",
    "website": "Our website is slow and the contact form does not answer.",
    "billing": "The invoices of March are wrong; we want a refund.",
    "trade": "We are losing sales, our customers cannot order.",
}
WRITTEN = st.lists(st.sampled_from([*TEXTS.values(), "Hello", "Thank you, all well."]), max_size=12)
ANY = st.text(max_size=400)


def evidence(texts, known=DEFAULTS):
    return [each for n, text in enumerate(texts) for each in read(text, known, ticket=f"T-{n}")]


@pytest.mark.parametrize("signal", DEFAULTS, ids=lambda signal: signal.name)
def test_every_signal_knows_its_own_words(signal):
    assert signal.name in {each.signal for each in read(TEXTS[signal.name], DEFAULTS)}
    assert check(words=signal.words, weight=signal.weight) is None


def test_plain_talk_says_nothing():
    said = "Hello, is everything all right? Apis mellifera, a slack day; we kept the keys of the house. Greetings"
    assert read(said, DEFAULTS) == ()


def test_one_word_of_the_trade_is_not_using_the_terms_properly():
    assert read("Is it the nginx?", DEFAULTS) == ()


@given(WRITTEN, st.sampled_from(["keys", "logs", "codes", "terms", "infrastructure"]))
def test_a_technical_signal_more_never_lowers_the_technical_score(texts, more):
    before, after = evidence(texts), evidence([*texts, TEXTS[more]])
    assert score(after, DEFAULTS)[TECHNICAL] >= score(before, DEFAULTS)[TECHNICAL]
    assert score(after, DEFAULTS)[BUSINESS] <= score(before, DEFAULTS)[BUSINESS]


@given(WRITTEN, st.randoms(use_true_random=False))
def test_the_order_of_tickets_does_not_matter(texts, chance):
    found = evidence(texts)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert suggest(shuffled, DEFAULTS) == suggest(found, DEFAULTS)


@given(WRITTEN)
def test_a_suggestion_needs_evidence_and_a_lead(texts):
    found = evidence(texts)
    made = suggest(found, DEFAULTS)
    if made is None:
        return
    scores = score(found, DEFAULTS)
    other = BUSINESS if made.segment == TECHNICAL else TECHNICAL
    assert made.score == scores[made.segment] >= scores[other] + 0.25
    sides = {signal.name: signal.side for signal in DEFAULTS}
    assert made.evidence
    assert {sides[each.signal] for each in made.evidence} == {made.segment}


def test_one_ticket_of_one_kind_is_not_enough():
    assert suggest(evidence([TEXTS["keys"]]), DEFAULTS) is None
    made = suggest(evidence([TEXTS["keys"], TEXTS["keys"], TEXTS["codes"]]), DEFAULTS)
    assert made is not None
    assert (made.segment, round(made.score, 2)) == (TECHNICAL, 0.85)


def test_both_kinds_of_words_suggest_nothing():
    assert suggest(evidence([TEXTS["keys"], TEXTS["logs"], TEXTS["guarantees"], TEXTS["trade"]]), DEFAULTS) is None


@given(ANY)
def test_any_text_can_be_read_and_marked_whole(text):
    assert "".join(piece.text for piece in marked(text, DEFAULTS)) == text.replace("\x00", " ")
    read(text, DEFAULTS)


def test_half_characters_are_read_too():
    assert read("an \ud800 ssh key", DEFAULTS)[0].words == ("ssh key",)


@given(WRITTEN)
def test_what_is_kept_of_a_ticket_gives_the_same_evidence(texts):
    found = read("\n".join(texts), DEFAULTS)
    again = read(kept(found), DEFAULTS)
    assert {each.signal for each in found} <= {each.signal for each in again}
    assert kept(again) == kept(found)


def test_ten_megabytes_are_bounded_work():
    chance = Random(1)
    word = ["ssh key ", "HTTP 502 ", "a" * 50, "sla ", "((((", "2026-11-02 12:00:01 "]
    text = "".join(chance.choice(word) for _ in range(800_000))
    assert len(text) > 10_000_000
    began = time.perf_counter()
    read(text, DEFAULTS)
    marked(text, DEFAULTS)
    assert time.perf_counter() - began < 2


def test_only_what_differs_is_kept_and_it_holds():
    keys = DEFAULTS[0]
    assert difference("keys", words=keys.words, weight=keys.weight) == {}
    said = difference("keys", words=(*keys.words[1:], "wireguard"), weight=3)
    assert said == {"weight": 3, "more": ["wireguard"], "without": [keys.words[0]]}
    changed = signals({"keys": said})[0]
    assert changed.weight == 3
    assert "wireguard" in changed.words
    assert keys.words[0] not in changed.words


@pytest.mark.parametrize("odd", [None, [], "x", {"keys": 7}, {"keys": {"weight": "heavy", "more": 5}}, {"gone": {}}])
def test_strange_settings_leave_the_defaults(odd):
    assert signals(odd) == DEFAULTS


@pytest.mark.parametrize(
    ("words", "weight", "field"),
    [
        ([], 1, "words"),
        ([" "], 1, "words"),
        (["*"], 1, "words"),
        (["/(/"], 1, "words"),
        (["/a*/"], 1, "words"),
        ([rf"/\pL{{{300 + n}}}x/" for n in range(200)], 1, "words"),
        (["x" * 101], 1, "words"),
        (["one\ntwo"], 1, "words"),
        ([f"word {n}" for n in range(201)], 1, "words"),
        (["fine"], -1, "weight"),
        (["fine"], 11, "weight"),
        (["fine"], float("nan"), "weight"),
    ],
)
def test_bad_words_and_weights_are_refused_with_the_field(words, weight, field):
    refusal = check(words=words, weight=weight)
    assert refusal is not None
    assert refusal.field == field


@pytest.mark.parametrize(
    ("known", "stands"),
    [
        ({"suggested": ""}, ""),
        ({}, "open"),
        ({"segment": "technical"}, ""),
        ({"segment": "business", "origin": "file"}, "open"),
        ({"segment": "business", "origin": "person:ann"}, ""),
        ({"state": "dismissed", "before": "technical"}, "dismissed"),
        ({"state": "dismissed", "before": "business"}, "open"),
        ({"state": "confirmed", "before": "technical", "segment": "technical"}, "confirmed"),
    ],
)
def test_where_a_suggestion_stands(known, stands):
    given = {"segment": "untagged", "origin": "", "suggested": "technical", "state": "", "before": "", **known}
    assert settle(**given) == stands
