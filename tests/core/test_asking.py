"""An approval cannot get stuck: it has a deadline before the promise, and somebody hears when that passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.approving import Further, Pace, Rules, check
from antiphon.core.asking import (
    LINE,
    SHORTEST,
    Next,
    Wait,
    WaitState,
    ask,
    awaited,
    deadline,
    may_say_yes,
    send_back,
    step,
    whom,
)
from antiphon.core.audiences import Audience, Finding, Mark, Moment, Text, Update
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.events import ApprovalAsked, ApprovalOverdue
from antiphon.core.updates import approve, draft, edit

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PACE = Pace()


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def person(uid: str, role: str = "responder", *held: str) -> Actor:
    return Actor(kind="person", uid=uid, role=role, incident_roles=frozenset(held))


def update(*audiences: Audience, author: str = "lea", findings: tuple[Finding, ...] = ()) -> Update:
    texts = {each: Text(subject="Payments fail", body=f"For {each}.", findings=findings) for each in audiences}
    made = draft(
        uid="u1",
        incident="i1",
        moment=Moment.PROGRESS,
        texts=texts,
        next_update_at=NOON + minutes(60),
        author=author,
        now=NOON,
    )
    assert isinstance(made, Decision)
    return made.state


def asked(known: Update, people: tuple[str, ...] = ("ann",), *, promised: float | None = 40, severity: int = 2) -> Wait:
    at = None if promised is None else NOON + minutes(promised)
    found = ask(known, None, people=people, promised=at, severity=severity, pace=PACE, now=NOON)
    assert isinstance(found, Decision)
    return found.state


@given(
    promised=st.integers(-600, 6000), severity=st.integers(1, 5), share=st.integers(10, 90), most=st.integers(1, 240)
)
def test_the_deadline_leaves_room_to_keep_the_promise(promised: int, severity: int, share: int, most: int) -> None:
    pace = Pace(share=share, minutes_at_sev1=most)
    at = deadline(promised=NOON + timedelta(seconds=promised), severity=severity, pace=pace, now=NOON)
    assert at >= NOON + SHORTEST
    if promised > 60:
        assert at < NOON + timedelta(seconds=promised)
    if severity == 1:
        assert at <= NOON + minutes(most)


def test_without_a_promise_it_is_a_fixed_time() -> None:
    assert deadline(promised=None, severity=3, pace=PACE, now=NOON) == NOON + minutes(15)


@given(commander=st.booleans(), gaps=st.lists(st.integers(0, 3600), max_size=8))
def test_each_in_line_is_told_once_and_never_before_the_deadline(commander: bool, gaps: list[int]) -> None:
    known, now, told = update(Audience.BUSINESS), NOON, []
    wait = asked(known)
    for gap in gaps:
        now += timedelta(seconds=gap)
        for _ in range(2):  # a second engine, or the same after a crash
            wake = wait.wake_at
            found = step(wait, known, commander=commander, promised=None, severity=2, pace=PACE, now=now)
            if found.tell:
                assert wake is not None
                assert wake <= now
                told.append(found.tell)
            wait = found.state
    assert told == [each for each in LINE if commander or each is not Next.COMMANDER][: len(told)]


def test_a_step_ends_the_wait_once_everything_is_approved() -> None:
    known = update(Audience.BUSINESS)
    wait = asked(known)
    digest = known.versions[0].digest
    said = approve(known, Audience.BUSINESS, digest, findings=(), severity=2, actor=person("ann"), now=NOON)
    assert isinstance(said, Decision)
    found = step(wait, said.state, commander=True, promised=None, severity=2, pace=PACE, now=wait.due_at)
    assert (found.tell, found.events, found.state.state) == (None, (), WaitState.OVER)
    assert found.state.wake_at is None


def test_who_can_answer_is_asked_and_nobody_else() -> None:
    texts = update(Audience.BUSINESS, Audience.PUBLIC, author="ann").versions
    people = [person("ann"), person("ben"), person("cem"), person("lea", "communicator"), person("eve", "viewer")]
    known = {"severity": 2, "rules": Rules(), "legal": False}
    assert set(whom(texts, people, {"ben", "lea"}, **known)) == {"ben"}, "those at work, when they may"  # type: ignore[arg-type]
    assert set(whom(texts, people, {"lea"}, **known)) == {"ben", "cem"}, "else all who may; never the author"  # type: ignore[arg-type]
    mild = known | {"severity": 5}
    assert set(whom(texts, people, {"ann"}, **mild)) == {"ann"}, "no four eyes there"  # type: ignore[arg-type]


def test_somebody_named_for_it_is_asked_beside_the_technical_person() -> None:
    texts = update(Audience.BUSINESS).versions
    rules = Rules(further=Further(people=frozenset({"lena"})))
    people = [person("ann"), person("lena", "communicator"), person("max", "communicator")]
    asked_of = whom(texts, people, {"ann"}, severity=2, rules=rules, legal=True)
    assert set(asked_of) == {"ann", "lena"}
    assert set(whom(texts, people, {"ann"}, severity=2, rules=rules, legal=False)) == {"ann"}


@given(
    role=st.sampled_from(["admin", "responder", "communicator", "viewer"]),
    held=st.sampled_from(["", "technical lead", "incident commander", "scribe", "communications officer"]),
    severity=st.integers(1, 5),
    wrote=st.booleans(),
    named=st.booleans(),
    legal=st.booleans(),
)
def test_asking_and_approving_agree(role: str, held: str, severity: int, wrote: bool, named: bool, legal: bool) -> None:
    rules = Rules(further=Further(people=frozenset({"ann"} if named else {"zoe"})))
    known = update(Audience.BUSINESS, author="ann" if wrote else "lea")
    actor = person("ann", role, *([held] if held else []))
    version = known.versions[0]
    may = may_say_yes(version, actor, severity=severity, rules=rules, legal=legal)
    digest = version.digest
    said = approve(
        known,
        Audience.BUSINESS,
        digest,
        findings=(),
        severity=severity,
        rules=rules,
        legal=legal,
        actor=actor,
        now=NOON,
    )
    assert may == (isinstance(said, Decision) and any(each.by == "ann" for each in said.state.versions[0].given))


def test_asking_again_keeps_the_deadline_and_asks_only_who_was_not_asked() -> None:
    known = update(Audience.BUSINESS)
    wait = asked(known)
    later = NOON + minutes(5)
    again = ask(known, wait, people=(), promised=None, severity=2, pace=PACE, now=later)
    assert again == Decision(wait)
    more = ask(known, wait, people=("ben",), promised=None, severity=2, pace=PACE, now=later)
    assert isinstance(more, Decision)
    assert more.state == wait
    assert isinstance(more.events[0], ApprovalAsked)


def test_when_nobody_may_say_yes_the_next_in_line_hears_at_once() -> None:
    known = update(Audience.BUSINESS)
    wait = asked(known, people=())
    found = step(wait, known, commander=False, promised=None, severity=2, pace=PACE, now=NOON)
    assert found.tell is Next.BUSINESS
    assert isinstance(found.events[0], ApprovalOverdue)


def test_a_text_with_faults_is_mended_first_and_an_approved_one_is_not_asked_about() -> None:
    gap = Finding("gap", "Fill this in.", 0, 3, Mark.ERROR)
    flawed = update(Audience.BUSINESS, findings=(gap,))
    refusal = ask(flawed, None, people=("ann",), promised=None, severity=2, pace=PACE, now=NOON)
    assert isinstance(refusal, Refusal)
    assert "Mend what is marked" in refusal.sentence
    inside = update(Audience.INTERNAL)
    assert awaited(inside) == ()
    assert isinstance(ask(inside, None, people=("ann",), promised=None, severity=2, pace=PACE, now=NOON), Refusal)


def test_what_is_sent_back_waits_for_its_author_and_can_be_put_again() -> None:
    known = update(Audience.BUSINESS)
    wait = asked(known)
    assert isinstance(send_back(wait, known, note="  ", actor=person("ann"), now=NOON), Refusal)
    assert isinstance(send_back(wait, known, note="x" * 2000, actor=person("ann"), now=NOON), Refusal)
    back = send_back(wait, known, note="Name\nthe region.", actor=person("ann"), now=NOON)
    assert isinstance(back, Decision)
    assert (back.state.state, back.state.note, back.state.wake_at) == (WaitState.RETURNED, "Name the region.", None)
    text = Text(subject="Payments fail in Europe", body="For business.")
    mended = edit(known, Audience.BUSINESS, text, actor=person("lea", "communicator"), now=NOON)
    assert isinstance(mended, Decision)
    again = ask(mended.state, back.state, people=("ann",), promised=None, severity=2, pace=PACE, now=NOON + minutes(9))
    assert isinstance(again, Decision)
    assert again.state.state is WaitState.WAITING
    assert again.state.asked_at == NOON + minutes(9)


def test_a_pace_that_nobody_could_keep_is_refused() -> None:
    for wrong in (Pace(share=0), Pace(share=100), Pace(minutes=0), Pace(minutes_at_sev1=1000)):
        assert isinstance(check(replace(Rules(), pace=wrong)), Refusal)
    assert check(Rules()) is None
