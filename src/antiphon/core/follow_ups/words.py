"""The words of a draft to a customer about its contract, in each language: figures and nothing else.

A credit that the terms do not give in figures stands as a gap, which a person fills in before anybody approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from antiphon.core.follow_ups.figures import Figures, Limit, Terms
from antiphon.core.variables import said_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language. Names in braces are filled in; `point` parts a number's fraction."""

    subject: str
    told: str
    agreed: str
    resolution: str
    downtime: str
    before: str
    over: str
    within: str
    credit: str
    gap: str
    counted: str
    ask: str
    answer: str
    point: str = "."


_PHRASES: Final[Mapping[str, Phrases]] = MappingProxyType(
    {
        "en": Phrases(
            subject="Your contract: {service}, incident #{number}",
            told=(
                "{service} was disturbed from {began} to {ended}, {down} minutes in all. "
                "This message is about what that means for your contract with us."
            ),
            agreed="What was agreed, and what happened:",
            resolution="Resolved within {allowed} minutes: it took {took} minutes; {after}.",
            downtime="At most {allowed} minutes down in a month: {took} minutes in {period}{before}; {after}.",
            before=", {before} of them before this incident",
            over="{over} minutes more than agreed",
            within="within what was agreed",
            credit="By the terms of your contract a credit of {credit} is due to you.",
            gap="[[the credit, by the terms of the contract]]",
            counted=(
                "Time is counted from the detection of the failure until it was confirmed to work again, each minute "
                "once. A month is a calendar month in UTC."
            ),
            ask="If you count otherwise, tell us: {support}",
            answer="If you count otherwise, answer to this message.",
        ),
        "de": Phrases(
            subject="Ihr Vertrag: {service}, Vorfall #{number}",
            told=(
                "{service} war von {began} bis {ended} gestört, insgesamt {down} Minuten. "
                "In dieser Nachricht geht es darum, was das für Ihren Vertrag mit uns bedeutet."
            ),
            agreed="Was vereinbart war, und was geschehen ist:",
            resolution="Behoben innerhalb von {allowed} Minuten: Es dauerte {took} Minuten; {after}.",
            downtime="Höchstens {allowed} Minuten Ausfall im Monat: {took} Minuten in {period}{before}; {after}.",
            before=", davon {before} vor diesem Vorfall",
            over="{over} Minuten mehr als vereinbart",
            within="im Rahmen des Vereinbarten",
            credit="Nach den Bedingungen Ihres Vertrags steht Ihnen eine Gutschrift von {credit} zu.",
            gap="[[die Gutschrift nach den Bedingungen des Vertrags]]",
            counted=(
                "Die Zeit zählt von der Feststellung des Ausfalls, bis bestätigt war, dass alles wieder funktioniert, "
                "jede Minute einmal. Ein Monat ist ein Kalendermonat in UTC."
            ),
            ask="Wenn Sie anders zählen, sagen Sie es uns: {support}",
            answer="Wenn Sie anders zählen, antworten Sie auf diese Nachricht.",
            point=",",
        ),
    }
)


def words(
    terms: Terms, figures: Figures, *, number: int, zone: str, support: str, language: str = "en"
) -> tuple[str, str]:
    """Subject and body of the draft; English where the language is not known."""
    said = _PHRASES.get(language, _PHRASES["en"])
    began, ended = (said_at(at, zone=zone, language=language) for at in (figures.began, figures.ended))
    parts = (
        said.told.format(service=terms.service, began=began, ended=ended, down=f"{figures.down:.0f}"),
        said.agreed,
        "\n".join(f"- {_limit(limit, said)}" for limit in figures.limits),
        said.credit.format(credit=figures.credit or said.gap) if figures.breached else "",
        said.counted,
        said.ask.format(support=support) if support else said.answer,
    )
    return said.subject.format(service=terms.service, number=number), "\n\n".join(part for part in parts if part)


def _limit(limit: Limit, said: Phrases) -> str:
    sentence = said.downtime if limit.period else said.resolution
    return sentence.format(
        allowed=f"{limit.allowed:g}".replace(".", said.point),
        took=f"{limit.took:.0f}",
        period=limit.period,
        before=said.before.format(before=f"{limit.before:.0f}") if limit.before else "",
        after=said.over.format(over=f"{limit.over:.0f}") if limit.over else said.within,
    )
