"""SMS by Twilio's Messages API, or another server that speaks it.

`POST {base}/2010-04-01/Accounts/{sid}/Messages.json`, form fields To, From (or MessagingServiceSid) and Body, basic
authentication; 201 with the message's `sid`, else a JSON error with Twilio's `code`. Who answers STOP is blocked by
Twilio itself: error 21610 tells us (https://www.twilio.com/docs/api/errors). The API has no key against repetition,
so a message whose answer was lost may arrive twice.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from antiphon.channels.answers import busy, json_of, none_came, wait
from antiphon.channels.settings import Problem, option
from antiphon.core import sms
from antiphon.core.channel_words import segments
from antiphon.core.sending import Dead, Envelope, Outcome, OutsideText, Retry, Sent, UnknownSlot, fill
from antiphon.egress.failures import EgressFailure, Refused
from antiphon.egress.guard import url_problem
from antiphon.egress.http import Reply
from antiphon.egress.transport import Transport

NAME: Final = "sms"
LABEL: Final = "SMS"
MAX_BYTES: Final = 256 * 1024

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_STOPPED: Final = 21610
_REASONS: Final = {
    _STOPPED: "They answered STOP to an earlier SMS; only their own START lets another one through.",
    21211: "This is no number that can be reached; correct it.",
    21614: "This number takes no SMS; enter a mobile number.",
    21408: "Twilio may not send to this country; allow it in the account's geographic permissions.",
    20003: "Twilio does not accept the account or its token; check both in the settings.",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The account that sends."""

    account_sid: str = option("Account SID", "Begins with AC; Twilio's console shows it.", pattern=r"AC[0-9A-Za-z]{32}")
    auth_token: str = option("Auth token", "Belongs to the account.", secret=True)
    sender: str = option(
        "Sender",
        "A number such as +15005550006, a name of up to 11 letters, or a messaging service (MG…).",
        pattern=r"\+[1-9][0-9]{6,14}|MG[0-9A-Za-z]{32}|[A-Za-z0-9 ]{1,11}",
    )
    base_url: str = option(
        "Address of the API", "Another only for a server that speaks Twilio's API.", default="https://api.twilio.com"
    )
    subscribers: bool = option(
        "Readers of status pages may subscribe by it", "Each SMS to them is paid for by this account.", default=False
    )

    def problems(self) -> list[Problem]:
        """What is wrong between fields."""
        wrong = url_problem(self.base_url)
        return [Problem("base_url", wrong)] if wrong else []


def check_address(address: str) -> str | None:
    """What is wrong with a number, or None: the international form alone (E.164)."""
    if _NUMBER.fullmatch(address):
        return None
    return "Write the number with its country, such as +491701234567."


async def send(envelope: Envelope, settings: Settings, transport: Transport, *, now: datetime) -> Outcome:
    """Hand one SMS over. Sent.reference is Twilio's sid of it."""
    try:
        words = body(envelope)
        fields = {"To": envelope.to, _sender(settings): settings.sender, "Body": words}
        reply = await transport.http.request(
            "POST",
            f"{settings.base_url.rstrip('/')}/2010-04-01/Accounts/{settings.account_sid}/Messages.json",
            headers=_headers(settings),
            body=urlencode(fields).encode("ascii"),
        )
    except (Refused, UnknownSlot) as refused:
        return Dead(str(refused))
    except EgressFailure as failure:
        return none_came(failure)
    return _outcome(reply, words, now)


def body(envelope: Envelope) -> str:
    """The words as they are sent: what was approved for SMS, else the subject, then the links, within three segments.

    What was approved is never cut: where it leaves no room for the links beside it, the subject goes with them.
    """
    text = envelope.text
    if not isinstance(text, OutsideText):
        whole = sms.plain(f"{text.subject}\n{text.body_text}")
        link = envelope.extra.get("ack_url") or envelope.extra.get("approve_url", "")
        return whole if segments(whole) <= sms.MOST_SEGMENTS else sms.fitted(sms.plain(text.subject), _tail(link))
    slots = envelope.recipient_slots
    stop = fill("[[unsubscribe_url]]", slots)
    link = envelope.extra.get("link", "")
    own = sms.plain(fill(text.channels.get("sms", ""), slots))
    for tail in ("",) if stop in own else (_tail(link, stop), _tail("", stop)):
        if own and segments(own + tail) <= sms.MOST_SEGMENTS:
            return own + tail
    return sms.fitted(sms.plain(fill(text.subject, slots)), _tail(link, stop))


def _tail(link: str, stop: str = "") -> str:
    return (f"\n{link}" if link else "") + (f"\nStop: {stop}" if stop else "")


def _sender(settings: Settings) -> str:
    return "MessagingServiceSid" if re.fullmatch(r"MG[0-9A-Za-z]{32}", settings.sender) else "From"


def _headers(settings: Settings) -> dict[str, str]:
    secret = base64.b64encode(f"{settings.account_sid}:{settings.auth_token}".encode()).decode("ascii")
    return {
        "authorization": f"Basic {secret}",
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        "user-agent": "Antiphon",
    }


def _outcome(reply: Reply, words: str, now: datetime) -> Outcome:
    said = json_of(reply)
    if 200 <= reply.status < 300:
        sid = str(said.get("sid", ""))[:64]
        if not sid:
            return Retry("The server took the SMS and gave it no sid; check the address of the API.")
        many = segments(words)
        return Sent(sid, f"{said.get('status', 'accepted')}, {many} {'segment' if many == 1 else 'segments'}"[:200])
    if busy(reply):
        return Retry(f"Twilio answered HTTP {reply.status}.", wait(reply, now=now))
    code = said.get("code")
    if isinstance(code, int) and code in _REASONS:
        return Dead(f"Twilio refused the SMS (error {code}). {_REASONS[code]}", gone=code == _STOPPED)
    return Dead(f"Twilio refused the SMS (HTTP {reply.status}, error {code}); its error pages say why.")
