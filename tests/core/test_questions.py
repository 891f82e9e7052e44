"""The six questions: each answer names what it rests on, and falls with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.classification import STANDARD, Classification
from antiphon.core.questions import QUESTIONS, ask_all
from antiphon.core.questions.inputs import changed, situations
from antiphon.core.questions.situation import (
    ContractView,
    Flag,
    Period,
    Reached,
    Situation,
    Usual,
    Word,
    reach_of,
)
from antiphon.core.severity import Reach

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes):
    return NOON + timedelta(minutes=minutes)


DATABASE = Reached(name="mysql-cluster-03", kind="component", customer_facing=False, path=("mysql-cluster-03",))
SHOP = Reached(
    name="shop",
    kind="application",
    title="Web shop",
    customer_facing=True,
    revenue_per_minute=420.0,
    path=("mysql-cluster-03", "shop"),
)
ACME = Reached(name="acme", kind="customer", title="Acme", path=("mysql-cluster-03", "shop", "acme"))
PATIENTS = Reached(name="records", kind="service", customer_facing=False, data_classes=("patient",))
CONTRACT = ContractView(
    uid="c1", customer="Acme", service="shop", starts_at=at(-1000), ends_at=at(1000), resolution_minutes=100
)


def situation(*reached, **more):
    values = {
        "incident": "inc",
        "severity": 3,
        "incident_type": "disruption",
        "detected_at": NOON,
        "declared_at": NOON,
        "target_minutes": 120.0,
        "affected": tuple(entity.name for entity in reached[:1]),
        "reached": reached,
    }
    return Situation(**{**values, **more})


def answers(seen, minutes=0.0):
    return {answer.number: answer for answer in ask_all(seen, now=at(minutes))}


def words(seen, minutes=0.0):
    return "".join(answer.answer[0] for answer in ask_all(seen, now=at(minutes)))


def test_six_files_make_six_questions():
    assert [question.number for question in QUESTIONS] == [1, 2, 3, 4, 5, 6]
    assert all(question.text.endswith("?") and question.pulls_in and question.slug for question in QUESTIONS)


def test_the_catalog_answers_without_asking_anybody():
    seen = situation(DATABASE, SHOP, ACME)
    found = answers(seen)
    assert words(seen) == "yynnnn"
    assert found[1].evidence[0].source == "entity:shop"
    assert found[1].evidence[0].text == "customers use the application Web shop (by mysql-cluster-03 → shop)"
    assert found[2].evidence[0].text.startswith("Web shop earns 420 per minute")


def without(seen, name):
    """The situation after one entity was removed from the catalog, with all that hung on it."""
    return replace(
        seen,
        reached=tuple(entity for entity in seen.reached if name not in (entity.name, *entity.path)),
        missing=tuple(known for known in seen.affected if known == name),
    )


@pytest.mark.parametrize(
    ("number", "minutes", "seen"),
    [
        (1, 0, situation(DATABASE, SHOP)),
        (1, 0, situation(SHOP)),
        (1, 0, situation(DATABASE, ACME)),
        (2, 0, situation(DATABASE, SHOP)),
        (4, 10, situation(PATIENTS)),
        (5, 0, situation(DATABASE, SHOP, replace(ACME, strategic=True))),
        (5, 0, situation(DATABASE, replace(ACME, kind="partner", strategic=True))),
    ],
)
def test_removing_the_entity_that_an_answer_names_flips_it(number, minutes, seen):
    answer = answers(seen, minutes)[number]
    assert answer.answer == Word.YES
    kind, _, name = answer.evidence[0].source.partition(":")
    assert kind == "entity"
    assert answers(without(seen, name), minutes)[number].answer != Word.YES


def test_a_contract_falls_with_the_entity_it_covers():
    seen = situation(DATABASE, SHOP, contracts=(CONTRACT,))
    assert answers(seen, 90)[3].evidence[0].source == "contract:c1"
    assert answers(without(seen, "shop"), 90)[3].answer == Word.NO


def test_what_the_catalog_does_not_know_is_unknown():
    stranger = situation(affected=("foo",), missing=("foo",))
    assert words(stranger) == "uuuuun"
    assert answers(stranger)[1].evidence[0].text == "foo is not in the catalog; add it, or answer yourself"
    assert words(situation()) == "uuuuun"
    assert "nothing is named" in answers(situation())[1].evidence[0].text


def test_a_missing_link_is_unknown_too():
    alone = situation(replace(DATABASE, customer_facing=None))
    assert answers(alone)[1].answer == Word.UNKNOWN
    unpriced = situation(DATABASE, replace(SHOP, revenue_per_minute=None))
    assert words(unpriced) == "yunnun"
    assert "no customer is linked to Web shop" in answers(unpriced)[5].evidence[0].text
    assert answers(unpriced)[2].confidence == 0.0


def test_no_is_said_where_the_catalog_says_no():
    assert words(situation(DATABASE)) == "nnnnnn"
    half = situation(DATABASE, replace(SHOP, customer_facing=None, revenue_per_minute=None))
    assert answers(half)[1].confidence < 1


@pytest.mark.parametrize(
    "entity",
    [
        replace(SHOP, environment="staging", path=("shop",)),
        replace(SHOP, environment="Development", path=("shop",)),
        replace(SHOP, internal=True, path=("shop",)),
    ],
)
def test_without_customers_behind_it_is_harmless(entity):
    seen = situation(entity)
    assert seen.harmless
    assert answers(seen)[1].answer == Word.NO
    assert "no customer stands behind it" in answers(seen)[1].evidence[0].text
    assert answers(seen)[4].answer == Word.NO
    assert not replace(seen, reached=(entity, ACME)).harmless
    assert not replace(seen, reached=(entity, DATABASE)).harmless


def test_contracts_are_near_at_four_fifths_and_breached_at_the_end():
    seen = situation(DATABASE, SHOP, contracts=(CONTRACT,))
    early = answers(seen, 0)[3]
    assert (early.answer, early.next_change_at) == (Word.NO, at(80))
    near = answers(seen, 80)[3]
    assert (near.answer, near.next_change_at, near.by) == (Word.YES, at(100), "clock")
    assert near.evidence[0].text.endswith("to be resolved within 100 min; breached at 2026-03-02 13:40 UTC")
    broken = answers(seen, 100)[3]
    assert broken.next_change_at is None
    assert "breached since 2026-03-02 13:40 UTC" in broken.evidence[0].text
    ended = replace(seen, ended_at=at(50))
    assert answers(ended, 500)[3].answer == Word.NO
    assert answers(ended, 500)[3].next_change_at is None


def test_a_downtime_budget_counts_what_was_used_before():
    budget = replace(CONTRACT, resolution_minutes=None, downtime_budget_minutes=60.0, used_minutes=40.0)
    seen = situation(DATABASE, SHOP, contracts=(budget,))
    assert answers(seen, 0)[3].next_change_at == at(8)
    assert answers(seen, 8)[3].answer == Word.YES
    assert "60 min of downtime allowed, 40 used before" in answers(seen, 8)[3].evidence[0].text
    spent = replace(budget, used_minutes=70.0)
    assert answers(replace(seen, contracts=(spent,)))[3].answer == Word.YES


@pytest.mark.parametrize(
    "contract",
    [
        replace(CONTRACT, service="mail"),
        replace(CONTRACT, starts_at=at(500)),
        replace(CONTRACT, ends_at=at(-1)),
        replace(CONTRACT, resolution_minutes=None),
    ],
)
def test_contracts_not_in_force_or_about_something_else_do_not_count(contract):
    assert answers(situation(DATABASE, SHOP, contracts=(contract,)), 99)[3].answer == Word.NO


def test_what_is_known_of_a_contract_counts_though_something_else_is_missing():
    seen = situation(SHOP, contracts=(CONTRACT,), affected=("shop", "foo"), missing=("foo",))
    assert answers(seen)[3].answer == Word.UNKNOWN
    assert answers(seen)[3].next_change_at == at(80)
    assert answers(seen, 80)[3].answer == Word.YES


def test_paperwork_has_nothing_to_restore():
    seen = situation(incident_type="operational", area="Contract")
    assert seen.business_only
    assert answers(seen)[3].answer == Word.YES
    disclosure = situation(incident_type="operational", area="disclosure")
    assert answers(disclosure)[4].answer == Word.YES


def test_security_flags_and_lost_access_to_patients_records():
    assert answers(situation(DATABASE, incident_type="security"))[4].by == "fact"
    flag = Flag(kind="privacy", text="addresses were shown to strangers", source="fact:f1")
    flagged = answers(situation(DATABASE, flags=(flag,)))[4]
    assert flagged.evidence[0].source == "fact:f1"
    seen = situation(PATIENTS)
    assert (answers(seen, 4)[4].answer, answers(seen, 4)[4].next_change_at) == (Word.NO, at(5))
    assert answers(seen, 5)[4].answer == Word.YES
    assert answers(replace(seen, incident_type="degradation"), 60)[4].answer == Word.NO
    other = situation(replace(PATIENTS, data_classes=("recipes",)))
    assert answers(other, 999)[4].answer == Word.NO


def test_a_critical_period_makes_a_customer_matter():
    closing = Period(name="quarter-end closing", starts_at=at(30), ends_at=at(90))
    seen = situation(DATABASE, SHOP, replace(ACME, critical_periods=(closing,)))
    assert (answers(seen)[5].answer, answers(seen)[5].next_change_at) == (Word.NO, at(30))
    inside = answers(seen, 30)[5]
    assert (inside.answer, inside.next_change_at) == (Word.YES, at(90))
    assert "Acme is in quarter-end closing" in inside.evidence[0].text
    assert answers(seen, 90)[5].answer == Word.NO


def test_longer_than_usual_by_history_or_by_the_target():
    few = situation(DATABASE, usual=Usual(p75_minutes=10.0, n=7))
    assert (answers(few, 119)[6].answer, answers(few, 119)[6].next_change_at) == (Word.NO, at(120))
    assert answers(few, 120)[6].answer == Word.YES
    enough = situation(DATABASE, usual=Usual(p75_minutes=10.0, n=8))
    assert answers(enough, 10)[6].answer == Word.YES
    assert answers(enough, 10)[6].confidence == 1.0
    assert answers(replace(enough, ended_at=at(9)), 500)[6].answer == Word.NO


def test_the_situation_keeps_its_json():
    seen = situation(
        DATABASE, SHOP, replace(ACME, critical_periods=(Period(name="p", starts_at=at(1), ends_at=at(2)),))
    )
    text, digests = changed({}, seen)
    worse = replace(seen, severity=1, flags=(Flag(kind="privacy", text="leak", source="fact:1"),))
    delta, after = changed(digests, worse)
    assert len(delta) < 100, "only what changed is kept"
    assert changed(after, worse) == ("", after)
    gone, _ = changed(after, replace(worse, flags=()))
    assert list(situations([text, delta, "", gone])) == [seen, worse, worse, replace(worse, flags=())]
    own = Classification(near_share=0.5, pulls_in={1: ("legal",)})
    (kept,) = situations([changed({}, replace(seen, rules=own))[0]])
    assert kept.rules == own
    (older,) = situations(
        [
            '{"incident":"i","severity":2,"incident_type":"disruption","detected_at":"2026-03-02T12:00:00Z",'
            '"declared_at":"2026-03-02T12:00:00Z","target_minutes":120.0,"reached":[{"name":"a","kind":"service"}]}'
        ]
    )
    assert older.rules == STANDARD


def test_reach_for_severity_leaves_out_what_customers_do_not_feel():
    workflow = Reached(name="checkout", kind="workflow", title="Checkout", tier=1, customer_facing=True)
    staging = replace(workflow, name="a-copy", environment="staging")
    assert reach_of((staging,)) == Reach()
    found = reach_of((DATABASE, staging, workflow, SHOP, ACME), customers_total=4)
    assert found == Reach(customer_facing="Checkout", tier_one_workflow="Checkout", customers_hit=1, customers_total=4)


ENTITIES = [DATABASE, SHOP, ACME, PATIENTS, replace(ACME, name="bolt", strategic=True), replace(SHOP, name="blog")]


@given(st.permutations(ENTITIES), st.integers(0, 6), st.integers(0, 200))
def test_more_of_the_catalog_never_turns_a_yes_around_and_order_does_not_matter(entities, size, minutes):
    some = situation(DATABASE, *entities[:size], contracts=(CONTRACT,))
    all_of_them = situation(DATABASE, *entities, contracts=(CONTRACT,))
    for fewer, more in zip(words(some, minutes), words(all_of_them, minutes), strict=True):
        assert fewer != "y" or more == "y"
    assert words(situation(DATABASE, *sorted(entities, key=lambda e: e.name), contracts=(CONTRACT,)), minutes) == words(
        all_of_them, minutes
    )


@given(st.integers(0, 200), st.integers(0, 200))
def test_between_two_wakes_no_answer_changes(start, later):
    seen = situation(DATABASE, SHOP, PATIENTS, contracts=(CONTRACT,), usual=Usual(p75_minutes=45.0, n=20))
    changes = [a.next_change_at for a in ask_all(seen, now=at(start)) if a.next_change_at]
    if start <= later and all(at(later) < change for change in changes):
        assert words(seen, start) == words(seen, later)
