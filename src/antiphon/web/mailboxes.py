"""The demo's mailboxes: what each audience found in its mail, as the demo's own SMTP sink kept it.

The sink appends one JSON object a line to `DATA/mailboxes/mails.jsonl`, in the order of arrival, each written whole:

    {"to": "bo@example.org", "from": "incidents@example.org", "subject": "…", "text": "…", "html": "…",
     "at": "2026-03-01T14:30:00+00:00", "headers": {"Message-ID": "<…>", "X-Antiphon-Audience": "business"}}

`at` is aware; `html` may be empty; the audience header is optional: without it the address tells the audience.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.http import Http404, HttpResponse
from django.shortcuts import render

from antiphon import config
from antiphon.core.audiences import Audience, audience_of
from antiphon.db.models import Contact, Person, Stakeholder
from antiphon.web.guard import page

FOLDER: Final = "mailboxes"
FILE: Final = "mails.jsonl"
HEADER: Final = "X-Antiphon-Audience"
OTHERS: Final = "others"
SHOWN: Final = 100


class Mail(msgspec.Struct, frozen=True):
    """One mail as the sink kept it."""

    to: str
    subject: str
    text: str
    at: datetime
    html: str = ""
    sender: str = msgspec.field(name="from", default="")
    headers: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Letter:
    """Mails with the same words to one audience: the last recipient, and how many others got the same."""

    to: str
    same: int
    subject: str
    at: datetime
    body: str


def folder() -> Path:
    """Where the sink keeps its mails; it is there in the demo only."""
    return config.from_environment().data / FOLDER


def read(path: Path) -> list[Mail]:
    """Every mail in the order of arrival; a last line that is still being written is left out."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    decode = msgspec.json.Decoder(Mail).decode
    return [decode(line) for line in lines if line]


@page("incident.see")
def mailboxes(request: Any) -> HttpResponse:
    """Each audience's mailbox, the newest mail first, same words to many shown once."""
    if not folder().is_dir():
        raise Http404
    audiences = _audiences()
    boxes: dict[str, list[Mail]] = {}
    for mail in read(folder() / FILE):
        boxes.setdefault(mail.headers.get(HEADER) or audiences.get(mail.to.lower(), OTHERS), []).append(mail)
    order = [str(each) for each in Audience if str(each) in boxes] + [each for each in (OTHERS,) if each in boxes]
    here = request.GET.get("box", "")
    here = here if here in boxes else next(iter(order), "")
    tabs = [
        {
            "label": name.capitalize(),
            "count": len(boxes[name]),
            "url": f"/mailboxes?box={name}",
            "current": name == here,
        }
        for name in order
    ]
    shown = {"section": "mailboxes", "boxes": tabs, "mails": letters(boxes.get(here, [])), "audience": here}
    return render(request, "mailboxes.html", shown)


def letters(mails: Iterable[Mail]) -> list[Letter]:
    """Mails grouped by their words, the newest first. What differs per recipient (a link, a greeting) parts nothing."""
    last: dict[tuple[str, str], Mail] = {}
    count: Counter[tuple[str, str]] = Counter()
    for mail in mails:
        key = (mail.subject, mail.headers.get("X-Antiphon-Text") or mail.at.isoformat(timespec="minutes"))
        count[key] += 1
        last[key] = mail
    newest = sorted(last.items(), key=lambda item: item[1].at, reverse=True)[:SHOWN]
    return [Letter(mail.to, count[key] - 1, mail.subject, mail.at, mail.text) for key, mail in newest]


def _audiences() -> Mapping[str, str]:
    """Who is who by address: our own people, inside readers, customers' contacts."""
    found = {email.lower(): str(Audience.RESPONDERS) for email in Person.objects.values_list("email", flat=True)}
    found |= {email.lower(): name for email, name in Stakeholder.objects.values_list("email", "audience")}
    found |= {row.email.lower(): str(audience_of(row)) for row in Contact.objects.all()}
    return found
