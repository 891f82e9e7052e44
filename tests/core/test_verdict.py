"""Technical, business or both: it rises by itself, never falls by itself, and a person's word needs a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import AnswerRequested, VerdictOverridden, VerdictReached
from antiphon.core.questions import ask_all
from antiphon.core.questions.inputs import situations
from antiphon.core.questions.pulls import PullIn, pull_in
from antiphon.core.questions.situation import ContractView, Flag, Given, Reached, Situation, Usual, Word
from antiphon.core.questions.verdict import (
    AskAnswer,
    Kind,
    Verdict,
    VerdictDecision,
    give_answer,
    override,
    weigh,
)
from antiphon.core.severity import Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = Actor(kind="person", uid="ann", role="responder")

DATABASE = Reached(name="db", kind="component", customer_facing=False, path=("db",))
SHOP = Reached(
    name="shop", kind="application", title="Shop", customer_facing=True, revenue_per_minute=9.0, path=("db", "shop")
)
WORKFLOW = Reached(name="checkout", kind="workflow", tier=1, customer_facing=True, path=("db", "shop", "checkout"))
ACME = Reached(name="acme", kind="customer", strategic=True, path=("db", "shop", "acme"))
STAGING = Reached(name="shop-staging", kind="application", customer_facing=True, environment="staging")
CONTRACT = ContractView(uid="c1", customer="Acme", service="db", starts_at=NOON, resolution_minutes=50)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def situation(*reached, **more):
    values = {
        "incident": "inc",
        "severity": 4,
        "incident_type": "disruption",
        "detected_at": NOON,
        "declared_at": NOON,
        "target_minutes": 600.0,
        "affected": tuple(entity.name for entity in reached[:1]),
        "reached": reached,
        "answerer": "Ann",
        "business_lead": "Lea",
    }
    return Situation(**{**values, **more})


UNKNOWN = situation(affected=("foo",), missing=("foo",))
FRESH = Verdict(incident="inc")


def weighed(seen, minutes=0.0, verdict=FRESH) -> VerdictDecision:
    """Weigh at this minute, and see that weighing again at once does nothing."""
    now = at(minutes)
    decision = weigh(verdict, seen, ask_all(seen, now=now), now=now)
    again = weigh(decision.state, seen, ask_all(seen, now=now), now=now)
    assert again == VerdictDecision(decision.state)
    return decision


def said(number, answer, minutes=0.0, reason="I asked them"):
    decision = give_answer(number, answer, by=ANN, reason=reason, now=at(minutes))
    assert isinstance(decision, Decision)
    return decision.state


def test_all_no_is_technical_only():
    decision = weighed(situation(DATABASE))
    assert decision.state.kind == "technical"
    assert decision.opens_technical == "No answer asks for the business track."
    assert (decision.opens_business, decision.ask_person, decision.notify_stakeholders) == ("", None, "")
    assert [answer.answer for answer in decision.state.answers] == ["no"] * 6


def test_before_any_asking_it_is_technical():
    assert (FRESH.kind, FRESH.wake_at, FRESH.pinned) == ("technical", None, False)


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        (1, situation(DATABASE, replace(SHOP, revenue_per_minute=0.0), replace(ACME, strategic=False))),
        (2, situation(replace(DATABASE, revenue_per_minute=5.0))),
        (3, situation(DATABASE, contracts=(replace(CONTRACT, resolution_minutes=0),))),
        (4, situation(DATABASE, flags=(Flag(kind="security", text="a key leaked", source="fact:1"),))),
        (5, situation(DATABASE, ACME)),
    ],
)
def test_a_yes_on_one_to_five_opens_the_business_track_at_once(number, seen):
    decision = weighed(seen)
    assert decision.state.kind == "both"
    assert f"uestion {number} is yes" in decision.opens_business or number == 5
    event = decision.events[0]
    assert isinstance(event, VerdictReached)
    assert (event.before, event.after) == ("", "both")
    assert list(situations([event.inputs])) == [seen]
    assert event.answers[number - 1].answer == "yes"


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_staging_stays_technical_whatever_the_severity(severity):
    seen = situation(STAGING, severity=severity, usual=Usual(p75_minutes=1.0, n=50))
    decision = weighed(seen, 600)
    assert decision.state.kind == "technical"
    assert "technical whatever the severity" in decision.opens_technical
    assert decision.notify_stakeholders == ""
    assert (decision.ask_person, decision.ask_lead, decision.raise_severity) == (None, None, None)


def test_a_person_or_a_recorded_fact_outweighs_the_environment():
    flag = Flag(kind="privacy", text="real customer data on it", source="fact:1")
    assert weighed(situation(STAGING, flags=(flag,))).state.kind == "both"
    assert weighed(situation(STAGING, given=(said(1, "yes"),))).state.kind == "both"


@pytest.mark.parametrize(("severity", "told"), [(1, True), (2, True), (3, False), (5, False)])
def test_major_incidents_are_told_to_stakeholders_even_when_all_is_no(severity, told):
    decision = weighed(situation(DATABASE, severity=severity))
    assert bool(decision.notify_stakeholders) == told
    assert decision.state.kind == "technical"
    assert decision.opens_business == ""


def test_question_six_asks_the_business_lead_and_opens_on_their_word():
    seen = situation(DATABASE, usual=Usual(p75_minutes=30.0, n=20))
    first = weighed(seen)
    assert first.state.wake_at == at(30)
    asked = weighed(seen, 30, first.state)
    assert asked.ask_lead == AskAnswer(numbers=(6,), person="Lea", until=at(40))
    assert (asked.state.kind, asked.state.wake_at) == ("technical", None)
    assert AnswerRequested(numbers=(6,), person="Lea", until=at(40)) in asked.events
    assert weighed(seen, 60, asked.state).ask_lead is None
    no = replace(seen, given=(said(6, "no", 31),))
    assert weighed(no, 31, asked.state).state.kind == "technical"
    yes = weighed(replace(seen, given=(said(6, "yes", 35),)), 35, asked.state)
    assert yes.state.kind == "both"
    assert yes.opens_business == "Question 6 is yes: I asked them."


@pytest.mark.parametrize(("severity", "kind"), [(1, "both"), (2, "both"), (3, "technical"), (5, "technical")])
def test_an_unknown_that_nobody_answers_counts_as_yes_for_major_incidents_only(severity, kind):
    seen = replace(UNKNOWN, severity=severity)
    first = weighed(seen)
    assert first.ask_person == AskAnswer(numbers=(1, 2, 3, 4, 5), person="Ann", until=at(10))
    assert first.state.kind == "technical"
    assert first.state.wake_at == at(10)
    assert weighed(seen, 9.9, first.state).state.kind == "technical"
    late = weighed(seen, 10, first.state)
    assert late.state.kind == kind
    assert [answer.answer for answer in late.state.answers[:5]] == ["unknown"] * 5
    assert late.state.treated_as_yes == (1, 2, 3, 4, 5)
    assert late.ask_person is None
    raised = weighed(replace(seen, severity=2), 11, late.state)
    assert raised.state.kind == "both"


def test_an_answer_in_time_ends_the_wait():
    seen = replace(UNKNOWN, severity=1)
    first = weighed(seen)
    answered = replace(seen, given=tuple(said(number, "no", 5) for number in range(1, 6)))
    decision = weighed(answered, 5, first.state)
    assert decision.state.waits == ()
    assert weighed(answered, 60, decision.state).state.kind == "technical"
    answer = decision.state.answers[0]
    assert (answer.by, answer.program, answer.disputed, answer.evidence[0].source) == (
        "person:ann",
        "unknown",
        False,
        "person",
    )


def test_a_word_of_unknown_leaves_the_question_open():
    seen = replace(UNKNOWN, given=(said(1, "unknown"),))
    assert weighed(seen).state.answers[0].answer == Word.UNKNOWN


def test_an_incident_that_is_over_asks_nobody():
    over = replace(UNKNOWN, severity=1, ended_at=at(1))
    first = weighed(UNKNOWN)
    decision = weighed(over, 20, first.state)
    assert (decision.state.waits, decision.ask_person, decision.state.wake_at) == ((), None, None)


def test_it_rises_by_the_clock_of_a_contract_and_never_falls():
    seen = situation(DATABASE, contracts=(CONTRACT,))
    first = weighed(seen)
    assert (first.state.kind, first.state.wake_at) == ("technical", at(40))
    near = weighed(seen, 40, first.state)
    assert near.state.kind == "both"
    assert near.opens_technical == ""
    gone = weighed(situation(DATABASE), 45, near.state)
    assert gone.state.kind == "both"
    assert gone.state.reason.startswith("No answer asks for the business track any more")
    assert gone.opens_business == ""


def test_a_persons_no_stands_until_the_program_finds_a_yes():
    unsure = situation(replace(DATABASE, customer_facing=None))
    first = weighed(unsure)
    no = replace(unsure, given=(said(1, "no", 1),))
    second = weighed(no, 1, first.state)
    assert second.state.answers[0].answer == "no"
    linked = replace(no, reached=(*no.reached, SHOP))
    third = weighed(linked, 2, second.state)
    assert third.state.answers[0].answer == "yes"
    assert third.state.kind == "both"


def test_a_persons_no_against_the_programs_yes_is_shown_as_disputed():
    seen = situation(DATABASE, SHOP)
    first = weighed(seen)
    decision = weighed(replace(seen, given=(said(1, "no", 1),)), 1, first.state)
    answer = decision.state.answers[0]
    assert (answer.answer, answer.program, answer.disputed) == ("no", "yes", True)
    assert decision.state.kind == "both", "an answer does not lower the verdict; an override does"


def test_the_latest_word_counts():
    seen = replace(UNKNOWN, given=(said(1, "no", 3), said(1, "yes", 2)))
    assert weighed(seen, 3).state.answers[0].answer == "no"


def test_nothing_to_restore_is_business():
    paperwork = situation(incident_type="operational", area="contract")
    decision = weighed(paperwork)
    assert decision.state.kind == "business"
    assert (decision.opens_technical, bool(decision.opens_business)) == ("", True)
    stated = situation(DATABASE, incident_type="security", nothing_to_restore=True)
    assert weighed(stated).state.kind == "business"
    assert weighed(situation(DATABASE, nothing_to_restore=True)).state.kind == "technical", "somebody must hold it"
    found = weighed(situation(DATABASE, incident_type="security"), 1, weighed(stated).state)
    assert found.state.kind == "business"


def pinned(verdict, kind, minutes=1):
    decision = override(verdict, kind, by=ANN, reason="The shop is only slow", now=at(minutes))
    assert isinstance(decision, VerdictDecision)
    return decision


def test_a_persons_override_pins_until_new_evidence():
    seen = situation(DATABASE, SHOP, contracts=(CONTRACT,))
    lowered = pinned(weighed(seen).state, "technical")
    assert lowered.events == (VerdictOverridden(before="both", after="technical", reason="The shop is only slow"),)
    same = weighed(seen, 20, lowered.state)
    assert (same.state.kind, same.state.pinned, same.events) == ("technical", True, ())
    near = weighed(seen, 40, same.state)
    assert (near.state.kind, near.state.pinned) == ("both", False)
    assert near.opens_business.startswith("Question 3 is yes")
    assert "and" not in near.opens_business.split(":")[0], "the answers that were overruled do not count again"


def test_an_override_upward_opens_the_track():
    raised = pinned(weighed(situation(DATABASE)).state, "both")
    assert raised.opens_business == "The shop is only slow"
    assert raised.opens_technical == ""
    calm = weighed(situation(DATABASE, incident_type="degradation"), 5, raised.state)
    assert calm.state.pinned


def test_an_override_that_meets_new_words_without_a_yes_holds():
    seen = situation(DATABASE, SHOP)
    lowered = pinned(weighed(seen).state, "technical").state
    decision = weighed(situation(DATABASE), 5, lowered)
    assert decision.state.kind == "technical"
    assert decision.state.reason == "No new evidence against a person's verdict: The shop is only slow"


def test_an_override_needs_a_verdict_and_a_reason():
    for kind, reason, field in (("perhaps", "x", "kind"), ("both", " ", "reason")):
        refusal = override(FRESH, kind, by=ANN, reason=reason, now=NOON)
        assert isinstance(refusal, Refusal)
        assert refusal.field == field


@pytest.mark.parametrize(("number", "answer", "reason"), [(9, "yes", "x"), (1, "maybe", "x"), (1, "yes", " ")])
def test_an_answer_needs_a_question_a_word_and_a_reason(number, answer, reason):
    assert isinstance(give_answer(number, answer, by=ANN, reason=reason, now=NOON), Refusal)


def test_severity_rises_with_duration_and_once_only():
    seen = situation(DATABASE, replace(SHOP, revenue_per_minute=0.0), severity=3)
    first = weighed(seen)
    assert first.state.wake_at == at(5)
    risen = weighed(seen, 5, first.state)
    assert risen.raise_severity == (Severity.SEV2, "Shop has been down for 5 minutes")
    assert risen.notify_stakeholders.startswith("SEV2")
    lowered_by_a_person = weighed(seen, 9, risen.state)
    assert lowered_by_a_person.raise_severity is None


def test_severity_rises_when_the_failure_reaches_a_tier_one_workflow_later():
    stated = weighed(situation(DATABASE, WORKFLOW, severity=2))
    assert stated.raise_severity is None, "what was wide from the start is in the severity that was stated"
    narrow = weighed(situation(DATABASE, severity=2))
    wider = weighed(situation(DATABASE, WORKFLOW, severity=2), 1, narrow.state)
    assert wider.raise_severity is not None
    assert wider.raise_severity[0] == Severity.SEV1


def test_the_pull_in_list_follows_the_answers():
    answers = weighed(situation(replace(DATABASE, revenue_per_minute=5.0), ACME)).state.answers
    roles = {one.role: one.numbers for one in pull_in(answers, severity=2)}
    assert roles["finance"] == (2,)
    assert roles["executive on duty"] == (2, 5)
    assert "public relations" not in roles
    assert PullIn(role="public relations", numbers=(5,)) in pull_in(answers, severity=1)


def test_the_verdict_keeps_its_json():
    verdict = pinned(weighed(replace(UNKNOWN, given=(said(1, "no"),))).state, "both").state
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(verdict)), Verdict) == verdict


FACTS = st.fixed_dictionaries(
    {
        "severity": st.integers(1, 5),
        "affected": st.just(("db",)),
        "missing": st.sampled_from([(), ("db",)]),
        "reached": st.lists(
            st.sampled_from([DATABASE, SHOP, WORKFLOW, ACME, STAGING]), max_size=5, unique_by=lambda e: e.name
        ).map(tuple),
        "contracts": st.sampled_from([(), (CONTRACT,)]),
        "given": st.lists(
            st.builds(
                Given,
                number=st.integers(1, 6),
                answer=st.sampled_from(["yes", "no", "unknown"]),
                by=st.just("person:ann"),
                reason=st.just("seen"),
                at=st.integers(0, 60).map(at),
            ),
            max_size=3,
        ).map(tuple),
        "incident_type": st.sampled_from(["disruption", "degradation", "security"]),
        "nothing_to_restore": st.booleans(),
        "ended_at": st.sampled_from([None, at(30)]),
    }
)
TRACKS = {Kind.TECHNICAL: {"t"}, Kind.BUSINESS: {"b"}, Kind.BOTH: {"t", "b"}}


@given(st.lists(st.tuples(st.integers(0, 30), FACTS), min_size=1, max_size=6))
def test_whatever_becomes_known_the_verdict_never_falls_by_itself(history):
    verdict, minute = FRESH, 0
    for wait, facts in history:
        minute += wait
        before = verdict
        decision = weighed(situation(**facts), minute, verdict)
        verdict = decision.state
        if before.asked_at is not None:
            assert TRACKS[before.kind] <= TRACKS[verdict.kind]
            assert bool(decision.opens_business) == ("b" in TRACKS[verdict.kind] and "b" not in TRACKS[before.kind])
        assert verdict.wake_at is None or verdict.wake_at > at(minute)


@given(FACTS, st.integers(0, 100), st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts, minute, random):
    shuffled = {
        name: tuple(random.sample(value, len(value))) if isinstance(value, tuple) else value
        for name, value in facts.items()
    }
    one, other = weighed(situation(**facts), minute), weighed(situation(**shuffled), minute)
    assert one.state.kind == other.state.kind
    assert [a.answer for a in one.state.answers] == [a.answer for a in other.state.answers]


@given(FACTS, st.integers(0, 100))
def test_replay_of_the_recorded_inputs_gives_the_same_answers(facts, minute):
    decision = weighed(situation(**facts), minute)
    event = decision.events[0]
    assert isinstance(event, VerdictReached)
    (again_seen,) = situations([event.inputs])
    again = weighed(again_seen, minute)
    assert (again.state.kind, again.state.answers) == (decision.state.kind, decision.state.answers)
