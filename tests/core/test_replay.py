"""Replay equals what live code decided, whatever became known, however late its clocks were."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.classification import STANDARD, Classification
from antiphon.core.events import QuestionsAsked, VerdictReached
from antiphon.core.questions import ask_all
from antiphon.core.questions.inputs import situations
from antiphon.core.questions.replay import Asked, Overruled, replay
from antiphon.core.questions.verdict import Verdict, VerdictDecision, override, weigh
from tests.core.test_verdict import ANN, CONTRACT, DATABASE, FACTS, FRESH, SHOP, STAGING, at, pinned, said, situation

LATE = st.integers(0, 4)
MOVES = st.one_of(
    st.tuples(st.just("facts"), st.integers(0, 30), FACTS, LATE),
    st.tuples(st.just("override"), st.integers(0, 30), st.sampled_from(["technical", "business", "both"]), LATE),
)


class Live:
    """An engine that asks when something is known, and late when only a clock says so."""

    def __init__(self, rules: Classification) -> None:
        self.verdict, self.rules = Verdict(incident="inc"), rules
        self.seen: Any = None
        self.record: list[Any] = []

    def ask(self, seen, minute: float) -> None:
        self.seen = replace(seen, rules=self.rules)
        now = at(minute)
        decision = weigh(self.verdict, self.seen, ask_all(self.seen, now=now), now=now)
        self.verdict = decision.state
        for event in decision.events:
            if isinstance(event, VerdictReached | QuestionsAsked):
                self.record.append((now, event.inputs))

    def clocks(self, minute: float, late: int) -> None:
        while (wake := self.verdict.wake_at) is not None and wake + timedelta(minutes=late) < at(minute):
            self.ask(self.seen, (wake - at(0)) / timedelta(minutes=1) + late)

    def override(self, kind: str, minute: float) -> None:
        decision = override(self.verdict, kind, by=ANN, reason="I know", now=at(minute))
        assert isinstance(decision, VerdictDecision)
        self.verdict = decision.state
        self.record.append(Overruled(at(minute), kind, ANN, "I know"))

    def steps(self):
        seen = situations(each[1] for each in self.record if isinstance(each, tuple))
        return [each if isinstance(each, Overruled) else Asked(each[0], next(seen)) for each in self.record]


def decided(verdict: Verdict):
    """What a verdict comes to; the wording of evidence moves on with the clock."""
    words = [(each.number, each.answer, each.by, each.program) for each in verdict.answers]
    names = ("kind", "override", "reason", "raised_to", "wide", "notified", "heard")
    return words, {name: getattr(verdict, name) for name in names}


@given(st.lists(MOVES, min_size=1, max_size=6), st.integers(0, 200), LATE)
def test_replay_under_the_same_settings_is_what_live_code_decided(moves, rest, late_at_last):
    live, minute = Live(STANDARD), 0
    live.ask(situation(DATABASE, severity=3), 0)
    for kind, wait, what, late in moves:
        minute += wait
        live.clocks(minute, late)
        if kind == "facts":
            live.ask(situation(**what), minute)
        else:
            live.override(what, minute)
    live.clocks(minute + rest, late_at_last)
    steps = live.steps()
    # Clocks that are due and have not been heard yet change nothing that was decided.
    course = replay("inc", steps, until=at(minute + rest))
    assert decided(course.verdict) == decided(live.verdict)
    again = replay("inc", steps, until=at(minute + rest), rules=STANDARD)
    assert again.verdict.kind == course.verdict.kind
    assert (again.business, again.customers, again.public) == (course.business, course.customers, course.public)


def test_a_clock_of_other_settings_asks_in_between():
    live = Live(STANDARD)
    live.ask(situation(DATABASE, contracts=(CONTRACT,)), 0)
    live.clocks(30, 0)
    sooner = Classification(near_share=0.2)
    assert replay("inc", live.steps(), until=at(30)).verdict.kind == "technical"
    assert replay("inc", live.steps(), until=at(30), rules=sooner).verdict.kind == "both"
    assert replay("inc", live.steps(), until=at(5), rules=sooner).verdict.kind == "technical"


def test_an_answer_wanted_sooner_counts_as_yes_sooner():
    live = Live(STANDARD)
    live.ask(situation(affected=("foo",), missing=("foo",), severity=2), 0)
    live.clocks(5, 0)
    assert replay("inc", live.steps(), until=at(5)).verdict.kind == "technical"
    assert replay("inc", live.steps(), until=at(5), rules=Classification(answer_within=3)).verdict.kind == "both"


def test_what_was_no_production_would_have_been():
    live = Live(STANDARD)
    live.ask(situation(STAGING, severity=2), 0)
    course = replay("inc", live.steps(), until=at(9), rules=Classification(not_production=("test",)))
    assert (course.verdict.kind, course.notified, course.public) == ("both", True, True)


def test_an_override_on_record_stands_under_other_settings():
    live = Live(STANDARD)
    live.ask(situation(DATABASE, SHOP), 0)
    live.override("technical", 1)
    assert replay("inc", live.steps(), until=at(9), rules=Classification(percentile=50)).verdict.pinned
    assert pinned(FRESH, "both").state.pinned
    assert said(1, "no").answer == "no"


def test_another_severity_of_the_alerts_word_moves_what_still_stands_on_it():
    live = Live(STANDARD)
    live.ask(situation(affected=("foo",), missing=("foo",), severity=3), 0)
    live.clocks(20, 0)
    worse = Classification(alert_severities={**STANDARD.alert_severities, "error": 2})
    known = {"until": at(20), "rules": worse}
    assert replay("inc", live.steps(), **known).verdict.kind == "technical", "no alert is behind it"
    assert replay("inc", live.steps(), **known, alert="error").verdict.kind == "both"
    assert replay("inc", live.steps(), **known, alert="critical").verdict.kind == "technical", "a person set it"
    nothing = Classification(alert_severities={**STANDARD.alert_severities, "error": None})
    assert replay("inc", live.steps(), until=at(20), rules=nothing, alert="error").verdict.kind == "technical"
