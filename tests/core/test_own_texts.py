"""The organisation's own templates: what is wrong with one is said with its line, before anything is saved."""

import pytest

from antiphon import messages
from antiphon.core.audiences import Audience, Moment
from antiphon.core.decision import Refusal
from antiphon.core.own_texts import AUDIENCES, check, named
from tests.core.telling import NOW

BUSINESS = Audience.BUSINESS
GOOD = messages.shipped("business")["first_word"]
SQUARE = "{% for i in (1..150) %}{% for j in (1..150) %}x{% endfor %}{% endfor %}"
SHIPPED = [(a, n) for a in AUDIENCES for n in messages.shipped(a) if not n.startswith("holding")]


@pytest.mark.parametrize(("audience", "name"), SHIPPED, ids=str)
def test_every_shipped_text_could_be_saved(audience, name):
    known = named(audience, name)
    assert not isinstance(known, Refusal)
    assert check(messages.shipped(audience)[name], *known, now=NOW) == ()


@pytest.mark.parametrize(
    ("template", "line", "says"),
    [
        (GOOD + "\n{{ hypothesis }}", GOOD.count("\n") + 2, "not for business"),
        (GOOD + "\n\n{{ no_such }}", GOOD.count("\n") + 3, "no_such"),
        (GOOD + "{% for i in (1..100000000) %}x{% endfor %}", 1, "limit"),
        (GOOD + "{% if symptoms == nil %}" + SQUARE + "{% endif %}", 1, "limit"),
        (GOOD + "{% if symptoms %}" * 12 + "{% endif %}" * 12, None, "nesting"),
        (GOOD + "x" * 20_000, 1, "more than"),
        (GOOD + "{% include 'secrets' %}", None, "include"),
        (GOOD + "{{ symptoms | reverse_everything }}", None, "filter"),
        ("Service is down. We are investigating.", 1, "Subject"),
        ("Subject: Payments fail\n\nService is down. We are investigating.", None, "In the sample"),
        (GOOD + "\n\nWe will be back by 15:00 UTC, we promise.", GOOD.count("\n") + 3, "In the sample"),
        ("Subject: {% if no %}x{% endif %}\n\nText", 1, "no"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(template, line, says):
    problems = check(template, BUSINESS, Moment.FIRST_WORD, now=NOW)
    assert problems
    fitting = [problem for problem in problems if says in problem.message]
    assert fitting, problems
    assert line is None or line in {problem.line for problem in fitting}


@pytest.mark.parametrize(
    ("audience", "name"),
    [
        ("responders", "page"), ("nobody", "first_word"), ("business", "holding"), ("business", "first_word.fire"),
        ("business", "first_word.security.a.b"), ("business", "first_word.security.../x"), ("business", ""),
    ],
)  # fmt: skip
def test_names_that_no_template_has(audience, name):
    assert isinstance(named(audience, name), Refusal)


def test_a_template_for_a_type_and_an_area():
    assert named("business", "progress.security.data-base_2") == (BUSINESS, Moment.PROGRESS)
