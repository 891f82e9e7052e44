"""A customer's ticket as other programs export it, understood: who wrote it, when, and what it says.

Columns and keys are known by the names that Zendesk, Jira Service Management and most help desks give them. A row that
cannot be used is answered with what is wrong and how to mend it, never with what the customer wrote.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

REFERENCE: Final = "reference"
REQUESTER: Final = "requester"
CUSTOMER: Final = "customer"
SUBJECT: Final = "subject"
TEXT: Final = "text"
AT: Final = "at"

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    REFERENCE: ("reference", "id", "ticketid", "ticketnumber", "ticket", "key", "issuekey", "issueid", "number", "no"),
    REQUESTER: (
        "requester", "requesteremail", "requesteremailaddress", "email", "emailaddress", "from", "fromaddress",
        "reporter", "reporteremail", "contact", "contactemail", "customeremail", "sender",
    ),
    CUSTOMER: (
        "customer", "organization", "organisation", "organizationname", "organisationname", "requesterorganization",
        "organizations", "organisations", "company", "companyname", "account", "accountname", "client",
    ),
    SUBJECT: ("subject", "summary", "title"),
    TEXT: ("text", "description", "body", "message", "comment", "comments", "content", "firstcomment"),
    AT: ("at", "createdat", "created", "createddate", "creationdate", "opened", "openedat", "date", "submitted"),
}  # fmt: skip
"""What each field may be called; case, spaces and signs do not matter."""

LONGEST_REFERENCE: Final = 120
_CALLED: Final = {name: field for field, names in NAMES.items() for name in names}
_ADDRESS: Final = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,190}")
_FORMATS: Final = (
    "%d/%b/%y %I:%M %p", "%d/%b/%y %H:%M", "%d/%b/%Y %I:%M %p", "%d/%b/%Y %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S %Z",
)  # fmt: skip
_EARLIEST: Final = 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A ticket to be read. `requester` is an address in lower case or empty, `customer` a name or empty; `at` is
    aware UTC. `line` is where it stood in its file, from 1; 0 where there is none."""

    reference: str
    requester: str
    customer: str
    text: str
    at: datetime
    line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be used: where, what is wrong, and how to mend it."""

    line: int
    what: str
    fix: str


def fields(names: Iterable[str]) -> dict[str, str]:
    """Which column is which field: field → the column's own name; the first of two that mean the same."""
    found: dict[str, str] = {}
    for field, synonyms in NAMES.items():
        columns = {_plain(name): name for name in reversed(list(names))}
        for synonym in synonyms:
            if synonym in columns:
                found[field] = columns[synonym]
                break
    return found


def understand(row: Mapping[str, object], *, line: int, zone: str, now: datetime) -> Written | Fault:
    """One row or object, whose keys are of `NAMES`. Times without a zone are meant in `zone`; without a time, `now`."""
    given: dict[str, object] = {}
    for name, value in _flat(row).items():
        field = _CALLED.get(_plain(name))
        if field and given.get(field) in (None, ""):
            given[field] = value
    texts = {field: _text(value, of=field) for field, value in given.items()}
    reference = " ".join(texts.get(REFERENCE, "").split())
    if not reference:
        return Fault(line, "The ticket has no number.", "Give each ticket its own in a column “id”.")
    if len(reference) > LONGEST_REFERENCE:
        return Fault(line, "The ticket's number is too long.", f"Use at most {LONGEST_REFERENCE} characters.")
    address = _ADDRESS.search(texts.get(REQUESTER, ""))
    customer = texts.get(CUSTOMER, "").strip()[:200]
    if address is None and not customer:
        fix = "Give the writer's address in a column “email”, or the customer's name in “organization”."
        return Fault(line, "Nothing says who wrote it.", fix)
    at = _instant(texts.get(AT, ""), zone=zone, now=now)
    if at is None:
        fix = "Write a time such as 2026-11-02T09:30:00Z in the column “created”, or leave it empty."
        return Fault(line, "Its date cannot be read.", fix)
    text = "\n".join(filter(None, (texts.get(SUBJECT, ""), texts.get(TEXT, ""))))
    if not text.strip():
        return Fault(line, "The ticket has no words.", "Give its text in a column “subject” or “description”.")
    requester = address[0].lower().rstrip(".") if address else ""
    return Written(reference=reference, requester=requester, customer=customer, text=text, at=at, line=line)


def _flat(row: Mapping[str, object]) -> Mapping[str, object]:
    """What Jira keeps under “fields” stands beside the rest."""
    inner = row.get("fields")
    return {**row, **inner} if isinstance(inner, Mapping) else row


def _plain(name: object) -> str:
    return re.sub(r"[^a-z]", "", str(name).lower())


def _text(value: object, *, of: str) -> str:
    """A value as text: an address or name out of an object, each of a list; without what no database takes."""
    if isinstance(value, Mapping):
        keys = ("email", "emailAddress", "address") if of == REQUESTER else ("name", "displayName", "plain", "body")
        return _text(next((value[key] for key in keys if value.get(key)), ""), of=of)
    if isinstance(value, list | tuple):
        return "\n".join(_text(each, of=of) for each in value[:100])
    if value is None or isinstance(value, bool):
        return ""
    return str(value).replace("\x00", " ").encode("utf-8", "replace").decode("utf-8").strip()


def _instant(text: str, *, zone: str, now: datetime) -> datetime | None:
    """The instant, aware UTC and not in the future; None when it cannot be read."""
    if not text:
        return now
    found = _parsed(text)
    if found is None or found.year < _EARLIEST or found.year > now.year + 1:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    return min(aware.astimezone(UTC), now)


def _parsed(text: str) -> datetime | None:
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  a zone is put to it by whoever asked
        except ValueError:
            continue
        return found.replace(tzinfo=UTC) if form.endswith("%Z") and text.endswith(("UTC", "GMT")) else found
    return None
