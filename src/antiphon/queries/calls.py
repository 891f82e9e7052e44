"""Calls to the largest accounts as their page shows them, with the words to say: approved and sent, or none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.audiences import Audience, audience_of
from antiphon.core.calls import About, Call
from antiphon.core.markup import to_text
from antiphon.db.models import Call as Row
from antiphon.db.models import CallAttempt, Contact, Incident, Text, Version
from antiphon.db.snapshots import calls as snapshots

VOICE: Final = "voice"
OUTCOMES: Final = {
    "reached": "reached",
    "asks": "reached, asks for something",
    "message": "message left",
    "not_reached": "not reached",
}
PRACTICE: Final = "Practice: do not call anybody outside. Say the words to a colleague, and tick the call off."


@dataclass(frozen=True, slots=True)
class Script:
    """The words to say. `missing`: why there are none yet, "" when there are; `sent_at`: when readers got the text."""

    words: str = ""
    missing: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try: when, by whom, what came of it, what was said."""

    at: datetime
    by: str
    outcome: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """One call. `state` open, done, waived or void; `said` how it stands in words, with `since` when that is so."""

    uid: str
    url: str
    customer: str
    about: str
    contact: str
    phone: str
    owner: str
    opened_at: datetime
    due_at: datetime
    state: str
    late: bool
    said: str
    since: datetime | None
    script: Script
    tries: tuple[Try, ...]


def of_incident(incident: Incident) -> tuple[CallSeen, ...]:
    """Every call of the incident that is or was to be made, open ones first. Five statements."""
    rows = Row.objects.filter(incident=incident).exclude(state="void").select_related("owner", "contact__customer")
    found = list(rows)
    if not found:
        return ()
    versions = _versions(incident)
    told = set(Text.objects.filter(incident=incident, outside=True).values_list("version_id", "language"))
    tries = _tries(found)
    seen = [_seen(row, incident, _script(row, versions, told), tries.get(row.pk, ())) for row in found]
    return tuple(sorted(seen, key=lambda each: (each.state != "open", each.due_at, each.customer)))


def _seen(row: Row, incident: Incident, script: Script, tries: tuple[Try, ...]) -> CallSeen:
    call = snapshots.call(row)
    return CallSeen(
        uid=row.uid,
        url=f"/incidents/{incident.number}/calls/{row.uid}",
        customer=row.title,
        about=row.kind,
        contact=row.contact.name if row.contact else "",
        phone=row.contact.phone if row.contact else "",
        owner=row.owner.name if row.owner else "",
        opened_at=row.made_at,
        due_at=row.due_at,
        state=row.state,
        late=row.state == "open" and row.overdue_at is not None,
        said=_said(call, len(tries)),
        since=row.settled_at or (tries[-1].at if tries else None),
        script=script if row.state == "open" else Script(),
        tries=tries,
    )


def _said(call: Call, tries: int) -> str:
    if call.state == "waived":
        return f"not called: {call.reason}"
    if call.outcome:
        times = f", {tries} tries" if tries > 1 and call.open else ""
        return f"called, {OUTCOMES[call.outcome]}{times}"
    return "not called yet" if call.open else "not called"


def _tries(rows: Iterable[Row]) -> dict[int, tuple[Try, ...]]:
    found: dict[int, list[Try]] = {}
    for row in CallAttempt.objects.filter(call__in=list(rows)).select_related("person").order_by("id"):
        by = row.person.name if row.person else ""
        found.setdefault(row.call_id, []).append(
            Try(at=row.at, by=by, outcome=OUTCOMES.get(row.outcome, row.outcome), note=row.note)
        )
    return {call: tuple(tries) for call, tries in found.items()}


# --- the words to say --------------------------------------------------------------------------------------------


def _versions(incident: Incident) -> list[Version]:
    """Texts for customers, the newest first; what was put away is left out."""
    rows = Version.objects.filter(update__incident=incident, audience__in=("technical", "business"))
    return list(rows.exclude(update__state="discarded").select_related("update").order_by("-update", "-id"))


def _script(row: Row, versions: Iterable[Version], told: Collection[tuple[int | None, str]]) -> Script:
    """What was approved for this account's audience and sent to it last; a closing call says that it is over."""
    if row.practice:
        return Script(missing=PRACTICE)
    audience = audience_of(row.contact) if row.contact else Audience.BUSINESS
    over = row.kind == About.CLOSING
    fitting = [each for each in _for_account(versions, row.contact, audience) if _tells(each, over=over)]
    sent = next((each for each in fitting if each.update.state == "published"), None)
    if sent is None:
        return Script(missing=_missing(fitting, audience, over=over))
    language = row.contact.language if row.contact else ""
    theirs = language != sent.language and (sent.pk, language) in told
    subject, body, channels = _parts(sent, language if theirs else "")
    words = str(channels.get(VOICE, "")).strip() or f"{subject}\n\n{body}"
    return Script(words=to_text(words).strip(), sent_at=sent.update.published_at)


def _parts(sent: Version, language: str) -> tuple[str, str, Mapping[str, str]]:
    """Subject, body and words by channel: in that language where there is one, else as it was written."""
    other = sent.translations.get(language)
    if other is None:
        return sent.subject, sent.body, sent.channels
    return other["subject"], other["body"], other.get("channels", {})


def _for_account(versions: Iterable[Version], contact: Contact | None, audience: str) -> list[Version]:
    """The audience's texts, and of the parts of an audience the one that is this customer's own (RELIABILITY I28)."""
    own = contact.customer.uid if contact else ""
    mine = [each for each in versions if each.audience == audience and each.part in ("", own)]
    return sorted(mine, key=lambda each: (-each.update_id, each.part == ""))


def _tells(version: Version, *, over: bool) -> bool:
    return (version.update.moment == "resolution") is over and version.update.moment != "review"


def _missing(drafts: Iterable[Version], audience: str, *, over: bool) -> str:
    what = "that it is over" if over else "of it"
    newest = next(iter(drafts), None)
    if newest is None:
        why = f"no text tells {audience} readers {what} yet. Prepare one on the Tell page."
    elif newest.approved_digest and newest.approved_digest == newest.digest:
        why = f"the text that tells {audience} readers {what} is approved and not sent yet."
    else:
        why = f"the text that tells {audience} readers {what} waits for its approval."
    return f"Do not call yet: {why}"
