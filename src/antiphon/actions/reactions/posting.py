"""What a mail provider posts of bounces and complaints: checked for who vouches for it, then taken like mail."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from antiphon.actions.reactions import receiving
from antiphon.actions.reactions.receiving import Taken
from antiphon.core.access import may
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.inbound import Received, Unreadable, providers
from antiphon.core.inbound.providers import Confirmation, signing
from antiphon.core.inbound.providers.signing import Keys
from antiphon.db import provider_keys, record
from antiphon.db.secrets import WrongKey
from antiphon.db.transactions import write

LARGEST = providers.LARGEST
CLOSED = "The keys for signatures cannot be opened: set them again under Settings, What comes back."


def receive(data: bytes, headers: Mapping[str, str], *, now: datetime) -> Taken | Refusal:
    """Take in one post with all its events. The same post again changes nothing. Refused: nobody vouches for it."""
    try:
        posted = providers.read(data)
    except Unreadable as error:
        return receiving.set_aside(data, str(error), now=now)
    try:
        refusal = signing.vouched(posted, data, headers, provider_keys.load())
    except WrongKey:
        refusal = Refusal(CLOSED, "signature")
    if refusal:
        return refusal
    taken = [_take(event, now=now) for event in posted.events]
    if not taken:
        return Taken("nothing", f"{posted.provider} tells of nothing that did not arrive, and of no complaint.")
    counted = Counter(each.kind for each in taken)
    many = ", ".join(f"{number} {kind}" for kind, number in sorted(counted.items()))
    return taken[0] if len(taken) == 1 else Taken(taken[0].kind, f"{len(taken)} events: {many}.")


def sign_with(*, given: Mapping[str, str], actor: Actor, now: datetime) -> Refusal | None:
    """With what providers' posts are checked from now on, by the names of `Keys`; "" takes one away."""
    refusal = may(actor, "configuration.change") or signing.check(Keys(**given))
    if refusal:
        return refusal
    with write():
        if names := keep(given):
            said = ConfigurationApplied(source="the settings page", changes=(f"~ keys of providers: {names}",))
            record.append(record.lock(record.CONFIGURATION), [said], actor=actor, now=now)
    return None


def keep(given: Mapping[str, str]) -> str:
    """Let these keys hold in place of those before, inside a write transaction; the names of those that differ."""
    try:
        before = provider_keys.load()
    except WrongKey:
        before = Keys()
    differing = {name: key for name, key in given.items() if getattr(before, name) != key}
    if differing:
        provider_keys.keep(replace(before, **differing))
    return ", ".join(name.replace("_", " ") for name in sorted(differing))


def _take(event: Received | Confirmation, *, now: datetime) -> Taken:
    if isinstance(event, Confirmation):
        return receiving.ask_to_confirm(event, now=now)
    return receiving.put(event, now=now)
