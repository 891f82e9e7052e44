"""How the tests of rules read a text: written at 14:10 UTC on 21 November 2026, for business readers at SEV2."""

from datetime import UTC, datetime

from antiphon.core.audiences import Audience, Mark, Moment
from antiphon.core.lint import Known, lint

AT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
BUSINESS, TECHNICAL, PUBLIC, INTERNAL = Audience.BUSINESS, Audience.TECHNICAL, Audience.PUBLIC, Audience.INTERNAL

CLOSE = (
    "The next update comes by 14:40 UTC on 21 November 2026, or sooner if the state changes. Status page: "
    "<https://status.example.com>. Support: support@example.com."
)
PLAIN = (
    "Since 14:02 UTC on 21 November 2026, customers in Europe may be unable to pay in the checkout. We have found that "
    "payments do not reach the bank and are moving them to a second route. You do not need to do anything."
)


def read(text, audience=BUSINESS, moment="progress", severity=2, **known):
    return lint(text, audience=audience, severity=severity, moment=Moment(moment), at=AT, known=Known(**known))


def rules(found, level=Mark.ERROR):
    return {finding.rule for finding in found.findings if finding.level is level}
