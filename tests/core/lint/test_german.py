"""German texts are looked through for what they leave out, and for saying nothing, as English ones are."""

import time
from datetime import UTC, datetime

import pytest

from antiphon.core.audiences import Audience, Mark, Moment
from antiphon.core.lint import Known, LintResult, lint

AT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
GERMAN = Known(language="de", zone="Europe/Berlin", products=("Kundenportal",))
CLOSE = (
    "Die nächste Meldung kommt bis 15:40 Uhr MEZ, oder früher, wenn sich der Stand ändert. Bis dahin hilft die "
    "Statusseite: https://status.example.com. Support: hilfe@example.com."
)
GOOD = {
    "first_word": (
        "Seit 15:02 Uhr MEZ am 21. November 2026 können Kunden in Europa an der Kasse nicht bezahlen. Wir leiten die "
        f"Zahlungen über einen zweiten Weg um. Sie müssen nichts tun.\n\n{CLOSE}"
    ),
    "progress": (
        "Etwa die Hälfte der Zahlungen kommt jetzt an; die übrigen scheitern weiterhin. Betroffen sind Kunden in "
        f"Europa. Festgestellt wurde der Fehler um 15:02 Uhr MEZ. Bitte versuchen Sie es später erneut.\n\n{CLOSE}"
    ),
    "resolution": (
        "Zahlungen an der Kasse funktionieren seit 14:20 Uhr MEZ wieder für alle Kunden. Festgestellt wurde die "
        "Störung um 13:02 Uhr MEZ. Testzahlungen haben das bestätigt, und wir sehen hin. Fragen: hilfe@example.com."
    ),
}


def read(text: str, moment: str = "progress", audience: Audience = Audience.BUSINESS) -> LintResult:
    return lint(text, audience=audience, severity=2, moment=Moment(moment), at=AT, known=GERMAN)


def rules(found: LintResult, level: Mark = Mark.ERROR) -> set[str]:
    return {str(each.rule) for each in found.findings if each.level is level}


@pytest.mark.parametrize("moment", GOOD)
@pytest.mark.parametrize("audience", [Audience.BUSINESS, Audience.PUBLIC])
def test_a_good_message_passes(moment: str, audience: Audience) -> None:
    assert read(GOOD[moment], moment, audience).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "Der Dienst ist gestört. Wir untersuchen das Problem.",
        "Unsere Systeme sind derzeit nicht erreichbar. Wir arbeiten mit Hochdruck an der Lösung.",
        "Uns ist ein Problem bekannt. Wir arbeiten daran und bitten um Ihr Verständnis.",
        "Es gibt aktuell technische Probleme. Wir entschuldigen uns für die Unannehmlichkeiten.",
        "Guten Tag. Es liegt eine Störung vor. Vielen Dank für Ihre Geduld.",
    ],
)
def test_what_says_nothing_is_refused(text: str) -> None:
    assert {"empty_phrase", "missing_what", "missing_when", "next_update_missing"} <= rules(read(text))
    dated = rules(read(f"{text}\n\n{CLOSE}"))
    assert {"empty_phrase", "missing_what", "missing_when"} <= dated


@pytest.mark.parametrize(
    ("rule", "of", "say"),
    [
        ("missing_when", "Seit 15:02 Uhr MEZ am 21. November 2026 können Kunden", "Kunden können"),
        (
            "missing_who",
            "können Kunden in Europa an der Kasse nicht bezahlen",
            "ist an der Kasse kein Bezahlen möglich",
        ),
        ("missing_what", "können Kunden in Europa an der Kasse nicht bezahlen", "haben Kunden in Europa Probleme"),
        ("next_update_vague", "kommt bis 15:40 Uhr MEZ", "kommt in Kürze"),
        ("next_update_past", "15:40 Uhr", "14:40 Uhr"),
    ],
)
def test_each_gap_is_found(rule: str, of: str, say: str) -> None:
    good = GOOD["first_word"]
    if rule == "missing_who":
        good = good.replace("Sie müssen nichts tun", "Nichts ist zu tun")
    assert of in good
    assert rule in rules(read(good.replace(of, say), "first_word"))


@pytest.mark.parametrize(
    "gone", ["Statusseite: https://status.example.com", "Support: hilfe@example.com", "oder früher"]
)
def test_what_is_good_to_have_is_only_warned_about(gone: str) -> None:
    found = read(GOOD["first_word"].replace(gone, "Danke"), "first_word")
    assert found.errors == ()
    assert rules(found, Mark.WARNING) & {"missing_status_page", "missing_support", "missing_sooner"}


@pytest.mark.parametrize(
    "words", ["derzeit ", "wir untersuchen ", "der die das ", "daran ", "fällt ", "in den nächsten "]
)
def test_the_same_words_over_and_over_take_no_time(words: str) -> None:
    begin = time.process_time()
    read("Wir " + words * 2_000)
    assert time.process_time() - begin < 2
