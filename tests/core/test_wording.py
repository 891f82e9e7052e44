"""Texts are made of what their readers may know, and sealed only when exactly they were approved."""

from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import facts as rules
from antiphon.core import holding as holding_rules
from antiphon.core import wording
from antiphon.core.audiences import (
    ENDINGS,
    OUTSIDE,
    Approval,
    ApprovalKind,
    Audience,
    Mark,
    Moment,
    Translation,
    Version,
    digest_of,
)
from antiphon.core.decision import Refusal
from antiphon.core.holding import Holding
from antiphon.core.lint import Known, lint, lint_subject
from antiphon.core.sending import InsideText, OutsideText
from antiphon.core.wording import (
    LONGEST_TEMPLATE,
    TemplateTrouble,
    candidates,
    check_template,
    choose,
    render,
    split,
)
from antiphon.messages import shipped
from tests.core.telling import EVERY_AUDIENCE, NOW, about, facts, loose

record, inside = loose(rules.record), loose(wording.inside)
seal, reseal, held = loose(wording.seal), loose(wording.reseal), loose(holding_rules.version)

BUSINESS, TECHNICAL = Audience.BUSINESS, Audience.TECHNICAL
SOON = NOW + timedelta(minutes=15)  # what our own people are promised at SEV1
SHIPPED = [(audience, name) for audience in EVERY_AUDIENCE for name in shipped(audience) if "@" not in name]


def rendered(template, audience=BUSINESS, known=None, **changes):
    return render(template, facts() if known is None else known, about(**changes), audience, zone="UTC", now=NOW)


def version(audience=BUSINESS, subject="Checkout", body="Payments may fail.", *, approve=True):
    digest = digest_of(audience, subject, body)
    approval = Approval(by="ben", at=NOW, digest=digest, kind=ApprovalKind.TECHNICAL) if approve else None
    return Version(audience=audience, subject=subject, body=body, digest=digest, approval=approval)


# --- the shipped texts -------------------------------------------------------------------------------------------


def test_every_audience_has_its_words_for_every_moment():
    for audience in set(EVERY_AUDIENCE) - {Audience.RESPONDERS}:
        assert {"first_word", "progress", "resolution"} <= set(shipped(audience))
    for audience in OUTSIDE:
        assert {f"holding.{kind}" for kind in ("disruption", "degradation", "security", "operational")} <= set(
            shipped(audience)
        )
    assert "review" in shipped(TECHNICAL)
    assert "page" in shipped(Audience.RESPONDERS)
    with pytest.raises(KeyError):
        shipped("nobody")


@pytest.mark.parametrize(("audience", "name"), SHIPPED, ids=str)
def test_every_shipped_text_can_be_saved(audience, name):
    assert check_template(shipped(audience)[name], audience, holding="holding" in name) == ()


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("audience", "name"), SHIPPED, ids=str)
def test_every_shipped_text_passes_the_lint(audience, name, severity):
    moment = name.split(".")[0]
    if moment == "page":
        return
    told = about(Moment(moment), severity=severity, next_update_at=SOON)
    known = () if moment == "holding" else facts()
    text = render(shipped(audience)[name], known, told, audience, zone="Europe/Berlin", now=NOW)
    beside = Known(state=told.state, products=told.products, next_update_at=None if moment in ENDINGS else SOON)
    found = lint(text.body, audience=audience, severity=severity, moment=Moment(moment), at=NOW, known=beside)
    assert {finding.rule for finding in found.findings} <= ({"gap"} if name == "review" else set()) | (
        {"error_code", "jargon"} if audience is Audience.LEGAL else set()
    )
    assert found.next_update_at == (None if moment in ENDINGS else SOON)
    over = Known(state=told.state)
    subject = lint_subject(text.subject, audience=audience, number=42, at=NOW, known=over)
    assert [finding for finding in subject if finding.level is Mark.ERROR] == []


def test_what_is_not_known_is_a_gap_that_the_lint_refuses():
    text = rendered(shipped(BUSINESS)["first_word"], known=())
    assert "[[what customers notice]]" in text.body
    found = lint(text.body, audience=BUSINESS, severity=2, moment=Moment.FIRST_WORD, at=NOW)
    assert "gap" in {finding.rule for finding in found.errors}


def test_subjects_name_number_and_service_for_technical_and_the_effect_for_business_readers():
    assert rendered(shipped(TECHNICAL)["first_word"], TECHNICAL).subject.startswith("[#42] shop-api and checkout-web")
    assert rendered(shipped(BUSINESS)["first_word"]).subject == "Payments in the checkout may fail"
    assert rendered(shipped(BUSINESS)["first_word"], known=()).subject == "Checkout: service disruption"
    drill = rendered(shipped(Audience.INTERNAL)["first_word"], Audience.INTERNAL, practice=True)
    assert drill.subject.startswith("[Practice] ")


def test_templates_fall_back_leftwards():
    assert candidates("progress", "security", "access") == (
        "progress.security.access", "progress.security", "progress",
    )  # fmt: skip
    ours = {"progress": "1", "progress.security": "2"}
    assert choose(ours, "progress", "security", "access") == "2"
    assert choose(ours, "progress", "disruption") == "1"
    assert choose(ours, "review") is None
    assert split("Subject: A\n\nB") == ("A", "B")
    assert split("B") == ("", "B")


# --- the sandbox -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("no subject", 1),
        ("Subject: S\n\nB\n\n{{ nobody }}", 5),
        ("Subject: {{ hypothesis }}\n\nB", 1),
        ("Subject: S\n\nB\n{{ title }}", 4),
        ("Subject: S\n\n{% if number %}", 3),
        ("Subject: S\n\n{% include 'x' %}", 3),
        ("Subject: S\n\nB\n{{ number | replace: 'a', 'b' }}", 4),
        ("Subject: S\n\n{{ number", 3),
        ("Subject: S\n\n" + "x" * LONGEST_TEMPLATE, 1),
    ],
)
def test_a_template_that_cannot_work_is_refused_when_saved_with_the_line(template, line):
    problems = check_template(template, BUSINESS)
    assert problems
    assert problems[0].line == line
    assert problems[0].message.endswith(".")


def test_a_variable_is_allowed_to_those_who_may_know_it():
    template = "Subject: S\n\n{{ hypothesis }}"
    assert check_template(template, TECHNICAL) == ()
    assert check_template("Subject: S\n\n{% assign a = symptoms %}{{ a }}", BUSINESS) == ()
    assert "business" in check_template(template, BUSINESS)[0].message
    assert check_template("Subject: S\n\n{{ symptoms }}", BUSINESS, holding=True)


BOMBS = {
    "a loop": "{% for i in (1..100000000) %}x{% endfor %}",
    "loops in loops": "{% for i in (1..100) %}" * 3 + "x" + "{% endfor %}" * 3,
    "a string that doubles": "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60,
    "much output": "{% assign a = '" + "x" * 9000 + "' %}{{ a }}{{ a }}{{ a }}",
    "deep nesting": "{% if number %}" * 500 + "{% endif %}" * 500,
    "an unknown variable": "{{ number.nothing.more }}",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_template_bombs_stop_within_a_second(bomb):
    began = perf_counter()
    with pytest.raises(TemplateTrouble):
        rendered(f"Subject: S\n\n{bomb}")
    assert perf_counter() - began < 1


def test_many_small_loops_stop_within_a_second():
    began = perf_counter()
    try:
        rendered("Subject: S\n\n" + "{% for i in (1..200) %}{% endfor %}" * 500)
    except TemplateTrouble:
        pass
    assert perf_counter() - began < 1


# --- leaks and seals ---------------------------------------------------------------------------------------------

CANARY = st.from_regex(r"canary[a-z0-9]{4}[0-9]", fullmatch=True)


@given(CANARY, st.sampled_from(sorted(OUTSIDE)), st.sampled_from(sorted(EVERY_AUDIENCE)), st.data())
def test_I26_no_outside_text_holds_an_internal_facts_token(token, audience, reader, data):
    name = data.draw(st.sampled_from(["symptoms", "scope", "actions", "what_happens", "expectation"]))
    readers = [a for a in EVERY_AUDIENCE if a not in OUTSIDE] if reader in OUTSIDE else [reader]
    known = record(
        facts(), uid="canary", name=name, text=f"Seen on {token} by us", source="", audiences=readers, now=NOW
    ).state
    told = about(title=token, bridge=f"https://{token}.example.com", commander=token)
    for moment, template in shipped(audience).items():
        text = render(template, known, told, audience, zone="UTC", now=NOW)
        assert token not in f"{text.subject}\n{text.body}", moment
    pasted = version(audience, body=f"It was seen on {token.upper()}.")
    assert isinstance(seal(pasted, known), Refusal)
    assert isinstance(seal(version(audience), known), OutsideText)


def test_I25_exactly_the_approved_bytes_are_sealed():
    good = version()
    text = seal(good, facts())
    assert isinstance(text, OutsideText)
    assert text.digest == good.digest == good.approval.digest
    assert "Payments may fail." in text.body_text
    assert "[[greeting]]" in text.body_text
    assert '<a href="[[unsubscribe_url]]">' in text.body_html
    assert isinstance(seal(version(approve=False), ()), Refusal)
    assert isinstance(seal(replace(good, body="Other"), ()), Refusal)
    assert isinstance(seal(version(Audience.INTERNAL), ()), Refusal)
    assert isinstance(seal(version(body="[[what customers notice]]"), ()), Refusal)
    public = seal(version(Audience.PUBLIC), ())
    assert isinstance(public, OutsideText)
    assert "[[unsubscribe_url]]" in public.body_text, "whoever subscribed to a page can leave it by each mail"


def test_a_stored_text_is_sealed_again_only_when_its_bytes_are_the_same():
    text = seal(version(), ())
    parts = {
        "audience": text.audience, "subject": text.subject, "body_text": text.body_text, "body_html": text.body_html,
    }  # fmt: skip
    assert reseal(**parts, digest=text.digest) == text
    assert isinstance(reseal(**{**parts, "subject": "Other"}, digest=text.digest), Refusal)


def test_texts_for_our_own_people_stay_inside():
    own = version(Audience.INTERNAL, body="**Bold**", approve=False)
    text = inside(own)
    assert isinstance(text, InsideText)
    assert text.body_html == "<p><strong>Bold</strong></p>\n"
    assert isinstance(inside(version()), Refusal)


def test_html_holds_nothing_but_the_allow_list():
    body = "<script>x</script> [a](javascript:alert(1)) ![p](https://e.example/p.png) <https://ok.example>"
    html = seal(version(body=body), ()).body_html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="[[clicked_url]]https://ok.example"' in html


def approved_by_ira(message: Holding) -> Holding:
    return replace(message, approval=Approval(by="ira", at=NOW, digest=message.digest, kind=ApprovalKind.HOLDING))


def holding_message(kind: str = "disruption") -> Holding:
    """Ours in English, with German beside it, approved."""
    subject, body = split(shipped(BUSINESS)[f"holding.{kind}"])
    german, words = split(shipped(BUSINESS, language="de")[f"holding.{kind}"])
    others = {"de": Translation(subject=german, body=words)}
    return approved_by_ira(
        Holding(audience=BUSINESS, incident_type=kind, subject=subject, body=body, translations=others)
    )


def test_a_holding_message_goes_out_without_a_fact():
    message = holding_message()
    assert isinstance(held(replace(message, approval=None), about(), zone="UTC", now=NOW), Refusal)
    text = seal(held(message, about(), zone="UTC", now=NOW), ())
    assert isinstance(text, OutsideText)
    assert text.subject == "Checkout: service disruption"
    gap = seal(held(message, about(next_update_at=None), zone="UTC", now=NOW), ())
    assert isinstance(gap, Refusal)
    tricky = approved_by_ira(replace(holding_message(), subject="S", body="{{ symptoms }}"))
    assert isinstance(held(tricky, about(), zone="UTC", now=NOW), Refusal)


@pytest.mark.parametrize("kind", ["disruption", "degradation", "security", "operational"])
def test_one_approval_of_a_holding_message_is_of_every_language(kind: str):
    message = holding_message(kind)
    made = held(message, about(), zone="UTC", now=NOW)
    [german] = wording.seal_translations(made, ()).values()
    assert "Nächste Meldung" in german.body_text
    assert "festgestellt" in german.body_text
    other = Translation(subject="S", body="Anders.")
    assert isinstance(held(replace(message, translations={"de": other}), about(), zone="UTC", now=NOW), Refusal)
    assert isinstance(held(replace(message, translations={}), about(), zone="UTC", now=NOW), Refusal)
    unusable = {"de": Translation(subject="S", body="{{ symptoms }}")}
    made = held(approved_by_ira(replace(message, translations=unusable)), about(), zone="UTC", now=NOW)
    assert isinstance(seal(made, ()), OutsideText)
    assert not wording.seal_translations(made, ()), "its readers get the house's own"
