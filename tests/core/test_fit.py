"""Over- and under-escalation, by definition."""

from datetime import timedelta

import pytest

from antiphon.core.fit import DEFINITIONS, LATE, Fit, fit

SOON, LATER = timedelta(minutes=1), LATE + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("needed", "opened_after", "by_person", "expected"),
    [
        ("", SOON, False, "unsaid"),
        ("yes", SOON, False, "right"),
        ("yes", LATE, False, "right"),
        ("no", None, False, "right"),
        ("no", SOON, False, "over"),
        ("no", SOON, True, "over"),
        ("yes", None, False, "under"),
        ("yes", LATER, False, "under"),
        ("yes", SOON, True, "under"),
    ],
)
def test_each_is_one_of_four(needed, opened_after, by_person, expected):
    assert fit(needed, opened_after=opened_after, by_person=by_person)[0] == expected
    assert set(DEFINITIONS) == set(Fit)
