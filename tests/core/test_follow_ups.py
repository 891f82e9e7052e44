"""Contract matters: minutes counted once, credits read where terms are plain, two people, bytes as approved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import follow_ups as rules
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import IncidentDeclared, IncidentReopened, IncidentResolved
from antiphon.core.follow_ups import FollowUp, FollowUpState
from antiphon.core.follow_ups.figures import Span, Terms, credit, disturbed, reckon, union
from antiphon.core.follow_ups.words import words

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TERMS = Terms(uid="c", name="Bo on checkout", customer="Bo Corp", service="Checkout", resolution_minutes=60)
ANN = Actor(kind="person", uid="ann", role="responder")
LEA = Actor(kind="person", uid="lea", role="communicator")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def span(began: float, ended: float, source: str = "#1") -> Span:
    return Span(began=at(began), ended=at(ended), source=source)


def prepared(*, body: str = "") -> FollowUp:
    figures = reckon(replace(TERMS, credits="10 %"), [span(0, 100)], ())
    assert figures is not None
    made = rules.prepare("f", TERMS, figures, number=1, zone="UTC", support="", now=at(100)).state
    return replace(made, body=body) if body else made


def refused(answer: object) -> str:
    assert isinstance(answer, Refusal)
    return answer.sentence


def after(answer: Decision[FollowUp] | Refusal) -> FollowUp:
    assert isinstance(answer, Decision)
    return answer.state


spans = st.lists(
    st.tuples(st.integers(-50_000, 5_000), st.integers(0, 3_000)).map(lambda pair: span(pair[0], sum(pair))), max_size=8
)


@given(spans, spans)
def test_a_minute_counts_once_and_more_spans_never_count_less(some: list[Span], more: list[Span]):
    whole = sum((each.ended - each.began for each in some), timedelta())
    assert union(some) <= whole
    assert union([*some, *more]) >= max(union(some), union(more))
    assert union([*some, *some]) == union(some)
    assert union(some, since=at(-100), until=at(100)) <= timedelta(minutes=200)


@given(spans, st.integers(1, 3_000), st.integers(0, 3_000))
def test_what_is_used_is_what_was_before_and_what_this_added(others: list[Span], lasted: int, allowed: int):
    terms = replace(TERMS, resolution_minutes=None, downtime_minutes=allowed)
    found = reckon(terms, [span(0, lasted)], others)
    assert found is not None
    (limit,) = found.limits
    assert 0 <= limit.before <= limit.took <= limit.before + found.down
    assert found.breached == (limit.took > allowed)


def test_downtime_before_the_month_does_not_count():
    terms = replace(TERMS, resolution_minutes=None, downtime_minutes=60)
    found = reckon(terms, [span(0, 30)], [span(-60 * 24 * 25, -60 * 24 * 24), span(-60, -40, "#9")])
    assert found is not None
    assert (found.limits[0].before, found.limits[0].took) == (20.0, 50.0)
    assert "#9, #1" in found.limits[0].how


def test_a_contract_that_sets_no_limit_has_no_figures():
    assert reckon(replace(TERMS, resolution_minutes=None), [span(0, 9)], ()) is None
    assert reckon(TERMS, (), ()) is None


def test_reopenings_are_counted_apart():
    declared = IncidentDeclared(
        title="x", incident_type="disruption", area="", severity=2, impact="high", urgency="high", priority="high",
        nature="real", detected_at=at(0), detected_by="", entities=(), reason="",
    )  # fmt: skip
    over, again = IncidentResolved(how="", verified=""), IncidentReopened(reason="")
    record = [(at(5), declared), (at(30), over), (at(40), again), (at(60), over)]
    found = disturbed(record, number=1, resolved_at=at(60))
    assert union(found) == timedelta(minutes=50)
    assert disturbed(record[:3], number=1, resolved_at=None) == found[:1]
    assert disturbed(record[:3], number=1, resolved_at=at(60)) == found


@pytest.mark.parametrize(
    ("terms", "over", "share"),
    [
        ("5 % per 30 minutes", 95, "15 %"),
        ("10% of the monthly fee for each started hour, at most 50 %", 61, "20 %"),
        ("10% of the monthly fee for each started hour, at most 50 %", 600, "50 %"),
        ("2,5 % of the fee per hour", 130, "5 %"),
        ("10 %", 1, "10 %"),
        ("10 per cent of the monthly fee.", 1, "10 %"),
        ("5 % per 0 minutes", 10, ""),
        ("See section 4 of the agreement", 10, ""),
        ("", 10, ""),
        ("10 %", 0, ""),
    ],
)
def test_credits_are_read_where_the_terms_say_them_in_figures(terms: str, over: float, share: str):
    assert credit(terms, over)[0] == share


@given(st.text(max_size=200), st.floats(0, 1e6))
def test_no_terms_break_the_reading_or_give_more_than_everything(terms: str, over: float):
    share, how = credit(terms, over)
    assert bool(share) == bool(how)
    assert not share or 0 <= float(share.removesuffix(" %")) <= 999


def test_it_is_sent_by_another_than_who_approved_it_and_only_when_it_is_over():
    draft = prepared()
    yes = after(rules.approve(draft, draft.digest, named=(), kind="four eyes", actor=ANN, now=at(101)))
    assert "active" in refused(rules.send(yes, resolved=False, recipients=1, actor=LEA, now=at(102)))
    admin = Actor(kind="person", uid="ann", role="admin")
    assert "You approved" in refused(rules.send(yes, resolved=True, recipients=1, actor=admin, now=at(102)))
    assert "Nobody at Bo Corp" in refused(rules.send(yes, resolved=True, recipients=0, actor=LEA, now=at(102)))
    assert refused(rules.send(draft, resolved=True, recipients=1, actor=LEA, now=at(102)))
    sent = after(rules.send(yes, resolved=True, recipients=1, actor=LEA, now=at(102)))
    assert sent.state is FollowUpState.SENT
    assert refused(rules.waive(sent, "late", now=at(103)))
    assert refused(rules.edit(sent, "a", "b", actor=LEA, now=at(103)))


@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_I25_one_changed_byte_voids_the_approval(more: str):
    draft = prepared()
    yes = after(rules.approve(draft, draft.digest, named={"ann"}, kind="legal", actor=ANN, now=at(101)))
    edited = after(rules.edit(yes, yes.subject, yes.body + more, actor=LEA, now=at(102)))
    assert edited.approval is None
    assert after(rules.edit(yes, yes.subject, yes.body, actor=LEA, now=at(102))) == yes


def test_who_may_not_approve_is_told_why():
    draft = prepared()
    viewer, token = Actor(kind="person", uid="vic", role="viewer"), Actor(kind="token", uid="t", role="admin")

    def asked(actor: Actor, *, digest: str = draft.digest, named: tuple[str, ...] = (), of: FollowUp = draft) -> str:
        return refused(rules.approve(of, digest, named=named, kind="legal", actor=actor, now=at(101)))

    assert asked(viewer)
    assert "person" in asked(token)
    assert "legal" in asked(ANN, named=("ben",))
    assert "changed" in asked(ANN, digest="other")
    assert "wrote" in asked(ANN, of=replace(draft, author="ann"))
    gap = prepared(body="Yours is [[the credit, by the terms of the contract]].")
    assert "gap" in asked(ANN, digest=gap.digest, of=gap)


@pytest.mark.parametrize(("subject", "body"), [("", "x"), ("a\nb", "x"), ("a", " "), ("a", "x" * 20_001)])
def test_words_that_cannot_be_sent_are_refused(subject: str, body: str):
    assert refused(rules.edit(prepared(), subject, body, actor=LEA, now=at(101)))


def test_back_again_puts_away_what_was_not_sent():
    draft = prepared()
    waived = after(rules.waive(draft, "by phone", now=at(101)))
    assert refused(rules.waive(draft, " ", now=at(101)))
    gone = rules.void_all([draft, waived], reason="open again", now=at(102))
    assert [each.state for each in gone.state] == [FollowUpState.VOID]


def test_the_words_are_in_the_readers_language():
    terms = replace(TERMS, downtime_minutes=40.5, credits="See §4")
    figures = reckon(terms, [span(0, 100)], [span(-90, -80)])
    assert figures is not None
    subject, body = words(terms, figures, number=7, zone="Europe/Berlin", support="+49 30 1", language="de")
    assert subject == "Ihr Vertrag: Checkout, Vorfall #7"
    assert "von 11:00 Uhr MEZ am 20. November 2026 bis 12:40 Uhr" in body
    assert "- Behoben innerhalb von 60 Minuten: Es dauerte 100 Minuten; 40 Minuten mehr als vereinbart." in body
    assert "Höchstens 40,5 Minuten Ausfall im Monat: 110 Minuten in 2026-11, davon 10 vor diesem Vorfall" in body
    assert "eine Gutschrift von [[die Gutschrift nach den Bedingungen des Vertrags]] zu" in body
    assert words(terms, figures, number=7, zone="UTC", support="", language="fr")[0].startswith("Your contract")
    made = rules.prepare("f", terms, figures, number=7, zone="UTC", support="", language="de", now=at(100)).state
    assert "Gutschrift" in refused(rules.approve(made, made.digest, named=(), kind="", actor=ANN, now=at(101)))
    assert made.digest != replace(made, language="en").digest, "what stands around the words is approved with them"
