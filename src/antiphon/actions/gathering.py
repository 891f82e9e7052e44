"""Gathering what is queued for whoever is told of several incidents at once, in the transaction that publishes it.

A delivery that waits is one like any other, of the purpose “digest”: the sender makes one message of those that are due
for one recipient, and writes down what came of each (delivery/digests.py). What must not wait overtakes it, and what
it overtakes of the same incident is put aside: a newer message says what that one said.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.db.models import Min

from antiphon.actions.locked import Locked
from antiphon.core.digest import READ_BY_PEOPLE, Heard, Pace, Saying, urgent, waits_until
from antiphon.core.questions.situation import Word
from antiphon.core.sending import NotSent, Purpose
from antiphon.db.models import Delivery, Organisation, Promise, Text, Verdict

BATCH = 500
Reader = tuple[str, str]
"""(recipient, channel)."""


def gather(held: Locked, texts: Collection[Text], *, moment: str, next_update_at: datetime | None) -> int:
    """Let copies of these texts of one version, queued just now, wait for a digest where they may; answers how many.

    Call it before the promises that the publication keeps are settled: readers were promised word by them.
    """
    pace = Pace.of(Organisation.only().settings)
    audience = next(iter(texts)).audience
    saying = Saying(
        incident=held.incident.pk,
        audience=audience,
        moment=moment,
        severity=held.incident.severity,
        legal=_is_legal(held),
        due_by=_due_by(held, audience, next_update_at),
    )
    waiting = _waiting(held.now)
    heard = {} if urgent(saying, pace) else _heard(texts, waiting, pace, now=held.now)
    rows = list(_queued(texts)) if heard or any(each.of == held.incident.pk for each in waiting) else []
    due, at_once, wakes = dict[int, datetime](), set[Reader](), dict[Reader, datetime]()
    for pk, recipient, channel in rows:
        until = waits_until(saying, heard.get((recipient, channel), Heard()), pace, now=held.now)
        if until is None:
            at_once.add((recipient, channel))
        else:
            due[pk] = wakes[recipient, channel] = _together(until, recipient)
    _wait(due)
    # What waits for the same digest goes when the first of it must.
    _wait({each.pk: wakes[each.reader] for each in waiting if wakes.get(each.reader, each.until) < each.until})
    overtaken = [each.pk for each in waiting if each.of == held.incident.pk and each.reader in at_once]
    _put_aside(overtaken, now=held.now)
    return len(due)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery that waits for its digest; `of`: its incident."""

    pk: int
    reader: Reader
    of: int | None
    until: datetime


def _queued(texts: Collection[Text]) -> Iterable[tuple[int, str, str]]:
    """(key, recipient, channel) of each copy that people read."""
    rows = Delivery.objects.filter(text__in=texts, purpose=Purpose.UPDATE, state="queued", outside=True)
    return rows.filter(channel__in=READ_BY_PEOPLE).exclude(recipient="").values_list("pk", "recipient", "channel")


def _waiting(now: datetime) -> list[_Waiting]:
    rows = Delivery.objects.filter(purpose=Purpose.DIGEST, state="queued", wake_at__gt=now).order_by("id")
    columns = rows.values_list("pk", "recipient", "channel", "text__incident_id", "wake_at")
    return [_Waiting(pk, (recipient, channel), of, until) for pk, recipient, channel, of, until in columns if until]


def _heard(
    texts: Collection[Text], waiting: Iterable[_Waiting], pace: Pace, *, now: datetime
) -> Mapping[Reader, Heard]:
    """What everybody heard of other incidents and this one in the window; empty where nothing could make anybody wait.

    Read by the texts, of which there are few: who got none of them is not looked at. One that waited for its digest is
    at most a window older than that.
    """
    said = Text.objects.filter(outside=True, incident__isnull=False, created_at__gt=now - 2 * pace.window)
    lately = dict(said.exclude(pk__in=[text.pk for text in texts]).values_list("pk", "incident_id"))
    here = next(iter(texts)).incident_id
    due = {each.reader: each.until for each in waiting}
    if not due and set(lately.values()) <= {here}:
        return {}
    messages: dict[Reader, dict[object, datetime]] = defaultdict(dict)
    of: dict[Reader, set[int]] = defaultdict(set)
    rows = Delivery.objects.filter(text__in=lately, outside=True, state__in=("queued", "sent")).exclude(recipient="")
    columns = ("recipient", "channel", "text_id", "purpose", "done_at", "created_at")
    for recipient, channel, text, purpose, done_at, created_at in rows.values_list(*columns).iterator():
        reader = recipient, channel
        at = done_at if purpose == Purpose.DIGEST else created_at
        if at is None or at <= now - pace.window:
            continue
        messages[reader][at if purpose == Purpose.DIGEST else text] = at  # what went together is one message
        of[reader].add(lately[text])
    return {
        reader: Heard(
            messages=len(messages[reader]),
            last_at=max(messages[reader].values(), default=None),
            incidents=frozenset(of[reader]),
            waits_until=due.get(reader),
        )
        for reader in of.keys() | due.keys()
    }


def _is_legal(held: Locked) -> bool:
    """Whether question 3 (contracts) or 4 (compliance) stands at yes."""
    verdict = Verdict.objects.filter(incident=held.incident).first()
    answers = verdict.snapshot.get("answers", ()) if verdict else ()
    return any(each["number"] in (3, 4) and each["answer"] == Word.YES for each in answers)


def _due_by(held: Locked, audience: str, next_update_at: datetime | None) -> datetime | None:
    """The nearest instant by which its readers were told that they would hear."""
    open_ones = Promise.objects.filter(incident=held.incident, audience=audience, state="open")
    promised = open_ones.aggregate(due=Min("due_at"))["due"]
    return min((each for each in (promised, next_update_at) if each is not None), default=None)


def _together(until: datetime, recipient: str) -> datetime:
    """That second, at a thousandth of it that is the same for all that goes to one recipient: claimed together."""
    return until.replace(microsecond=crc32(recipient.encode()) % 1000 * 1000)


def _wait(due: Mapping[int, datetime]) -> None:
    """Deliveries (by key) and when each goes; a statement for each instant, of which a mailing has a thousand."""
    at: dict[datetime, list[int]] = defaultdict(list)
    for pk, until in due.items():
        at[until].append(pk)
    for until, keys in at.items():
        for start in range(0, len(keys), BATCH):
            some = Delivery.objects.filter(pk__in=keys[start : start + BATCH])
            some.update(purpose=Purpose.DIGEST, wake_at=until)


def _put_aside(rows: list[int], *, now: datetime) -> None:
    for start in range(0, len(rows), BATCH):
        found = Delivery.objects.filter(pk__in=rows[start : start + BATCH], state="queued")
        found.update(state="not_sent", reason=NotSent.SUPERSEDED, wake_at=None, done_at=now)
