"""What holds for the whole house: the organisation's own settings and those of its channels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from antiphon.channels.channel import registry
from antiphon.channels.settings import Problem, options, read
from antiphon.core.decision import Actor, Refusal
from antiphon.core.digest import Pace, check
from antiphon.core.events import ConfigurationApplied
from antiphon.db import channel_settings, organisation, record
from antiphon.db.models import Organisation, Person, Policy
from antiphon.db.transactions import write


def save_channel(*, channel: str, values: Mapping[str, Any], actor: Actor, now: datetime) -> list[Problem]:
    """Keep a channel's settings. A secret that is left empty stays as it was. Answers what is wrong, if anything."""
    declared = registry()[channel].settings
    secret = {option.name for option in options(declared) if option.secret}
    with write():
        former = channel_settings.load(channel) or {}
        kept = {name: former[name] for name in secret if name in former and not values.get(name)}
        wanted = {**values, **kept}
        found: Any = read(declared, wanted)
        if isinstance(found, list):
            return found
        channel_settings.save(channel, wanted, secret_names=secret)
        changed = sorted(name for name in wanted if wanted[name] != former.get(name))
        if changed:
            _record(f"{channel}: {', '.join(changed)} set", actor=actor, now=now)
    return []


def save_digest(*, messages: int, minutes: int, actor: Actor, now: datetime) -> Refusal | None:
    """From how many messages in so many minutes on what is not urgent is gathered; 0 messages: never."""
    pace = Pace(messages=messages, minutes=minutes)
    if refusal := check(pace):
        return refusal
    with write():
        organisation.keep("digest", pace)
        _record(f"digest: {messages} messages, {minutes} min set", actor=actor, now=now)
    return None


def save_organisation(*, name: str, zone: str, actor: Actor, now: datetime) -> Refusal | None:
    """The organisation's name and the zone that holds where nobody says another."""
    if not name.strip() or len(name) > 120:
        return Refusal("Name the organisation in 1 to 120 characters.", "organisation")
    if zone not in available_timezones():
        return Refusal(f"“{zone}” is no time zone: write one such as Europe/Berlin.", "zone")
    with write():
        Organisation.objects.update_or_create(id=1, defaults={"name": name.strip(), "zone": zone})
        _record("organisation: name, zone set", actor=actor, now=now)
    return None


def measure(*, opens: bool, clicks: bool, actor: Actor, now: datetime) -> None:
    """Whether opens and clicks of mails are counted; neither is unless somebody says so."""
    with write():
        row = Organisation.objects.get_or_create(id=1)[0]
        wanted = {"opens": opens, "clicks": clicks}
        if row.settings.get("measure", {"opens": False, "clicks": False}) != wanted:
            row.settings = {**row.settings, "measure": wanted}
            row.save(update_fields=["settings"])
            _record(
                f"organisation: opens {'on' if opens else 'off'}, clicks {'on' if clicks else 'off'}",
                actor=actor,
                now=now,
            )


def save_address(*, base_url: str, actor: Actor, now: datetime) -> Refusal | None:
    """Where people reach this installation; links in pages and mails begin with it."""
    parts = urlsplit(base_url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        return Refusal("Write an address such as https://incidents.example.org.", "base_url")
    with write():
        Organisation.objects.update_or_create(id=1, defaults={"base_url": base_url.strip().rstrip("/")})
        _record("organisation: base_url set", actor=actor, now=now)
    return None


def finish_setup(*, person: Person, actor: Actor, now: datetime) -> None:
    """The first set-up is done. Where there is no escalation policy yet, the first person is paged for everything."""
    with write():
        Organisation.objects.update_or_create(id=1, defaults={"set_up_at": now})
        _page_first_person(person, actor=actor, now=now)


def page_first_person(*, person: Person, actor: Actor, now: datetime) -> None:
    """A policy to start with: one step, the first person, who is the catch-all too."""
    with write():
        _page_first_person(person, actor=actor, now=now)


def _page_first_person(person: Person, *, actor: Actor, now: datetime) -> None:
    if Policy.objects.exists():
        return
    step = {"delay": "PT5M", "targets": [{"kind": "person", "name": person.uid}], "channels": []}
    Policy.objects.create(name="First person", steps=[step], repeat=1, catch_all=person)
    _record("policy First person added", actor=actor, now=now)


def _record(what: str, *, actor: Actor, now: datetime) -> None:
    event = ConfigurationApplied(source="the settings pages", changes=(what,))
    record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
