"""Who must approve texts, as the organisation set it; and whether an incident is a legal matter."""

from typing import Any, Final

import msgspec

from antiphon.core import approving
from antiphon.core.approving import Further, Rules
from antiphon.core.audiences import Audience
from antiphon.core.questions.situation import Word
from antiphon.db.models import Incident, Organisation, Verdict
from antiphon.db.transactions import remember

SETTING: Final = "approvals"
LEGAL_QUESTION: Final = 4


def rules() -> Rules:
    """What holds now."""
    kept = Organisation.only().settings.get(SETTING)
    return msgspec.convert(kept, Rules) if kept else approving.SHIPPED


def keep(rules: Rules) -> None:
    """Let these hold; call inside a write transaction."""
    organisation, _ = Organisation.objects.select_for_update().get_or_create(id=1)
    kept: Any = msgspec.to_builtins(rules)
    kept["further"] |= {name: sorted(kept["further"][name]) for name in ("people", "audiences")}
    organisation.settings = {**organisation.settings, SETTING: kept}
    organisation.save(update_fields=["settings"])
    remember("organisation", organisation)


def legal(incident: Incident) -> bool:
    """Whether question 4, of law and compliance, stands at yes."""
    verdict = Verdict.objects.filter(incident=incident).first()
    answers = verdict.snapshot.get("answers", ()) if verdict else ()
    return any(each["number"] == LEGAL_QUESTION and each["answer"] == Word.YES for each in answers)


def further(incident: Incident, audience: str) -> Further | None:
    """The second yes that the incident's texts for this audience need."""
    return approving.further(rules(), Audience(audience), severity=incident.severity, legal=legal(incident))
