"""An approval that was enough once is weighed again when the incident becomes worse."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import outgrown
from antiphon.core.approving import Further, Rules
from antiphon.core.audiences import Approval, ApprovalKind, Audience, Moment, Update, Version, digest_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PEOPLE = ("ann", "ben", "lea")
KINDS = (ApprovalKind.TECHNICAL, ApprovalKind.FURTHER, ApprovalKind.BYPASS, ApprovalKind.STANDING)


def yes(by: str, kind: ApprovalKind = ApprovalKind.TECHNICAL) -> Approval:
    return Approval(by=by, at=NOW, digest=digest_of(Audience.BUSINESS, "s", "b"), kind=kind)


def update(*given: Approval, author: str = "ann") -> Update:
    digest = digest_of(Audience.BUSINESS, "s", "b")
    last = given[-1] if given else None
    version = Version(
        audience=Audience.BUSINESS, subject="s", body="b", digest=digest, author=author, given=given, approval=last
    )
    return Update(uid="u", incident="i", moment=Moment.PROGRESS, versions=(version,))


@given(
    given_yes=st.lists(st.builds(yes, st.sampled_from(PEOPLE), st.sampled_from(KINDS)), max_size=3),
    author=st.sampled_from(("", *PEOPLE)),
    severity=st.integers(1, 5),
    people=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
    legal=st.booleans(),
)
def test_weighing_only_takes_away_and_a_second_time_changes_nothing(
    given_yes: list[Approval], author: str, severity: int, people: frozenset[str], legal: bool
) -> None:
    rules = Rules(further=Further(people=people))
    before = update(*given_yes, author=author)
    once = outgrown.weigh(before, severity=severity, rules=rules, legal=legal)
    (old,), (new,) = before.versions, once.state.versions
    assert set(new.given) <= set(old.given)
    assert replace(new, given=(), approval=None) == replace(old, given=(), approval=None)
    assert bool(once.events) == (old.approval is not None and new.approval is None)
    again = outgrown.weigh(once.state, severity=severity, rules=rules, legal=legal)
    assert (again.state, again.events) == (once.state, ())
    if new.approval and new.approval.kind is ApprovalKind.TECHNICAL and severity <= rules.four_eyes_up_to:
        assert any(each.by != author for each in new.given)


def test_what_two_people_let_go_and_what_is_sent_stays() -> None:
    for kept in (update(yes("ann", ApprovalKind.BYPASS)), update(yes("ann", ApprovalKind.STANDING))):
        assert outgrown.weigh(kept, severity=1, rules=Rules(), legal=True).state is kept


def test_the_yes_of_another_stays_when_a_further_one_is_needed() -> None:
    rules = Rules(further=Further(people=frozenset({"lea"})))
    decision = outgrown.weigh(update(yes("ben")), severity=4, rules=rules, legal=True)
    (version,) = decision.state.versions
    assert (version.approval, [each.by for each in version.given]) == (None, ["ben"])
    assert decision.events[0].sentence().endswith("it needs the legal approval now")
