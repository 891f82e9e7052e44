"""Severity from the alert's word and reach, priority from the matrix; gaps in an own matrix are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.severity import (
    LEVELS,
    MATRIX,
    NO_REACH,
    TARGETS,
    Level,
    Reach,
    Severity,
    check_matrix,
    impact_of,
    major_at,
    priority_of,
    read_matrix,
    rise,
    severity_for,
    urgency_of,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORKFLOW = Reach(tier_one_workflow="Checkout")
SHOP = Reach(customer_facing="Shop")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("critical", Severity.SEV2),
        ("error", Severity.SEV3),
        ("high", Severity.SEV3),
        ("warning", Severity.SEV4),
        ("info", Severity.SEV5),
        (" Critical ", Severity.SEV2),
        ("none", None),
        ("sparkling", Severity.SEV4),
        ("", Severity.SEV4),
    ],
)
def test_an_alerts_word_maps_by_the_table(word, expected):
    assert severity_for(word)[0] == expected


def test_the_reason_says_what_was_guessed():
    assert severity_for("sparkling")[1] == "severity “sparkling” is not in the table, taken as SEV4"
    assert severity_for("none")[1] == "alert severity none opens nothing"


def test_what_is_down_is_sev1_when_a_tier_one_workflow_or_most_customers_hang_on_it():
    assert severity_for("critical", WORKFLOW) == (
        Severity.SEV1,
        "alert severity critical, and the tier-1 workflow Checkout hangs on it",
    )
    severity, reason = severity_for("critical", Reach(customers_hit=6, customers_total=10))
    assert severity == Severity.SEV1
    assert "6 of 10 customers" in reason
    assert severity_for("critical", Reach(customers_hit=5, customers_total=10))[0] == Severity.SEV2
    assert severity_for("warning", WORKFLOW)[0] == Severity.SEV4, "slow is not down"
    assert severity_for("worst", WORKFLOW, table={"worst": Severity.SEV1}) == (Severity.SEV1, "alert severity worst")


def test_the_upward_scale_mirrors_sev():
    assert [(severity.level, severity.major) for severity in Severity] == [
        (5, True),
        (4, True),
        (3, False),
        (2, False),
        (1, False),
    ]


def rises(severity, reach, *, minutes, widened=False, down=True):
    since = NOON if down else None
    return rise(severity, reach, widened=widened, down_since=since, now=NOON + timedelta(minutes=minutes))


def test_a_customer_facing_application_down_for_five_minutes_is_major():
    assert rises(Severity.SEV3, SHOP, minutes=4.9) is None
    assert rises(Severity.SEV3, SHOP, minutes=5) == (Severity.SEV2, "Shop has been down for 5 minutes")
    assert major_at(Severity.SEV3, SHOP, down_since=NOON) == NOON + timedelta(minutes=5)
    assert rises(Severity.SEV3, SHOP, minutes=60, down=False) is None
    assert rises(Severity.SEV3, NO_REACH, minutes=60) is None
    assert rises(Severity.SEV4, SHOP, minutes=60) is None


def test_growing_wide_raises_a_major_incident():
    assert rises(Severity.SEV2, WORKFLOW, minutes=0) is None
    found = rises(Severity.SEV2, WORKFLOW, minutes=0, widened=True)
    assert found == (Severity.SEV1, "the service is down, and the tier-1 workflow Checkout hangs on it")
    assert rises(Severity.SEV1, WORKFLOW, minutes=0, widened=True) is None


@given(st.sampled_from(list(Severity)), st.builds(Reach), st.integers(0, 600), st.booleans())
def test_severity_never_falls_by_itself(severity, reach, minutes, widened):
    found = rises(severity, reach, minutes=minutes, widened=widened)
    assert found is None or found[0] < severity


def own_matrix() -> dict[str, dict[str, str]]:
    """The default matrix as an organisation would write it."""
    return {str(impact): {str(urgency): str(cell) for urgency, cell in row.items()} for impact, row in MATRIX.items()}


def test_priority_by_the_default_matrix():
    rows = {
        "low": "low low medium medium",
        "medium": "low medium medium high",
        "high": "medium medium high critical",
        "critical": "medium high critical critical",
    }
    for impact, row in rows.items():
        for urgency, expected in zip(LEVELS, row.split(), strict=True):
            assert priority_of(Level(impact), urgency) == expected
    assert check_matrix(own_matrix()) == ()
    assert read_matrix(own_matrix()) == MATRIX
    assert [TARGETS[level] for level in LEVELS] == [timedelta(hours=hours) for hours in (72, 12, 6, 2)]
    assert (impact_of(Severity.SEV1), urgency_of(Severity.SEV1)) == (Level.CRITICAL, Level.CRITICAL)


def test_a_matrix_with_gaps_unknown_words_or_falling_priorities_is_refused_at_the_cell():
    rows = own_matrix()
    del rows[Level.HIGH][Level.LOW]
    rows[Level.LOW][Level.LOW] = "urgent"
    rows["huge"] = {}
    assert {refusal.field for refusal in check_matrix(rows)} == {"matrix", "matrix.high.low", "matrix.low.low"}
    falling = own_matrix()
    falling[Level.CRITICAL][Level.CRITICAL] = Level.LOW
    assert {r.field for r in check_matrix(falling)} == {"matrix.critical.critical"}
    assert len(check_matrix(falling)) == 2
