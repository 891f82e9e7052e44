"""Pairs for every audience and moment: a text that may go out, and the same with one thing wrong, found."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from antiphon.core.audiences import Audience, Moment
from antiphon.core.lint import Known, Rule, lint
from antiphon.core.lint.rules import OF_SIBLINGS, OF_SUBJECTS

AT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
MOMENTS = (Moment.FIRST_WORD, Moment.PROGRESS, Moment.RESOLUTION, Moment.REVIEW)


@dataclass(frozen=True)
class Pair:
    """A text by audience and moment; a bad one has its rule and the words that the rule must point at."""

    audience: Audience
    moment: Moment
    text: str
    rule: str = ""
    words: str = ""
    known: Known = field(default_factory=Known)

    def __str__(self) -> str:
        return "-".join((self.audience, self.moment, self.rule or "good"))

    def places(self) -> dict[str, list[str]]:
        """The words that each rule points at."""
        found: dict[str, list[str]] = {}
        read = lint(self.text, audience=self.audience, severity=2, moment=self.moment, at=AT, known=self.known)
        for one in read.findings:
            found.setdefault(one.rule, []).append(" ".join(self.text[one.start : one.end].split()))
        return found


def known_of(bad: dict[str, Any]) -> Known:
    at: dict[str, Any] = {
        name: datetime.fromisoformat(bad[name])
        for name in ("detected_at", "resolved_at", "next_update_at")
        if name in bad
    }
    return Known(scope=tuple(bad.get("scope", ())), **at)


def pairs() -> tuple[list[Pair], list[tuple[Pair, Pair]]]:
    good, bad = [], []
    for entry in yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8")):
        audience, moment, text = Audience(entry["audience"]), Moment(entry["moment"]), entry["good"]
        good.append(Pair(audience, moment, text))
        for each in entry["bad"]:
            words = re.compile(r"\s+".join(map(re.escape, re.split(r" +", each["of"]))))
            assert len(words.findall(text)) == 1, (audience, moment, each)
            worse = words.sub(each["say"].replace("\\", r"\\"), text)
            known = known_of(each)
            twin = Pair(audience, moment, text, each["rule"], known=known)
            bad.append((twin, Pair(audience, moment, worse, each["rule"], each.get("at", ""), known)))
    return good, bad


GOOD, BAD = pairs()


@pytest.mark.parametrize("pair", GOOD, ids=str)
def test_a_good_text_has_no_error_and_little_to_look_at_again(pair: Pair):
    found = lint(pair.text, audience=pair.audience, severity=2, moment=pair.moment, at=AT)
    assert found.errors == ()
    assert {one.rule for one in found.findings} <= {"missing_status_page", "not_utc", "money"}


@pytest.mark.parametrize(("good", "bad"), BAD, ids=str)
def test_a_bad_text_is_caught_by_its_rule_at_its_words(good: Pair, bad: Pair):
    assert bad.rule not in good.places()
    assert bad.words in bad.places().get(bad.rule, ["nothing was found"])


def test_every_audience_has_a_pair_for_every_moment():
    assert {(pair.audience, pair.moment) for pair in GOOD} == {(who, when) for who in Audience for when in MOMENTS}
    assert {(pair.audience, pair.moment) for _, pair in BAD} == {(pair.audience, pair.moment) for pair in GOOD}


def test_every_rule_of_texts_has_a_bad_text():
    shown_elsewhere = {Rule.TOO_LONG, Rule.HIDDEN_FACT, Rule.MISSING_STATUS_PAGE, Rule.MISSING_SUPPORT}
    assert {bad.rule for _, bad in BAD} | shown_elsewhere | OF_SUBJECTS | OF_SIBLINGS == set(Rule)
