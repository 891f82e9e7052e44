"""The last look before a message leaves: is it still wanted, allowed, approved, and not too much?

A few set queries per batch, then one verdict per row. Pages fail open: only a reason stops them; texts for people
outside fail closed: without an approval of exactly these bytes they stay (RELIABILITY I12, I25, I31).
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Case, CharField, Count, Min, Q, QuerySet, When

from antiphon.actions.outcomes import Later, Result
from antiphon.actions.telling_inside import ABOUT, BREAKER
from antiphon.core import escalation as paging_rules
from antiphon.core.escalation import STALE_AFTER, PagePerson
from antiphon.core.limits import Limits
from antiphon.core.sending import InsideText, NotSent, OutsideText, Purpose
from antiphon.db.among import among
from antiphon.db.claims import Leased
from antiphon.db.models import Contact, Delivery, Page, Text
from antiphon.db.snapshots import paging
from antiphon.db.subscribers import by_recipient, is_subscriber
from antiphon.db.suppressions import suppressed
from antiphon.delivery import bundles
from antiphon.delivery.approved import approved, asks
from antiphon.delivery.limits import BREAKER_WAIT, PER_PERSON_WINDOW, Breaker

_MESSAGE: Final = Case(
    When(~Q(reference=""), then="reference"),
    When(~Q(lease=""), then="lease"),
    default="uid",
    output_field=CharField(),
)
"""What tells one message from another: its name at the provider; while under way, the claim it was put together in."""
Words = OutsideText | InsideText
INSTANCE: Final = "pages"
_SAME_PERSON: Final = ("recipient", "channel", "outside")
_SAME_ADDRESS: Final = ("channel", "address")
_PAGES: Final = ("purpose",)


@dataclass
class Recheck:
    """What a batch needs to know, fetched once. `together`: its channel takes a person's pages as one message, which
    counts as one for every limit. `opened` lists breakers that opened on the way."""

    rows: list[Leased]
    limits: Limits
    breaker: Breaker
    now: datetime
    real: float
    together: bool = False
    opened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        outside = {row.recipient for row in self.rows if is_outside(row) and row.recipient}
        contacts = Contact.objects.filter(among("uid", outside))
        self._subscribers = by_recipient(outside)
        self._gone = _gone(outside, contacts)
        matters = any(row.text.follow_up_id for row in self.rows)
        self._customers = dict(contacts.values_list("uid", "customer_id")) if matters else {}
        self._suppressed = suppressed({row.address for row in self.rows if row.purpose != Purpose.PAGE})
        self._told = self._recently_told()
        self._texts: dict[int, Words | NotSent] = {}
        self._begun: set[bundles.Key] = set()

    def verdict(self, row: Leased) -> Words | Result:
        """The words to send, or why they are not sent."""
        reason = _unwanted(row, now=self.now) or self._forbidden(row)
        if reason is not None:
            return Result(row, reason)
        words = self._words(row.text, outside=is_outside(row))
        if isinstance(words, NotSent):
            return Result(row, words, alike=("text",))
        key = self.bundle(row)
        if key is not None and key in self._begun:
            return words  # it rides with one that passed
        too_much = self._too_much(row)
        if too_much is None and key is not None:
            self._begun.add(key)
        return too_much or words

    def bundle(self, row: Leased) -> bundles.Key | None:
        """Rows of one key go as one message; None: by itself."""
        return bundles.key(row) if self.together else None

    def _forbidden(self, row: Leased) -> NotSent | None:
        subscribed = is_subscriber(row.recipient)
        if row.address in self._suppressed and not subscribed:
            return NotSent.SUPPRESSED
        if not is_outside(row):
            return None
        if row.practice or (row.text.incident is not None and row.text.incident.nature != "real"):
            return NotSent.PRACTICE
        if subscribed:
            return self._unwelcome(row)
        if row.recipient in self._gone:
            return self._gone[row.recipient]
        matter = row.text.follow_up
        if matter is not None and self._customers.get(row.recipient) != matter.customer_id:
            return NotSent.NO_VERSION  # another customer's: there is no text of theirs (RELIABILITY I28)
        return None

    def _unwelcome(self, row: Leased) -> NotSent | None:
        """Why a subscriber is not written to. What they said last counts: a yes that came after a no is one."""
        subscriber = self._subscribers.get(row.recipient)
        if subscriber is None:
            return NotSent.NO_ADDRESS  # erased since
        if asks(row.text):
            return None
        if subscriber.confirmed_at is None or subscriber.ended_at is not None:
            return NotSent.UNSUBSCRIBED
        said_no = self._suppressed.get(row.address)
        return NotSent.SUPPRESSED if said_no is not None and said_no >= subscriber.confirmed_at else None

    def _words(self, text: Text, *, outside: bool) -> Words | NotSent:
        if not outside:
            return InsideText(text.subject, text.body_text, text.body_html or None)
        if text.pk not in self._texts:
            self._texts[text.pk] = approved(text)
        return self._texts[text.pk]

    def _too_much(self, row: Leased) -> Result | None:
        """Over a limit it waits, and what is like it waits with it. The breaker's own page passes."""
        if row.slots.get(ABOUT) == BREAKER:
            return None
        breakers = self._breakers(row)
        for key, limit, alike in breakers:
            if not self.breaker.admits(key, limit, now=self.now):
                if self.breaker.opens(key):
                    self.opened.append(_flood(row, key, limit))
                return Result(row, Later(NotSent.BREAKER_OPEN, self.now + BREAKER_WAIT), alike)
        if row.recipient and not is_outside(row):
            told, since = self._told.get((row.recipient, row.channel), (0, None))
            if told >= self.limits.for_person(row.channel):
                until = (since or self.now) + PER_PERSON_WINDOW
                return Result(row, Later(NotSent.RATE_LIMITED, until), _SAME_PERSON)
            self._told[row.recipient, row.channel] = (told + 1, since)
        for key, *_ in breakers:
            self.breaker.count(key, now=self.now)
        return None

    def _breakers(self, row: Leased) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        """Keys of the breaker that count this message, each with its limit and what shares its fate there."""
        own = (f"{row.channel} {row.address}", self.limits.recipient, _SAME_ADDRESS)
        return (own, (INSTANCE, self.limits.instance, _PAGES)) if row.purpose == Purpose.PAGE else (own,)

    def _recently_told(self) -> dict[tuple[str, str], tuple[int, datetime | None]]:
        """Messages to our own people in the last 15 minutes or under way elsewhere, and the first instant of these.

        For pages only pages count: what is less urgent never stops one.
        """
        people = {row.recipient for row in self.rows if row.recipient and not is_outside(row)}
        if not people:
            return {}
        sent = Q(state="sent", done_at__gt=self.now - PER_PERSON_WINDOW)
        under_way = Q(state="queued", lease_until__gte=self.real) & ~Q(pk__in=[row.pk for row in self.rows])
        rows = Delivery.objects.filter(sent | under_way, recipient__in=people, outside=False)
        if all(row.purpose == Purpose.PAGE for row in self.rows):
            rows = rows.filter(purpose=Purpose.PAGE)
        messages = Count(_MESSAGE, distinct=True) if self.together else Count("pk")
        counted = rows.values("recipient", "channel").annotate(messages=messages, since=Min("done_at")).order_by()
        return {(row["recipient"], row["channel"]): (row["messages"], row["since"]) for row in counted}


def _gone(outside: Collection[str], contacts: "QuerySet[Contact]") -> dict[str, NotSent]:
    """Why some of the recipients are not written to: erased since, or unsubscribed."""
    listening = set(contacts.filter(unsubscribed_at__isnull=True).values_list("uid", flat=True)) if outside else set()
    rest = [each for each in outside if each not in listening and not is_subscriber(each)]
    known = set(Contact.objects.filter(among("uid", rest)).values_list("uid", flat=True)) if rest else set()
    return {each: NotSent.UNSUBSCRIBED if each in known else NotSent.NO_ADDRESS for each in rest}


def _flood(row: Leased, key: str, limit: int) -> str:
    if key == INSTANCE:
        return f"More than {limit} pages were to be sent in 5 minutes."
    return f"One recipient was to get more than {limit} messages by {row.channel} in 5 minutes."


def is_outside(row: Leased) -> bool:
    """Either mark makes it a message to people outside."""
    return row.outside or row.text.outside


def _unwanted(row: Leased, *, now: datetime) -> NotSent | None:
    if row.purpose != Purpose.PAGE:
        return None
    if row.page is not None:
        page, escalation = row.page, row.page.escalation
        return paging_rules.wanted(_page(page), paging.load(escalation), escalation.incident, now=now)
    incident = row.text.incident
    if incident is not None and (incident.closed_at or incident.cancelled_at):
        return NotSent.RESOLVED
    return NotSent.STALE_FOLDED if now - row.created_at > STALE_AFTER else None


def _page(page: Page) -> PagePerson:
    return PagePerson(
        escalation=page.escalation.uid,
        incident=page.escalation.incident.uid,
        person=page.person.uid,
        step=page.step,
        cycle=page.cycle,
        channels=(page.channel,),
        made_at=page.at,
    )


def tally(results: Iterable[Result]) -> Counter[str]:
    """How many stayed, by reason: for the log."""
    reasons = (result.outcome for result in results)
    return Counter(str(reason.reason if isinstance(reason, Later) else reason) for reason in reasons)
