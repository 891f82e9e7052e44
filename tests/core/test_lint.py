"""Messages that may go out, and messages that may not: each fault is found, and the words are pointed at."""

from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audiences import LONGEST_BODY, Audience, Mark, Moment
from antiphon.core.lint import Known, lint, lint_subject

AT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
BUSINESS, TECHNICAL, PUBLIC, INTERNAL = Audience.BUSINESS, Audience.TECHNICAL, Audience.PUBLIC, Audience.INTERNAL

CLOSE = (
    "The next update comes by 14:40 UTC on 21 November 2026, or sooner if the state changes. Status page: "
    "<https://status.example.com>. Support: support@example.com."
)
PLAIN = (
    "Since 14:02 UTC on 21 November 2026, customers in Europe may be unable to pay in the checkout. We have found that "
    "payments do not reach the bank and are moving them to a second route. You do not need to do anything."
)
GOOD = {
    (BUSINESS, "first_word"): f"{PLAIN}\n\n{CLOSE}",
    (BUSINESS, "progress"): (
        "About half of the payments in the checkout now arrive; the others may still fail. First detected at 15:02 CET."
        " It affects shoppers in Europe. Estimate, medium confidence: payments work normally again by 16:30 CET.\n\n"
        f"{CLOSE}"
    ),
    (BUSINESS, "resolution"): (
        "Payments in the checkout work normally again for all customers since 15:20 UTC. The fault was detected at "
        "14:02 UTC. We have confirmed this with test payments and keep watching it. Questions: support@example.com."
    ),
    (TECHNICAL, "first_word"): (
        "shop-api returns HTTP 502 for about 30 % of requests from Europe. First detected: 2026-11-21 14:02 UTC by the "
        "checkout test. Diagnosis so far: the replica lags after a failover (likely). Workaround: retry with the same "
        f"idempotency key.\n\n{CLOSE}"
    ),
    (TECHNICAL, "progress"): (
        "**Status:** shop-api still fails for 12 % of requests in Europe, detected 14:02 UTC.\n"
        "**Done:** compared replica positions, ruled out DNS and the load balancer.\n"
        "**Metrics:** p99 latency 9 s, error rate 12 %. Requests may time out until the replica has caught up.\n"
        "**Next update**\n\nby 15:40 CET, or sooner if the state changes. Status page: https://status.example.com. "
        "Support: support@example.com"
    ),
    (TECHNICAL, "resolution"): (
        "Resolved: shop-api answers all requests from Europe without errors since 15:20 UTC; the fault was detected at "
        "14:02 UTC. Cause: a disk failed. Changed: traffic was moved to the standby. Verified: 30 minutes of normal "
        "error rates. Prevention: a second standby is being added. Support: support@example.com"
    ),
    (PUBLIC, "progress"): (
        "Some visitors cannot open their invoices in the customer portal; this began at 13:40 UTC. All other functions "
        "are available. Please try again later today or ask support for a copy. We will post another update at 3 pm "
        "UTC, or earlier if the state changes."
    ),
    (INTERNAL, "first_word"): (
        "The primary of mysql-cluster-03 lost its disk at 14:02 UTC; checkout fails for 214 customers. We are failing "
        "over to the standby. Cost so far about 12,000 EUR. It may take several tries. Ira leads. "
        "Next update in 30 minutes."
    ),
}  # fmt: skip


def read(text, audience=BUSINESS, moment="progress", severity=2, **known):
    return lint(text, audience=audience, severity=severity, moment=Moment(moment), at=AT, known=Known(**known))


def rules(found, level=Mark.ERROR):
    return {finding.rule for finding in found.findings if finding.level is level}


@pytest.mark.parametrize(("key", "text"), GOOD.items(), ids=str)
def test_a_good_message_passes(key, text):
    audience, moment = key
    assert read(text, audience, moment, severity=3).errors == ()


@pytest.mark.parametrize("audience", [BUSINESS, TECHNICAL, PUBLIC])
@pytest.mark.parametrize("moment", ["first_word", "progress"])
def test_the_known_bad_example_is_rejected(audience, moment):
    found = rules(read("Service is down. We are investigating.", audience, moment))
    assert {"empty_phrase", "missing_what", "missing_when", "missing_who", "next_update_missing"} <= found
    dated = f"Service is down. We are investigating. {CLOSE}"
    assert {"empty_phrase", "missing_what", "missing_when", "missing_who"} <= rules(read(dated, audience, moment))


FAULTS = [
    ("restoration_promise", "Payments will be restored by 16:00 UTC.", "will be restored"),
    ("restoration_promise", "Everything should be back to normal shortly.", "should be back to normal"),
    ("restoration_promise", "We expect to fix the checkout within two hours.", "expect to fix"),
    ("restoration_promise", "We guarantee that payments are fixed when you wake up.", None),
    ("restoration_promise", "ETA: 45 minutes.", "ETA"),
    ("resolved_too_early", "The fault has been resolved.", "has been resolved"),
    ("resolved_too_early", "Checkout works normally.", "works normally"),
    ("resolved_too_early", "Everything is working again.", "Everything is working again"),
    ("resolved_too_early", "Payments are restored; you do not need to do anything.", "are restored"),
    ("restoration_promise", "Payments may be restored by 16:00 UTC.", "may be restored by"),
    ("restoration_promise", "Full recovery is expected in 2 hours.", "recovery is expected"),
    ("restoration_promise", "We are monitoring, and payments will be fixed by 16:00 UTC, not later.", "will be fixed"),
    ("restoration_promise", "It will take about 2 hours to clear.", None),
    ("blame", "Cloudflare caused the outage.", "Cloudflare caused"),
    ("blame", "It was a mistake made by one of our engineers.", "mistake made by"),
    ("stack_trace", "Traceback (most recent call last): it failed.", "Traceback (most recent call last)"),
    ("host_name", "Payments wait on db-prod-01.internal.example.", "db-prod-01.internal.example"),
    ("address", "Payments wait on fe80::1.", "fe80::1"),
    ("error_code", "The bank returns 503s.", "503s"),
    ("money", "You will get a credit on your invoice.", "credit"),
    ("money", "The outage cost us $12,000.", None),
    ("money", "Every customer receives a refund.", "refund"),
    ("blame", "It was caused by human error.", "human error"),
    ("blame", "It is our vendor's fault.", "vendor's fault"),
    ("blame", "An engineer deleted the wrong table.", None),
    ("person", "John Smith is moving the payments.", "John Smith"),
    ("person", "Mallory is moving the payments.", "Mallory"),
    ("person", "See what @mallory wrote.", "@mallory"),
    ("jargon", "The Kubernetes platform is slow.", "Kubernetes"),
    ("jargon", "We see high latency.", "latency"),
    ("jargon", "The frobnicator is slow.", "frobnicator"),
    ("host_name", "Payments wait on mysql-cluster-03.", "mysql-cluster-03"),
    ("host_name", "Payments wait on db.prod.internal.", "db.prod.internal"),
    ("address", "Payments wait on 10.0.0.12.", "10.0.0.12"),
    ("cve", "The cause is CVE-2026-12345.", "CVE-2026-12345"),
    ("error_code", "Readers see HTTP 503.", "HTTP 503"),
    ("error_code", "Readers see ECONNREFUSED.", "ECONNREFUSED"),
    ("gap", "You may see [[what customers notice]].", "[[what customers notice]]"),
    ("unfilled", "You may see {{ symptoms }}.", "{{ symptoms }}"),
    ("hidden_characters", "Payments \u202efail\u202c.", "\u202e"),
]


@pytest.mark.parametrize(("rule", "sentence", "words"), FAULTS)
def test_each_fault_is_found_where_it_stands(rule, sentence, words):
    text = f"{PLAIN} {sentence}\n\n{CLOSE}"
    found = read(text, names=("Mallory",), glossary={"frobnicator": "sorting machine"})
    assert rule in rules(found)
    if words:
        assert words in {text[finding.start : finding.end] for finding in found.errors}


@pytest.mark.parametrize(
    "sentence",
    [
        "It is not yet resolved.",
        "Payments should be back to normal now for most customers.",
        "We expect recovery to be gradual.",
        "Payments take longer than normal, and we expect them to be slower than normal.",
        "Most payments have recovered.",
        "About half of the payments work again.",
        "We are waiting for the bank to validate that payments are restored.",
        "You cannot buy credits at this time.",
        "The change of 29 Jan 2026 is not the cause.",
        "The model claude-3 is not affected.",
        "Invoices of the region eu-west-1 are not affected.",
        "EVERYONE else can pay.",
        "Sign-in is working normally.",
        "All other services are operating normally.",
        "We will be back with an update.",
        "Once it is resolved we will write.",
        "We cannot say yet when payments will be restored.",
        "You can pay by credit card or by bank transfer.",
        "We keep watching until payments are back to normal.",
        "For urgent matters, call Tim Miller at +49 30 1234.",
        "The checkout at shop.example.com stays open.",
    ],
)
def test_what_only_looks_like_a_fault_is_left_alone(sentence):
    assert read(f"{PLAIN} {sentence}\n\n{CLOSE}").errors == ()


@pytest.mark.parametrize(
    ("announcement", "rule"),
    [
        ("We will update you soon.", "next_update_vague"),
        ("Next update within the hour.", "next_update_vague"),
        ("We will post another update as soon as we know more.", "next_update_vague"),
        ("Next update by end of day.", "next_update_vague"),
        ("We will provide an update if there is notable impact.", "next_update_vague"),
        ("The next update comes at 25:10 UTC.", "next_update_vague"),
        ("Next update at 13:30 UTC.", "next_update_past"),
        ("Next update on 20 November 2026 at 15:00 UTC.", "next_update_past"),
        ("Next update at 14:30 UTC. A further update comes at 15:30 UTC.", "next_update_twice"),
        ("Questions: support@example.com.", "next_update_missing"),
    ],
)
def test_a_next_update_that_nobody_can_hold_us_to_is_an_error(announcement, rule):
    assert rule in rules(read(f"{PLAIN} {announcement}"))


@pytest.mark.parametrize(
    ("announcement", "instant"),
    [
        ("Next update: 14:30 UTC", "14:30"),
        ("Next update at 3:30 pm CET.", "14:30"),
        ("The next update comes in 30 minutes.", "14:40"),
        ("We will provide another update within the next 30 minutes.", "14:40"),
        ("By 15:00 UTC we will send another update.", "15:00"),
        ("We'll be back with more information at 2026-11-21 15:15 UTC.", "15:15"),
        ("## Next update\n\n21 November 2026, 15:30 UTC", "15:30"),
        ("Updates follow every 20 minutes.", "14:30"),
        ("You will hear from us again by 16:00 CET, or sooner if the state changes.", "15:00"),
        ("Next update: Nov. 21, 15:00 UTC.", "15:00"),
        ("We expect to provide another update within the next hour.", "15:10"),
        ("We will update you on the fault that began at 14:02 UTC by 15:00 UTC.", "15:00"),
        ("Next update at 14:30 UTC, then every 20 minutes.", "14:30"),
        ("Expect our next message by 7:30 AM PT.", "15:30"),
        ("Please check back at 15:00 UTC.", "15:00"),
        ("We are investigating and will provide an update within 30 minutes.", "14:40"),
        ("Our team will provide an update by 4 pm CET.", "15:00"),
        ("Next update between 14:30 and 15:00 UTC.", "15:00"),
        ("The next update comes in 30-60 minutes.", "15:10"),
    ],
)
def test_a_named_time_becomes_a_promise_to_the_minute(announcement, instant):
    assert f"{read(f'{PLAIN}{chr(10)}{announcement}').next_update_at:%H:%M}" == instant


@pytest.mark.parametrize(
    ("announcement", "words"),
    [
        ("The next update comes in 30-60 minutes.", "in 30-60 minutes"),
        ("Next update between 14:30 and 15:00 UTC.", "between 14:30 and 15:00 UTC"),
        ("Next update 14:30-15:00 UTC.", "14:30-15:00 UTC"),
    ],
)
def test_of_a_range_the_later_end_is_promised_and_the_range_is_marked(announcement, words):
    text = f"{PLAIN} {announcement}"
    found = read(text)
    assert [text[f.start : f.end] for f in found.findings if f.rule == "next_update_range"] == [words]
    assert found.errors == ()


def test_other_times_are_no_promise():
    text = "Last update: 14:05 UTC. We moved the payments at 14:20 UTC. Full recovery may take two hours."
    assert read(text).next_update_at is None


def test_the_text_and_the_update_must_announce_the_same_time():
    text = f"{PLAIN} {CLOSE}"
    assert "next_update_differs" in rules(read(text, next_update_at=AT))
    assert "next_update_differs" not in rules(read(text, next_update_at=datetime(2026, 11, 21, 14, 40, 30, tzinfo=UTC)))
    late = "Next update at 23:00 UTC."
    assert "next_update_late" in rules(read(f"{PLAIN} {late}", severity=1), Mark.WARNING)


def test_an_estimate_is_allowed_when_labelled_and_warned_about_when_grave_or_unsure():
    text = f"{PLAIN} Our estimate, {{}} confidence: payments will be restored by 16:00 UTC.\n\n{CLOSE}"
    assert "estimate" in rules(read(text.format("high"), severity=1), Mark.WARNING)
    assert "estimate" not in rules(read(text.format("high"), severity=3), Mark.WARNING)
    assert "estimate" in rules(read(text.format("low"), severity=3), Mark.WARNING)
    assert read(text.format("high")).errors == ()


def test_after_the_gate_resolved_may_be_said_and_money_is_a_warning():
    text = "Payments for customers in Europe, failing since 14:02 UTC, have been restored. You get a refund."
    assert "resolved_too_early" not in rules(read(text, moment="resolution"))
    assert "resolved_too_early" in rules(read(text, moment="resolution", state="monitoring"))
    assert "money" in rules(read(text, moment="resolution"), Mark.WARNING)


FACTS = {
    "scope": ("About 12 % of payments fail for 1,200 customers in Europe.",),
    "detected_at": AT.replace(minute=2),
    "resolved_at": AT,
}


@pytest.mark.parametrize(
    ("rule", "sentence", "words"),
    [
        ("contradicts_time", "It was detected at 13:55 UTC.", "13:55 UTC"),
        ("contradicts_time", "It was resolved at 15:20 CET.", "15:20 CET"),
        ("contradicts_scope", "It affects 30 % of payments.", "30 %"),
        ("contradicts_scope", "It affects 1,300 customers.", "1,300 customers"),
        ("contradicts_scope", "It affects all customers.", "all customers"),
        ("contradicts_scope", "It affects customers in Asia.", "Asia"),
    ],
)
def test_what_the_facts_say_otherwise_is_pointed_at(rule, sentence, words):
    text = f"{sentence} {CLOSE}"
    found = [f for f in read(text, TECHNICAL, **FACTS).findings if f.rule == rule]
    assert [text[f.start : f.end] for f in found] == [words]
    assert {f.level for f in found} == {Mark.WARNING}


@pytest.mark.parametrize(
    "sentence",
    [
        "It was detected at 15:02 CET.",
        "It was detected around 14:00 UTC.",
        "It was resolved at 14:10 UTC.",
        "It affects 12% of payments of 1200 customers in Europe.",
        "The error rate fell, and latency with it.",
    ],
)
def test_what_fits_the_facts_is_left_alone(sentence):
    found = read(f"{sentence} {CLOSE}", TECHNICAL, **FACTS)
    assert not any(rule.startswith("contradicts") for rule in rules(found, Mark.WARNING) | rules(found))


def test_jargon_is_for_those_who_know_it():
    text = f"{PLAIN} The replica on mysql-cluster-03 lags.\n\n{CLOSE}"
    assert {"jargon", "host_name"} <= rules(read(text, PUBLIC))
    assert {"jargon", "host_name"} <= rules(read(text, Audience.EXECUTIVES), Mark.WARNING)
    assert not {"jargon", "host_name"} & rules(read(text, TECHNICAL))
    assert read(text, products=("mysql-cluster-03", "replica")).errors == ()


def test_words_of_a_hidden_fact_are_pointed_at():
    found = read(f"{PLAIN}\n\n{CLOSE}", hidden=((0, 5), (3, 10**9), (7, 7)))
    assert [(f.start, f.end) for f in found.findings if f.rule == "hidden_fact"] == [(0, 5)]


def test_inside_what_is_missing_is_a_warning_and_pages_are_not_messages():
    assert "missing_when" in rules(read("Checkout fails. Next update in 30 minutes.", INTERNAL), Mark.WARNING)
    assert read("Checkout fails.", Audience.RESPONDERS).errors == ()


def test_subjects_are_read_too():
    def subject(line, audience, **known):
        found = lint_subject(line, audience=audience, number=42, at=AT, known=Known(**known))
        return {finding.rule for finding in found}

    assert subject("[#42] shop-api: service disruption", TECHNICAL) == set()
    assert subject("shop-api: service disruption", TECHNICAL) == {"subject_number"}
    assert subject("Payments in the checkout may fail", BUSINESS) == set()
    assert subject("mysql-cluster-03 down", BUSINESS) == {"host_name"}
    assert subject("Checkout", PUBLIC) == {"subject_effect"}
    assert subject("Checkout has been resolved", BUSINESS, state="monitoring") == {"resolved_too_early"}


class Paste:
    """A text that counts the characters handed out. It is no string, so nothing else of it can be read."""

    def __init__(self, text):
        self.text, self.handed_out = text, 0

    def __len__(self):
        return len(self.text)

    def __getitem__(self, place):
        piece = self.text[place]
        self.handed_out += len(piece)
        return piece


def test_of_a_paste_without_end_only_the_longest_body_is_read():
    paste = Paste(f"{PLAIN} {CLOSE} " + "Service is down. " * 600_000 + "Ask John Smith for a refund.")
    found = read(paste)
    assert paste.handed_out == LONGEST_BODY
    assert "too_long" in rules(found)
    assert {"money", "person"}.isdisjoint(rules(found))
    assert f"{found.next_update_at:%H:%M}" == "14:40"


REPEATED = (
    "we will ", "next update ", "a-", "[[", "at 14:30 ", "{{", "1.2.", "1,", "$1", "will be ",
    "we are currently still ", "we are the current ", "and we are ", "the potential ", "investigating the ", "2-3 pm ",
    "in the next ", "14:30 to ", "Nov 2 ", "ab:", "::", "a.", "Error", "A0", "a\u0430", "is expected ", "a, and ", "(",
    "x", "\n", "has been ", "Aa ", "some ", "not ",
)  # fmt: skip
HARD = [piece * (19_000 // len(piece)) for piece in REPEATED]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
def test_no_text_makes_the_lint_slow(text):
    began = process_time()
    read(text)
    assert process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    ["next update in \u017fix minutes", "\u017f\u017fh is down", "next update 1 \u017fept at 14:00 UTC",
     "14:00 To\u212ayo time",
     "5 pm pac\u0130fic", "noon \u017funday", "next update \u0661\u0664:\u0663\u0660 UTC",
     "\u03a3\u03b9\u03c2 is slow", "\ud800 14:30 UTC"],
)  # fmt: skip
def test_letters_that_patterns_take_for_others_break_nothing(text):
    for audience in Audience:
        read(text, audience, glossary={"\u03c3\u03b9\u03c3": "the press", "\u0130x": "the other"})


WORDS = st.sampled_from(
    ["next", "update", "at", "14:30", "UTC", "in", "30", "minutes", "will", "be", "restored", ".", "\n\n", "[[", "]]",
     "{{", "mysql-cluster-03", "CVE-2026-1", "31 February", "25:99", "Europe/", "resolved", "refund", "@ann", "-",
     "\u017fix", "\u212a", "\u0130", "noon", "sun", "pm", "11/22", "tomorrow", "to"]
)  # fmt: skip


@given(
    st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)),
    st.sampled_from(list(Audience)),
    st.sampled_from(list(Moment)),
    st.integers(1, 5),
    st.integers(0, 3_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_the_lint_reads_anything_and_points_into_the_text(text, audience, moment, severity, at):
    found = lint(text, audience=audience, severity=severity, moment=moment, at=at)
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in found.findings)
    assert all(finding.message.endswith((".", "”")) for finding in found.findings)
    assert found == lint(text, audience=audience, severity=severity, moment=moment, at=at)
    lint_subject(text, audience=audience, number=1, at=at, known=replace(Known(), state="monitoring"))
