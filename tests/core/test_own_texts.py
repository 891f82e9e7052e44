"""The organisation's own templates: what is wrong with one is said with its line, before anything is saved."""

import re
from dataclasses import replace

import pytest

from antiphon import messages
from antiphon.core.audiences import Audience, Moment
from antiphon.core.decision import Refusal
from antiphon.core.languages import LANGUAGES
from antiphon.core.own_texts import AUDIENCES, Name, check, named
from tests.core.telling import NOW

BUSINESS = Audience.BUSINESS
GOOD = messages.shipped("business")["first_word"]
SQUARE = "{% for i in (1..150) %}{% for j in (1..150) %}x{% endfor %}{% endfor %}"
SHIPPED = [
    (language, audience, name)
    for language in LANGUAGES
    for audience in AUDIENCES
    for name in messages.shipped(audience, language=language)
    if not name.startswith("holding")
]
FIRST_WORD = Name(audience=BUSINESS, moment=Moment.FIRST_WORD)


@pytest.mark.parametrize(("language", "audience", "name"), SHIPPED, ids=str)
def test_every_shipped_text_could_be_saved(language, audience, name):
    known = named(audience, name)
    assert not isinstance(known, Refusal)
    assert check(messages.shipped(audience, language=language)[name], known, now=NOW, language=language) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_shipped_text_takes_what_may_be_several_for_one(language):
    after_a_list = re.compile(r"\{\{ (?:products|services) \}\} (?:is|does|has|was|works|needs|ist|hat|funktioniert)\b")
    texts = [text for audience in AUDIENCES for text in messages.shipped(audience, language=language).values()]
    assert texts
    assert [found[0] for text in texts if (found := after_a_list.search(text))] == []


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
    problems = check(template, FIRST_WORD, now=NOW)
    assert problems
    fitting = [problem for problem in problems if says in problem.message]
    assert fitting, problems
    assert line is None or line in {problem.line for problem in fitting}


@pytest.mark.parametrize(
    ("audience", "name"),
    [
        ("responders", "page"), ("nobody", "first_word"), ("business", "holding"), ("business", "first_word.fire"),
        ("business", "first_word.security.a.b"), ("business", "first_word.security.../x"), ("business", ""),
        ("business", "first_word@"), ("business", "first_word@fax"), ("business", "@sms"),
        ("business", "first_word@sms@sms"),
    ],
)  # fmt: skip
def test_names_that_no_template_has(audience, name):
    assert isinstance(named(audience, name), Refusal)


def test_a_template_for_a_type_and_an_area():
    assert named("business", "progress.security.data-base_2@sms") == Name(
        audience=BUSINESS, moment=Moment.PROGRESS, incident_type="security", area="data-base_2", channel="sms"
    )


@pytest.mark.parametrize(
    ("channel", "text", "says"),
    [
        ("sms", "Payments fail. " * 30 + "Next update by {{ next_update }}.", "segments"),
        ("sms", "Zahlungen „scheitern“ ✓ " * 8 + "Next update by {{ next_update }}.", "plainer"),
        ("social", "Payments may fail. " * 15 + "Next update by {{ next_update }}.", "more than 280"),
        ("social", "Payments may fail. We will be back soon, by 15:00 UTC.", "next update"),
        ("chat", "Payments fail on {{ hypothesis }}. Next update by {{ next_update }}.", "not for business"),
        ("voice", "We promise that it is fixed by 15:00 UTC. Next update by {{ next_update }}.", "promises"),
        ("sms", GOOD, "no subject"),
        ("sms", "  ", "Nothing is left"),
    ],
)  # fmt: skip
def test_what_a_channel_cannot_say_is_refused_when_it_is_saved(channel, text, says):
    problems = check(text, replace(FIRST_WORD, channel=channel), now=NOW)
    assert any(says in problem.message for problem in problems), problems


def test_a_script_may_tell_its_reader_what_not_to_say():
    text = "We are at work on it. Next update by {{ next_update }}.\n\n**Do not say:** that we pay a refund of 5 EUR."
    voice = replace(FIRST_WORD, channel="voice")
    assert check(text, voice, now=NOW) == ()
    assert check(text.replace("**Do not say:**", "Also:"), voice, now=NOW)


def test_a_german_text_is_read_as_german():
    good = messages.shipped("business", language="de")["first_word"]
    assert check(good, FIRST_WORD, now=NOW, language="de") == ()
    assert check(good.replace("bis {{ next", "bald, nicht um {{ no_next"), FIRST_WORD, now=NOW, language="de")
    for wrong in ("Sie erhalten eine Gutschrift.", "Die Störung ist behoben.", "Bis 15 Uhr wird alles behoben."):
        assert check(f"{good}\n\n{wrong}", FIRST_WORD, now=NOW, language="de"), wrong
