"""Messages that may go out, and messages that may not: each fault is found, and the words are pointed at."""

import pytest

from antiphon.core.audiences import Audience, Mark
from antiphon.core.lint import Known, lint_subject
from tests.core.lint.reading import AT, BUSINESS, CLOSE, INTERNAL, PLAIN, PUBLIC, TECHNICAL, read, rules

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


@pytest.mark.parametrize("text", ["Since 14:02 UTC on 21 November, customers in Europe have problems."])
def test_a_date_and_a_region_do_not_say_what_is_wrong(text):
    assert "missing_what" in rules(read(f"{text} {CLOSE}"))


FAULTS = [
    ("restoration_promise", "Payments will be restored by 16:00 UTC.", "will be restored"),
    ("restoration_promise", "Everything should be back to normal shortly.", "should be back to normal"),
    ("restoration_promise", "We expect to fix the checkout within two hours.", "expect to fix"),
    ("restoration_promise", "We guarantee that payments are fixed when you wake up.", None),
    ("restoration_promise", "ETA: 45 minutes.", "ETA"),
    ("restoration_promise", "A fix will land in 20 minutes.", "fix will land in"),
    ("restoration_promise", "We are confident that the service resumes shortly.", "resumes shortly"),
    ("restoration_promise", "Full service is expected by 17:00 UTC.", "Full service is expected"),
    ("restoration_promise", "Payments will resume at noon UTC.", "will resume"),
    ("resolved_too_early", "Payments are working again.", "are working again"),
    ("resolved_too_early", "We fixed the problem.", "We fixed the problem"),
    ("money", "We will waive this month's fee.", "waive this month's fee"),
    ("money", "Your invoice for this month will be reduced.", "invoice for this month will be reduced"),
    ("money", "This counts toward your availability guarantee.", "availability guarantee"),
    ("blame", "A contractor deployed the wrong configuration.", "A contractor deployed the wrong"),
    ("blame", "Our vendor Nordbank failed us.", "Our vendor Nordbank failed"),
    ("blame", "The customer misconfigured their side.", "The customer misconfigured"),
    ("error_code", "You may see error E4012.", "error E4012"),
    ("error_code", "The job was OOMKilled.", "OOMKilled"),
    ("error_code", "The fault came with 4f3a2bc.", "4f3a2bc"),
    ("unfilled", "Dear [CUSTOMER NAME], payments fail.", "[CUSTOMER NAME]"),
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
        "Card payments and refunds fail.",
        "Refunds are delayed, and refund requests may not arrive.",
        "We will resume the migration with the next update.",
        "We are moving 1234567 records; decades of orders are safe.",
        "A correction will be released step by step.",
        "Read [the OK page](https://status.example.com) for more.",
        "A customer set the record straight.",
    ],
)
def test_what_only_looks_like_a_fault_is_left_alone(sentence):
    assert read(f"{PLAIN} {sentence}\n\n{CLOSE}").errors == ()


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
