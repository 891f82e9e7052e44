"""What an organisation may change in classification: kept as differences, refused where it cannot hold."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.classification import STANDARD, Classification, check, differences, read
from antiphon.core.questions import QUESTIONS
from antiphon.core.severity import LEVELS, Level

NUMBERS = {question.number for question in QUESTIONS}
LEVEL = st.sampled_from([str(level) for level in LEVELS])
OWN = st.builds(
    Classification,
    near_share=st.floats(0.01, 1),
    percentile=st.integers(1, 99),
    answer_within=st.integers(1, 1440),
    tells=st.lists(st.integers(1, 5), unique=True).map(lambda found: tuple(sorted(found))),
    pulls_in=st.dictionaries(st.integers(1, 6), st.just(("finance", "legal")), max_size=3),
    access_lost=st.dictionaries(st.sampled_from(["patient", "card"]), st.floats(0, 1000)),
    alert_severities=st.dictionaries(st.sampled_from(["critical", "high"]), st.sampled_from([None, 1, 5])),
)


def test_the_defaults_may_hold_and_are_kept_as_nothing():
    assert check(STANDARD, questions=NUMBERS) == ()
    assert differences(STANDARD) == {}
    assert read({}) == STANDARD


@given(OWN)
def test_what_differs_is_kept_and_comes_back(rules):
    stored = msgspec.json.decode(msgspec.json.encode(differences(rules)))
    assert read(stored) == rules
    assert check(rules, questions=NUMBERS) == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"near_share": 0}, "near_share"),
        ({"near_share": 1.1}, "near_share"),
        ({"percentile": 100}, "percentile"),
        ({"enough": 0}, "enough"),
        ({"answer_within": 0}, "answer_within"),
        ({"access_lost": {"patient": -1}}, "access_lost.patient"),
        ({"access_lost": {"Patient": 1}}, "access_lost"),
        ({"tells": (6,)}, "tells"),
        ({"contract_areas": ("",)}, "contract_areas"),
        ({"contract_areas": ("x",) * 51}, "contract_areas"),
        ({"pulls_in": {9: ("finance",)}}, "pulls_in"),
        ({"pulls_in": {1: ("boss",)}}, "pulls_in.1"),
        ({"alert_severities": {"critical": 7}}, "alert_severities.critical"),
        ({"matrix": {}}, "matrix.low.low"),
        ({"targets": {**STANDARD.targets, "low": 0}}, "targets.low"),
        ({"targets": {**STANDARD.targets, "critical": 100}}, "targets"),
    ],
)
def test_what_cannot_hold_is_refused_with_its_field(wrong, field):
    refusals = check(replace(STANDARD, **wrong), questions=NUMBERS)
    assert refusals
    assert refusals[0].field == field
    assert refusals[0].sentence.endswith(".")


@given(st.fixed_dictionaries({str(i): st.fixed_dictionaries({str(u): LEVEL for u in LEVELS}) for i in LEVELS}))
def test_a_matrix_that_may_hold_has_no_gap_and_never_falls(matrix):
    rules = replace(STANDARD, matrix=matrix)
    if check(rules, questions=NUMBERS):
        return
    steps = [[LEVELS.index(rules.priorities[i][u]) for u in LEVELS] for i in LEVELS]
    assert all(row == sorted(row) for row in steps)
    assert all(list(column) == sorted(column) for column in zip(*steps, strict=True))


def test_words_are_compared_without_case_and_spaces():
    assert STANDARD.severity_of(" Critical ") == 2
    assert STANDARD.severity_of("none") is None
    assert STANDARD.lost_after("Payment card") is not None
    assert STANDARD.lost_after("weather") is None
    assert not STANDARD.production(" Staging")
    assert STANDARD.target(Level.CRITICAL).total_seconds() == 7200
