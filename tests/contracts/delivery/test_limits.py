"""Limits from the organisation's settings, and the breaker's window."""

from datetime import timedelta

import pytest

from antiphon.core.limits import Limits
from antiphon.delivery.limits import Breaker
from tests.contracts.delivery.house import NOON


def test_named_limits_hold_and_the_usual_ones_stay():
    limits = Limits.of({"limits": {"per_person": {"mail": 7}, "instance": 9}})
    assert (limits.for_person("mail"), limits.for_person("sms"), limits.instance) == (7, 5, 9)
    assert limits.for_person("pigeon") == 30
    assert limits.recipient == Limits().recipient


@pytest.mark.parametrize("wrong", ["many", {"per_person": "few"}, {"instance": None}, 3])
def test_limits_that_cannot_be_read_never_stop_the_paging(wrong: object):
    assert Limits.of({"limits": wrong}) == Limits()


def test_I23_a_breaker_opens_once_and_closes_when_its_window_moved_on():
    breaker = Breaker()
    for second in range(3):
        assert breaker.admits("ann", 3, now=NOON + timedelta(seconds=second))
        breaker.count("ann", now=NOON + timedelta(seconds=second))
    later = NOON + timedelta(minutes=5)
    assert not breaker.admits("ann", 3, now=later - timedelta(seconds=1))
    assert [breaker.opens("ann"), breaker.opens("ann")] == [True, False]
    assert breaker.admits("ben", 3, now=NOON)
    assert breaker.admits("ann", 3, now=later)
    assert breaker.opens("ann")
