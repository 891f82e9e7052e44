"""The organisation's own templates: what one is called, and what is looked at when it is saved.

A template is saved only when it compiles within its limits, names no variable that its audience may not know, and the
text it makes of a sample incident passes the lint. What the sample cannot show, the lint finds in each draft.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from antiphon.core import facts as known
from antiphon.core.audiences import ENDINGS, Audience, Finding, Mark, Moment
from antiphon.core.decision import Refusal
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.facts import Fact
from antiphon.core.lint import Known, Rule, lint, lint_channel, lint_subject
from antiphon.core.sending import CHANNELS
from antiphon.core.variables import About
from antiphon.core.wording import Problem, RenderedText, TemplateTrouble, check_template, render, render_for

MOMENTS: Final = (Moment.FIRST_WORD, Moment.PROGRESS, Moment.RESOLUTION, Moment.REVIEW)
"""Moments with templates; holding messages are kept apart, since they go out by themselves."""
AUDIENCES: Final = tuple(audience for audience in Audience if audience is not Audience.RESPONDERS)
LONGEST_WHY: Final = 300
_AREA: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "what_happens": "The order store answers 31 % of requests with HTTP 502",
        "detected": "A test payment failed",
        "scope": "All customers in Europe who pay in the checkout",
        "symptoms": "Payments in the checkout may fail",
        "workaround": "Retry with the same idempotency key",
        "hypothesis": "The copy lags after the switch",
        "diagnostics": "Compared the positions of both copies; checked the disk",
        "metrics": "Error rate 31 %, 99th percentile 9 s",
        "metrics_link": "https://metrics.example.com/d/orders",
        "actions": "We are moving payments to a second system",
        "expectation": "Payments may fail now and then until the move is done",
        "customer_action": "You do not need to do anything; orders are kept",
        "cause": "A disk failed",
        "changed": "Traffic was moved to the standby",
        "prevention": "A second standby is being added",
        "verified": "Payments succeeded for 30 minutes",
        "contact": "Call your usual contact",
    }
)


_IN_GERMAN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "what_happens": "Der Bestellspeicher beantwortet 31 % der Anfragen mit HTTP 502",
        "detected": "Eine Testzahlung schlug fehl",
        "scope": "Alle Kunden in Europa, die an der Kasse bezahlen",
        "symptoms": "Zahlungen an der Kasse können fehlschlagen",
        "workaround": "Mit demselben Idempotenzschlüssel erneut senden",
        "hypothesis": "Die Kopie hängt seit dem Umschalten nach",
        "diagnostics": "Stände beider Kopien verglichen, Platte geprüft",
        "metrics": "Fehlerrate 31 %, 99. Perzentil 9 s",
        "metrics_link": "https://metrics.example.com/d/orders",
        "actions": "Wir verlegen die Zahlungen auf ein zweites System",
        "expectation": "Zahlungen können bis dahin ab und zu fehlschlagen",
        "customer_action": "Sie müssen nichts tun; Bestellungen bleiben erhalten",
        "cause": "Eine Platte ist ausgefallen",
        "changed": "Der Verkehr wurde auf das Ersatzsystem gelegt",
        "prevention": "Ein zweites Ersatzsystem kommt hinzu",
        "verified": "Zahlungen gelangen 30 Minuten lang",
        "contact": "Rufen Sie Ihren gewohnten Ansprechpartner an",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a template is for. An empty `channel` is the text that mail and page share."""

    audience: Audience
    moment: Moment
    incident_type: str = ""
    area: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a template makes of an incident, and what the lint says of it."""

    text: RenderedText
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Mark.ERROR)


def named(audience: str, name: str) -> Name | Refusal:
    """What the template `<moment>[.<incident type>][.<area>][@<channel>]` is for, or why there can be none."""
    if audience not in AUDIENCES:
        return Refusal(f"“{audience}” is no audience with texts; choose {', '.join(AUDIENCES)}.", "audience")
    path, at, channel = name.partition("@")
    if at and channel not in CHANNELS:
        return Refusal(f"“{channel}” is no channel with texts of its own; choose {', '.join(CHANNELS)}.", "channel")
    moment, *rest = path.split(".")
    if moment not in MOMENTS:
        return Refusal(f"“{moment}” is no moment with a template; choose {', '.join(MOMENTS)}.", "moment")
    if rest and rest[0] not in INCIDENT_TYPES:
        return Refusal(f"“{rest[0]}” is no incident type; choose {', '.join(INCIDENT_TYPES)}.", "type")
    if len(rest) > 2 or (len(rest) == 2 and not _AREA.fullmatch(rest[1])):
        return Refusal("An area is one word of small letters, digits, - and _, up to 40 of them.", "area")
    kind, area = (*rest, "", "")[:2]
    return Name(audience=Audience(audience), moment=Moment(moment), incident_type=kind, area=area, channel=channel)


def check(text: str, name: Name, *, now: datetime, language: str = "en") -> tuple[Problem, ...]:
    """Everything that keeps a template from being saved, with its lines.

    What the lint refuses in the sample stands at the line of the template that holds the same words, else at its first.
    """
    problems = check_template(text, name.audience, channel=name.channel)
    if problems:
        return problems
    try:
        seen = on_sample(text, name, now=now, language=language)
        made(text, name, (), _about(name.moment, now=now), zone="UTC", now=now, language=language)
    except TemplateTrouble as trouble:
        return (Problem(1, str(trouble)),)
    if not seen.text.subject and not name.channel:
        return (Problem(1, "The subject is empty: say what it is about."),)
    if not seen.text.body:
        return (Problem(1, "Nothing is left of the message for a sample incident: write it."),)
    wrong = (each for each in seen.errors if each.rule != Rule.GAP)  # a gap in the template is for people to fill in
    return tuple(Problem(_line(text, seen.text.body, each), f"In the sample: {each.message}") for each in wrong)


def on_sample(text: str, name: Name, *, now: datetime, language: str = "en") -> Seen:
    """The template as it reads for a sample incident of which everything is known. Raises TemplateTrouble."""
    about = _about(name.moment, now=now)
    facts = tuple(
        Fact(
            uid=each,
            name=each,
            text=words,
            audiences=tuple(known.NAMES[each].audiences),
            at=now,
            translations={"de": _IN_GERMAN[each]},
        )
        for each, words in _SAID.items()
    )
    text_made = made(text, name, facts, about, zone="UTC", now=now, language=language)
    contacts = (_SAID["contact"], _IN_GERMAN["contact"])
    knows = Known(state=about.state, products=(*about.services, *about.products), contacts=contacts, language=language)
    return Seen(text=text_made, findings=_findings(text_made, name, about, knows, now=now))


def made(
    text: str, name: Name, facts: Iterable[Fact], about: About, *, zone: str, now: datetime, language: str
) -> RenderedText:
    """What a template makes of facts; for a channel there is no subject. Raises TemplateTrouble."""
    where = {"zone": zone, "language": language}
    if name.channel:
        return RenderedText("", render_for(name.channel, text, facts, about, name.audience, now=now, **where))
    return render(text, facts, about, name.audience, now=now, **where)


def _findings(text: RenderedText, name: Name, about: About, knows: Known, *, now: datetime) -> tuple[Finding, ...]:
    audience, severity = name.audience, about.severity
    if name.channel:
        return lint_channel(
            name.channel, text.body, audience=audience, severity=severity, moment=name.moment, at=now, known=knows
        )
    of_subject = lint_subject(
        text.subject, audience=audience, number=about.number, at=now, severity=severity, known=knows
    )
    of_body = lint(text.body, audience=audience, severity=severity, moment=name.moment, at=now, known=knows)
    return (*(_whole(each) for each in of_subject), *of_body.findings)


def _about(moment: Moment, *, now: datetime) -> About:
    over = moment in ENDINGS
    return About(
        number=42,
        incident_type="disruption",
        severity=3,
        state="resolved" if over else "investigating",
        detected_at=now - timedelta(minutes=8),
        services=("shop-api", "checkout-web"),
        products=("Checkout",),
        next_update_at=None if over else now + timedelta(minutes=30),
        resolved_at=now if over else None,
        status_page="https://status.example.com",
        support="support@example.com",
        title="Order store down",
        commander="Ira",
        bridge="https://meet.example.com/x",
        link="https://antiphon.example.com/incidents/42",
    )


def _whole(finding: Finding) -> Finding:
    """A finding of the subject stands at the body's begin."""
    return Finding(finding.rule, f"Subject: {finding.message}", 0, 0, finding.level)


def _line(template: str, body: str, finding: Finding) -> int:
    words = body[finding.start : finding.end]
    place = template.find(words) if words.strip() else -1
    return 1 + template.count("\n", 0, place) if place >= 0 else 1
