"""Posts on the organisation's own Mastodon account, by the documented API (docs.joinmastodon.org/methods/statuses).

A post is for everybody: only a text for the public is taken, and nothing of a recipient stands in it. A repetition
carries the same Idempotency-Key, by which the server answers with the post that is there already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from antiphon.channels.answers import busy, json_of, none_came, wait
from antiphon.channels.settings import Problem, option
from antiphon.core.sending import Dead, Envelope, Outcome, OutsideText, Retry, Sent, opaque
from antiphon.core.social import post_of
from antiphon.egress.failures import EgressFailure, Refused
from antiphon.egress.guard import url_problem
from antiphon.egress.http import Reply
from antiphon.egress.transport import Transport

NAME: Final = "mastodon"
LABEL: Final = "Mastodon"
MAX_BYTES: Final = 256 * 1024
PUBLIC: Final = True
GONE: Final = 404


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The account that posts, and who sees it."""

    server: str = option("Server", "Its address, such as https://mastodon.example.", pattern=r"https?://[^\s/?#]+/?")
    token: str = option(
        "Access token", "Of an application with the scope write:statuses.", secret=True, pattern=r"[A-Za-z0-9._~+/=-]+"
    )
    visibility: Literal["public", "unlisted"] = option(
        "Visibility", "Public posts also stand in the server's timelines.", default="public"
    )
    longest: int = option("Longest post", "Characters that the server takes; most take 500.", default=500)

    def problems(self) -> list[Problem]:
        """What the fields alone do not show."""
        wrong = url_problem(self.server)
        found = [Problem("server", wrong)] if wrong else []
        return found if self.longest >= 100 else [*found, Problem("longest", "A post needs 100 characters or more.")]


check_address = url_problem


async def send(envelope: Envelope, settings: Settings, transport: Transport, *, now: datetime) -> Outcome:
    """Post once, as an answer to `extra["in_reply_to"]` when that still stands. Sent.reference is the post's id, detail
    its address."""
    text = envelope.text
    if not isinstance(text, OutsideText) or text.audience != "public":
        return Dead("Only an approved text for the public is posted.")
    if envelope.to.rstrip("/") != settings.server.rstrip("/"):
        return Dead("The account was set up anew since this was queued; it is not posted elsewhere.")
    status = post_of(text, envelope.extra.get("link", ""), most=settings.longest)
    first = envelope.extra.get("in_reply_to", "")
    try:
        reply = await _post(status, first, envelope, settings, transport)
        if first and reply.status == GONE:  # somebody took the first post away
            reply = await _post(status, "", envelope, settings, transport)
    except Refused as refused:
        return Dead(str(refused))
    except EgressFailure as failure:
        return none_came(failure)
    return _outcome(reply, now)


async def _post(status: str, first: str, envelope: Envelope, settings: Settings, transport: Transport) -> Reply:
    body: dict[str, Any] = {"status": status, "visibility": settings.visibility}
    if first:
        body["in_reply_to_id"] = first
    headers = {
        "authorization": f"Bearer {settings.token}",
        "content-type": "application/json",
        "idempotency-key": opaque(envelope.delivery_id),
        "user-agent": "Antiphon",
    }
    url = f"{settings.server.rstrip('/')}/api/v1/statuses"
    return await transport.http.request("POST", url, headers=headers, body=msgspec.json.encode(body))


def _outcome(reply: Reply, now: datetime) -> Outcome:
    said = f"The server answered HTTP {reply.status}"
    if 200 <= reply.status < 300:
        post = json_of(reply)
        name = str(post.get("id") or "")
        return Sent(name, str(post.get("url") or "Posted.")) if name else Retry(f"{said} without a post.")
    if busy(reply):
        return Retry(f"{said}.", wait(reply, now=now))
    if reply.status in (401, 403):
        return Dead(f"{said}: it does not take the access token, or not for posts. Set the account up again.")
    if 300 <= reply.status < 400:
        return Dead(f"{said}, a redirect. Redirects are not followed; enter the final address.")
    return Dead(f"{said}: it does not take the post. Check its address and the longest post that it takes.")
