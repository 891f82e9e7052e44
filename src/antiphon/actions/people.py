"""People of the house: who they are, what they may do, how they sign in and how they are reached.

The record names a person by id, never by name or address, so that it stays whole when one is erased.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from antiphon.channels.channel import to_people
from antiphon.core.access import ROLES
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.observations import key_hash
from antiphon.db import record
from antiphon.db.models import ContactMethod, Person, SignInLink
from antiphon.db.transactions import write

LINK_LASTS = timedelta(hours=24)
NO_LINK = "This link was used already, or is older than a day. Ask for a new one: `antiphon person link EMAIL`."


def create(*, email: str, name: str, role: str, actor: Actor, now: datetime, zone: str = "") -> Person | Refusal:
    """A new person, reached by mail until they say otherwise. They sign in by a link at first."""
    email, name = email.strip(), name.strip()
    if refusal := _check(email, name, role, zone):
        return refusal
    with write():
        head = record.lock(record.ACCESS)
        if Person.objects.filter(email__iexact=email).exists():
            return Refusal(f"{email} belongs to a person already.", "email")
        person = Person(email=email, name=name, role=role, zone=zone)
        person.set_unusable_password()
        person.save()
        ContactMethod.objects.create(person=person, channel="mail", address=email)
        said = f"Person {person.uid} added with role {role}"
        record.append(head, [AccessChanged(what=said)], actor=actor, now=now)
    return person


def change_role(*, person: Person, role: str, actor: Actor, now: datetime) -> Refusal | None:
    """Another role, in force with the person's next request."""
    if role not in ROLES:
        return Refusal(f"{role!r} is no role; choose {', '.join(ROLES)}.", "role")
    with write():
        head = record.lock(record.ACCESS)
        if role != "admin" and _is_last_admin(person):
            return Refusal("This is the last admin: make somebody else admin first.", "role")
        Person.objects.filter(pk=person.pk).update(role=role)
        record.append(head, [AccessChanged(what=f"Person {person.uid} now has role {role}")], actor=actor, now=now)
    return None


def deactivate(*, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """The person may not sign in any more; what they did stays."""
    with write():
        head = record.lock(record.ACCESS)
        if _is_last_admin(person):
            return Refusal("This is the last admin: make somebody else admin first.", "person")
        Person.objects.filter(pk=person.pk).update(is_active=False)
        SignInLink.objects.filter(person=person, used_at=None).delete()
        record.append(head, [AccessChanged(what=f"Person {person.uid} may not sign in any more")], actor=actor, now=now)
    return None


def sign_in_link(*, email: str, actor: Actor, now: datetime) -> str | Refusal:
    """A token that signs the person in once, within a day. Links made earlier stop working."""
    person = Person.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        return Refusal(f"Nobody here has the address {email}: add them with `antiphon person add`.", "email")
    return _new_link(person, f"Sign-in link made for person {person.uid}", actor=actor, now=now)


def setup_link(*, now: datetime) -> str:
    """A token that opens the first-run set-up once, within a day. Links made earlier stop working."""
    return _new_link(None, "Link to the first set-up made", actor=SYSTEM, now=now)


def use_link(*, token: str, now: datetime) -> SignInLink | Refusal:
    """Use a one-time link up. Its `person` signs in; without one it opens the first-run set-up."""
    with write():
        head = record.lock(record.ACCESS)
        row = SignInLink.objects.select_related("person").filter(hash=key_hash(token)).first()
        if row is None or row.used_at or row.expires_at <= now or (row.person and not row.person.is_active):
            return Refusal(NO_LINK, "link")
        row.used_at = now
        row.save(update_fields=["used_at"])
        said = f"Person {row.person.uid} signed in by link" if row.person else "The first set-up was opened"
        record.append(head, [AccessChanged(what=said)], actor=SYSTEM, now=now)
    return row


def set_password(*, person: Person, password: str, actor: Actor, now: datetime) -> Refusal | None:
    """Another password; every session of the person ends with it."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        return Refusal(" ".join(error.messages), "password")
    with write():
        head = record.lock(record.ACCESS)
        person.set_password(password)
        person.save(update_fields=["password"])
        said = f"Password of person {person.uid} changed"
        record.append(head, [AccessChanged(what=said)], actor=actor, now=now)
    return None


def set_contact_methods(
    *, person: Person, methods: Sequence[tuple[str, str]], actor: Actor, now: datetime
) -> Refusal | None:
    """How the person is reached: (channel, address) in the order in which they are tried."""
    known = to_people()
    for name, address in methods:
        if name not in known:
            return Refusal(f"{name!r} is no channel; choose {', '.join(known)}.", "channel")
        if sentence := known[name].check_address(address):
            return Refusal(sentence, "address")
    if len(set(methods)) != len(methods):
        return Refusal("One of the ways is listed twice.", "address")
    with write():
        head = record.lock(record.ACCESS)
        ContactMethod.objects.filter(person=person).delete()
        ContactMethod.objects.bulk_create(
            ContactMethod(person=person, channel=name, address=address, position=position)
            for position, (name, address) in enumerate(methods)
        )
        ways = ", ".join(name for name, _ in methods) or "nothing"
        said = f"Person {person.uid} is now reached by {ways}"
        record.append(head, [AccessChanged(what=said)], actor=actor, now=now)
    return None


def _check(email: str, name: str, role: str, zone: str) -> Refusal | None:
    try:
        validate_email(email)
    except ValidationError:
        return Refusal(f"{email!r} is no e-mail address: write it like ann@example.org.", "email")
    if not name or len(name) > 120:
        return Refusal("Give the person's name in 1 to 120 characters.", "name")
    if role not in ROLES:
        return Refusal(f"{role!r} is no role; choose {', '.join(ROLES)}.", "role")
    if zone and zone not in available_timezones():
        return Refusal(f"{zone!r} is no time zone: write it like Europe/Berlin.", "zone")
    return None


def _is_last_admin(person: Person) -> bool:
    others = Person.objects.filter(role="admin", is_active=True).exclude(pk=person.pk)
    return person.role == "admin" and person.is_active and not others.exists()


def _new_link(person: Person | None, said: str, *, actor: Actor, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    with write():
        head = record.lock(record.ACCESS)
        SignInLink.objects.filter(person=person, used_at=None).delete()
        SignInLink.objects.create(hash=key_hash(token), person=person, created_at=now, expires_at=now + LINK_LASTS)
        record.append(head, [AccessChanged(what=said)], actor=actor, now=now)
    return token
