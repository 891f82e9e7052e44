"""Facts are entered once, superseded by corrections, and seen by those who may know them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import facts as rules
from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import FactRecorded
from antiphon.core.facts import LONGEST, NAMES, Confidence, hidden_from, leaks, visible_to
from antiphon.core.markup import to_html
from antiphon.core.wording import render
from tests.core.telling import NOW, about, facts, loose

record, correct = loose(rules.record), loose(rules.correct)


def enter(known=(), uid="one", name="symptoms", text="Payments fail", **more):
    return record(known, uid=uid, name=name, text=text, source="person:ann", now=NOW, **more)


def test_a_fact_is_known_to_whom_its_name_says_unless_a_person_says_otherwise():
    assert set(enter().state[0].audiences) == NAMES["symptoms"].audiences
    assert enter(name="hypothesis").state[0].audiences == (
        Audience.TECHNICAL,
        Audience.INTERNAL,
        Audience.RESPONDERS,
    )
    only = enter(audiences=[Audience.LEGAL]).state
    assert only[0].internal_only
    assert visible_to(only, Audience.LEGAL) == only
    assert visible_to(only, Audience.INTERNAL) == ()
    assert visible_to(only, Audience.RESPONDERS) == only


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "gossip"}, "name"),
        ({"text": "  "}, "text"),
        ({"text": "x" * (LONGEST + 1)}, "text"),
        ({"audiences": []}, "audiences"),
        *(
            ({"name": "metrics_link", "text": wrong}, "text")
            for wrong in (
                "http://metrics.example.com",
                "javascript:alert(1)",
                "https://",
                "https://me@x.example",
                "https://x",
                "https://x.example/<b>",
                'https://x.example/"',
                "see https://x.example",
                "https://x.example a",
                "https://x.example/\u202e",
                "https://" + "a" * 3_900,
            )
        ),
    ],
)
def test_what_cannot_be_a_fact_is_refused(changes, field):
    refused = enter(**changes)
    assert isinstance(refused, Refusal)
    assert refused.field == field


def test_a_link_is_told_whole_and_leads_nowhere_by_itself():
    link = "https://metrics.example.com:3000/d/orders?from=1#top"
    known = enter(name="metrics_link", text=link).state
    assert Audience.BUSINESS not in known[0].audiences
    text = render("Subject: x\n\n{{ metrics_link }}", known, about(), Audience.TECHNICAL, zone="UTC", now=NOW)
    assert text.body == f"<{link}>"
    assert f'<a href="{link}"' in to_html(text.body)
    assert "<img" not in to_html(f"![x]({link}.png)")


def test_a_correction_supersedes_and_erases_nothing():
    known = enter().state
    corrected = correct(known, "one", uid="two", text="Only card payments fail", source="person:ben", now=NOW)
    assert isinstance(corrected, Decision)
    assert [fact.text for fact in corrected.state] == ["Payments fail", "Only card payments fail"]
    assert [fact.text for fact in visible_to(corrected.state, Audience.BUSINESS)] == ["Only card payments fail"]
    (event,) = corrected.events
    assert isinstance(event, FactRecorded)
    assert event.supersedes == "one"
    assert corrected.state[1].audiences == known[0].audiences
    again = correct(corrected.state, "one", uid="three", text="No", source="", now=NOW)
    missing = correct(corrected.state, "none", uid="three", text="No", source="", now=NOW)
    empty = correct(corrected.state, "two", uid="three", text=" ", source="", now=NOW)
    assert all(isinstance(refused, Refusal) for refused in (again, missing, empty))


def test_a_correction_may_narrow_who_may_know():
    known = enter().state
    state = correct(
        known, "one", uid="two", text="Cards fail at Acme", source="", now=NOW,
        audiences=[Audience.INTERNAL], confidence=Confidence.POSSIBLE,
    ).state  # fmt: skip
    assert visible_to(state, Audience.PUBLIC) == ()
    assert state[1].confidence is Confidence.POSSIBLE


@given(st.sets(st.sampled_from(list(Audience)), min_size=1), st.sampled_from(list(Audience)))
def test_I26_a_fact_is_seen_by_its_audiences_and_by_responders_alone(readers, audience):
    known = enter(audiences=readers).state
    seen = audience in readers or audience is Audience.RESPONDERS
    assert bool(visible_to(known, audience)) is seen
    assert bool(hidden_from(known, audience)) is not seen
    assert known[0].internal_only is OUTSIDE.isdisjoint(readers)


def test_a_quote_of_a_hidden_fact_is_found_whole_or_by_its_telling_words():
    known = facts(actions=("Moved traffic off mysql-cluster-03", [Audience.INTERNAL]))
    text = "We moved\ntraffic  off MYSQL-cluster-03."
    quoted = [text[start:end] for start, end in leaks(text, known, Audience.BUSINESS)]
    assert quoted == ["moved\ntraffic  off MYSQL-cluster-03", "MYSQL-cluster-03"]
    assert leaks(text, known, Audience.INTERNAL) == ()
    assert len(leaks(text, known, Audience.BUSINESS, known_words=["mysql-cluster-03"])) == 1
    assert leaks("HTTP and 31 % of nothing", known, Audience.BUSINESS) == ()
