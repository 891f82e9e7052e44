"""Words by language and by channel: which template is taken, what an approval is of, what an SMS holds."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audiences import Approval, ApprovalKind, Audience, Mark, Moment, Translation, Version
from antiphon.core.channel_words import LONGEST, SEGMENTS, counted, fitted, segments, too_long, unfit
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.facts import correct, leaks, record
from antiphon.core.languages import LANGUAGES, greeting, spoken
from antiphon.core.lint import lint_channel
from antiphon.core.markup import bodies
from antiphon.core.sending import CHANNELS, OutsideText, digest_of
from antiphon.core.times import read
from antiphon.core.variables import said_at
from antiphon.core.wording import candidates, choose, render, render_for, reseal, seal, seal_translations
from antiphon.messages import shipped
from tests.core.telling import EVERY_AUDIENCE, NEXT, NOW, about, facts, loose

BUSINESS = Audience.BUSINESS
AREAS = st.sampled_from(["", "payments", "database"])
KINDS = st.sampled_from(["", *CHANNELS])
TYPES = st.sampled_from(["", *INCIDENT_TYPES])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
SAID = st.dictionaries(st.sampled_from(CHANNELS), WORDS, max_size=4)


@given(TYPES, AREAS, KINDS, st.sets(st.tuples(TYPES, AREAS, KINDS)))
def test_the_most_particular_template_of_the_channel_is_taken_and_never_another_channels(kind, area, channel, there):
    templates = {
        name: name
        for each_kind, each_area, each_channel in there
        if (name := candidates("progress", each_kind, each_area, channel=each_channel)[0])
    }
    found = choose(templates, "progress", kind, area, channel=channel)
    names = candidates("progress", kind, area, channel=channel)
    assert found == next((name for name in names if name in templates), None)
    assert found is None or found.partition("@")[2] == channel
    lengths = [name.partition("@")[0].count(".") for name in names]
    assert lengths == sorted(lengths, reverse=True)


def version(**changes):
    whole = Version(
        audience=BUSINESS,
        subject="Payments may fail",
        body="Payments may fail.",
        digest="",
        channels={"sms": "Payments may fail."},
        translations={"de": Translation(subject="Zahlungen", body="Zahlungen scheitern.", channels={"sms": "Kurz."})},
    )
    whole = replace(whole, **changes)
    approval = Approval(by="ben", at=NOW, digest=whole.digest_now, kind=ApprovalKind.TECHNICAL)
    return replace(whole, digest=whole.digest_now, approval=approval)


@given(SAID, SAID, SAID, SAID)
def test_an_approval_is_of_every_byte_of_every_channel_and_language(own, other, changed_own, changed_other):
    translation = Translation(subject="Zahlungen", body="Zahlungen scheitern.", channels=other)
    approved = version(channels=own, translations={"de": translation})
    changed = replace(approved, channels=changed_own, translations={"de": replace(translation, channels=changed_other)})
    assert changed.approved == (own == changed_own and other == changed_other)
    for less in (replace(approved, translations={}), replace(approved, translations={"fr": translation})):
        assert not less.approved
    if own != other:
        swapped = replace(approved, channels=other, translations={"de": replace(translation, channels=own)})
        assert not swapped.approved


def test_words_without_channels_or_languages_keep_the_digest_they_had():
    plain = version(channels={}, translations={})
    assert plain.digests() == {"en": plain.digest}
    text, html = bodies(audience="business", body=plain.body)
    assert plain.digest == digest_of(audience="business", subject=plain.subject, body_text=text, body_html=html)


def test_each_language_leaves_with_its_own_bytes_and_is_known_again():
    whole = version()
    own, others = loose(seal)(whole, facts()), seal_translations(whole, facts())
    assert {"en": own.digest, "de": others["de"].digest} == whole.digests()
    assert "[[unsubscribe_url]]" in others["de"].body_text
    assert "Stop these messages" not in others["de"].body_html
    known = {"audience": "business", "subject": own.subject, "body_text": own.body_text, "body_html": own.body_html}
    again = loose(reseal)(**known, digest=own.digest, channels=own.channels)
    assert isinstance(again, OutsideText)
    assert loose(reseal)(**known, digest=own.digest).field == "digest"
    assert loose(reseal)(**known, digest=own.digest, channels={"sms": "Payments fail."}).field == "digest"


def test_a_language_that_is_not_fit_stays_and_the_others_go():
    wrong = Translation(subject="x", body="[[fehlt]]", channels={})
    whole = version(translations={"de": wrong})
    assert isinstance(seal(whole, facts()), OutsideText)
    assert seal_translations(whole, facts()) == {}
    leaking = version(translations={"de": Translation(subject="x", body="mysql-cluster-03 ist schuld")})
    known = facts(what_happens=("mysql-cluster-03 lost its disk", (Audience.TECHNICAL,)))
    assert seal_translations(leaking, known) == {}
    assert seal_translations(replace(version(), approval=None), facts()) == {}


@pytest.mark.parametrize("words", [{"sms": "Fill [[this]] in"}, {"voice": "mysql-cluster-03 is down"}])
def test_a_channel_with_a_gap_or_a_leak_keeps_the_whole_text_inside(words):
    known = facts(what_happens=("mysql-cluster-03 lost its disk", (Audience.TECHNICAL,)))
    assert loose(seal)(version(channels=words), known).field == "body"


def test_a_fact_in_another_language_is_told_in_it_and_leaks_in_none():
    told = loose(record)(
        (),
        uid="a",
        name="symptoms",
        text="Payments fail",
        source="x",
        translations={"de": "Zahlungen scheitern"},
        now=NOW,
    ).state
    hidden = loose(record)(
        told,
        uid="b",
        name="what_happens",
        text="db-3 is down",
        source="x",
        translations={"de": "Knoten db-77 ist weg"},
        now=NOW,
    ).state
    german = render(
        "Subject: {{ effect }}\n\n{{ symptoms }}", hidden, about(), BUSINESS, zone="UTC", now=NOW, language="de"
    )
    assert german.subject == "Zahlungen scheitern"
    assert leaks("Der Knoten DB-77 fehlt: knoten db-77 ist weg", hidden, BUSINESS)
    assert loose(correct)(told, "a", uid="c", text="Fewer fail", source="x", now=NOW).state[-1].translations == {}
    wrong = {"text": "x", "source": "x", "now": NOW}
    assert loose(record)((), uid="d", name="symptoms", translations={"xx": "?"}, **wrong).field == "translations"
    assert loose(record)((), uid="d", name="symptoms", translations={"de": "ä" * 5_000}, **wrong).field == "text"


@given(st.datetimes(min_value=NOW.replace(tzinfo=None), max_value=NEXT.replace(year=2027, tzinfo=None)))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_every_language_says_times_that_can_be_read_back(language, zone, naive):
    instant = naive.replace(tzinfo=NOW.tzinfo, second=0, microsecond=0)
    readings = read(f"bis {said_at(instant, zone=zone, language=language)}, oder früher", at=NOW, zone=zone)
    assert [reading.at for reading in readings] in ([instant], [None]) or readings[0].assumed


@pytest.mark.parametrize("audience", EVERY_AUDIENCE)
def test_german_has_a_text_wherever_english_has_one(audience):
    assert set(shipped(audience)) == set(shipped(audience, language="de"))


def test_languages_of_readers_and_how_they_are_greeted():
    assert [spoken(each) for each in ("de", "de-CH", "DE", "fr", "")] == ["de", "de", "de", "en", "en"]
    assert spoken("fr", otherwise="de") == "de"
    assert greeting("Bo", language="de") == "Guten Tag Bo,"
    assert greeting("Bo\r\n\r\nPay here: \u202eevil", language="de") == "Guten Tag Bo Pay here: evil,"
    assert greeting("\u202e", language="de") == greeting("", language="de")
    assert greeting(" ", language="en") == "Hello,"


@given(st.text(max_size=700))
def test_an_sms_is_counted_as_carriers_count_it(words):
    plain = fitted("sms", words)
    assert fitted("chat", words) == words
    assert segments(plain) <= segments(words)
    assert segments(words) >= -(-len(words) // 160) or not words
    assert bool(too_long("sms", words)) == (len(words) > LONGEST["sms"] or segments(words) > SEGMENTS)
    assert str(len(words)) in counted("sms", words).replace(",", "")


def test_what_no_channel_can_hold_is_refused():
    assert unfit({"sms": "short"}) is None
    assert unfit({"fax": "x"}) is not None
    assert unfit({"social": "x" * 10_000}) is not None
    assert "segments" in too_long("sms", "✓" * 200)


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_channel_never_says_what_a_letter_may_not(kind):
    known: dict[str, Any] = {"audience": BUSINESS, "severity": 2, "moment": Moment.PROGRESS, "at": NOW}
    good = "Payments may fail. Next update by 14:40 UTC on 21 November 2026."
    assert lint_channel(kind, good, **known) == ()
    for bad in (
        "It will be fixed by 15:00 UTC.",
        "You get a refund.",
        "db-node-03 is down.",
        "[[what]]",
        "It is resolved.",
    ):
        found = lint_channel(kind, f"{good} {bad}", **known)
        assert any(finding.level is Mark.ERROR for finding in found), bad
        assert all((finding.start, finding.end) == (0, 0) for finding in found)


@given(st.text(max_size=400))
def test_reading_a_channel_raises_nothing(words):
    for language in LANGUAGES:
        lint_channel("voice", words, audience=BUSINESS, severity=1, moment=Moment.FIRST_WORD, at=NOW)
        render_for("sms", "{{ effect }}", (), about(), BUSINESS, zone="UTC", now=NOW, language=language)
