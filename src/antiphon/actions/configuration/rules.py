"""Classification, rules, planned maintenance, and the texts that go out by themselves."""

from datetime import timedelta
from typing import Any

from antiphon.actions import classification
from antiphon.actions.ledger import Ledger
from antiphon.core.audiences import Audience, Translation, digest_of
from antiphon.core.configuration import Configuration, Entry
from antiphon.core.languages import LANGUAGES, spoken
from antiphon.core.wording import split
from antiphon.db.models import HoldingMessage, Maintenance, Organisation, Person, Rule
from antiphon.messages import shipped

_SECOND = timedelta(seconds=1)
_STEP = 10
"""Room between two rules of a file, so that one made by hand can stand between them."""
_AS_STORED = {
    "when": "expression", "count": "count", "ask": "ask", "severity": "severity_map", "type": "incident_type",
    "area": "area", "policy": "policy", "nature": "nature", "declare_unknown": "declare_unknown",
}  # fmt: skip


def apply(config: Configuration, ledger: Ledger) -> None:
    """Rules stand in the file's order; the first that matches wins."""
    rows = {row.name: row for row in Rule.objects.all()}
    for number, entry in enumerate(config.rules, start=1):
        values = {"position": number * _STEP, **_rule(entry)}
        ledger.put(rows.get(entry["name"]), Rule(name=entry["name"]), values, noun="rule", name=entry["name"])
    if config.classification:
        classification.lay(config.classification, ledger)
    for entry in config.maintenance:
        _maintenance(entry, ledger)
    for entry in config.holding_messages:
        _holding(entry, ledger)


def _rule(entry: Entry) -> dict[str, Any]:
    values = {stored: entry[key] for key, stored in _AS_STORED.items() if key in entry}
    values |= {f"{key}_seconds": entry[key] // _SECOND for key in ("hold", "window") if key in entry}
    return values | {key: list(entry[key]) for key in ("entity_from", "group_by") if key in entry}


def _maintenance(entry: Entry, ledger: Ledger) -> None:
    row = Maintenance.objects.filter(title=entry["title"]).first()
    values: dict[str, Any] = {"starts_at": entry["starts"], "ends_at": entry["ends"], **entry.only("entity")}
    if row is None or (row.starts_at, row.ends_at) != (entry["starts"], entry["ends"]):
        values |= {"state": "scheduled", "wake_at": entry["starts"]}
    ledger.put(row, Maintenance(title=entry["title"]), values, noun="maintenance", name=entry["title"])


def _holding(entry: Entry, ledger: Ledger) -> None:
    """The approval is of exactly these bytes; other bytes or another approver make a new one."""
    audience, kind = entry["audience"], entry["type"]
    row = HoldingMessage.objects.filter(audience=audience, incident_type=kind).first()
    approver = Person.objects.get(email__iexact=entry["approved_by"])
    own, others = _words(entry)
    values: dict[str, Any] = {
        "subject": own.subject,
        "body": own.body,
        "translations": {name: {"subject": each.subject, "body": each.body} for name, each in others.items()},
        "digest": digest_of(Audience(audience), own.subject, own.body, translations=others),
        "approved_by_id": approver.pk,
    }
    if row is None or row.approved_at is None or any(getattr(row, key) != value for key, value in values.items()):
        values["approved_at"] = ledger.now
    fresh = HoldingMessage(audience=audience, incident_type=kind)
    shown = {"digest": "", "translations": "", "approved_by_id": entry["approved_by"]}
    ledger.put(row, fresh, values, noun="holding message", name=f"{audience}, {kind}", shown=shown)


def _words(entry: Entry) -> tuple[Translation, dict[str, Translation]]:
    """The file's own words in the house's language and in others; else those that we ship, in every language."""
    house = spoken(Organisation.only().language)
    given = {name: _translation(each["subject"], each["body"]) for name, each in entry.get("translations", {}).items()}
    if "body" in entry:
        own = _translation(entry["subject"], entry["body"])
    else:
        ours = {name: _shipped(entry, language=name) for name in LANGUAGES}
        own, given = ours[house], {**ours, **given}
    return own, {name: each for name, each in given.items() if name != house}


def _shipped(entry: Entry, *, language: str) -> Translation:
    return _translation(*split(shipped(entry["audience"], language=language)[f"holding.{entry['type']}"]))


def _translation(subject: str, body: str) -> Translation:
    return Translation(subject=" ".join(subject.split()), body=body)
