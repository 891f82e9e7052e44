"""Who gets in: one-time links, roles, passwords, keys and tokens; each change is on the record."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from antiphon.actions import keys, people, tokens
from antiphon.core.decision import Actor, Refusal
from antiphon.db import record
from antiphon.db.models import ContactMethod, Person
from antiphon.queries.access import token_actor

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
BY = Actor(kind="system", uid="command-line", role="system")
PASSWORD = "a long enough phrase of words"


@pytest.fixture
def ann() -> Person:
    made = people.create(email="ann@example.org", name="Ann", role="admin", actor=BY, now=NOW)
    assert isinstance(made, Person)
    return made


def _said() -> list[str]:
    return [one.event.sentence() for one in record.read(record.ACCESS)]


def test_a_link_works_once_and_within_a_day(ann):
    token = people.sign_in_link(email="ANN@example.org", actor=BY, now=NOW)
    assert isinstance(token, str)
    late = people.use_link(token=token, now=NOW + timedelta(hours=24))
    assert isinstance(late, Refusal)
    used = people.use_link(token=token, now=NOW + timedelta(hours=23))
    assert not isinstance(used, Refusal)
    assert used.person == ann
    assert isinstance(people.use_link(token=token, now=NOW + timedelta(hours=23)), Refusal)
    assert isinstance(people.use_link(token="guessed", now=NOW), Refusal)


def test_a_link_of_somebody_who_left_opens_nothing(ann):
    ben = people.create(email="ben@example.org", name="Ben", role="responder", actor=BY, now=NOW)
    assert isinstance(ben, Person)
    token = people.sign_in_link(email="ben@example.org", actor=BY, now=NOW)
    assert isinstance(token, str)
    assert people.deactivate(person=ben, actor=BY, now=NOW) is None
    assert isinstance(people.use_link(token=token, now=NOW), Refusal)
    assert isinstance(people.sign_in_link(email="ben@example.org", actor=BY, now=NOW), Refusal)


def test_the_set_up_link_signs_nobody_in():
    used = people.use_link(token=people.setup_link(now=NOW), now=NOW)
    assert not isinstance(used, Refusal)
    assert used.person is None


def test_the_last_admin_stays_one(ann):
    assert isinstance(people.change_role(person=ann, role="viewer", actor=BY, now=NOW), Refusal)
    assert isinstance(people.deactivate(person=ann, actor=BY, now=NOW), Refusal)
    people.create(email="ira@example.org", name="Ira", role="admin", actor=BY, now=NOW)
    assert people.change_role(person=ann, role="viewer", actor=BY, now=NOW) is None


def test_a_password_has_to_be_long_and_then_signs_in(ann):
    assert isinstance(people.set_password(person=ann, password="short", actor=BY, now=NOW), Refusal)
    assert people.set_password(person=ann, password=PASSWORD, actor=BY, now=NOW) is None
    assert authenticate(username="Ann@example.org", password=PASSWORD) == ann


def test_ways_to_be_reached_are_checked_and_kept_in_order(ann):
    assert list(ContactMethod.objects.values_list("channel", "address")) == [("mail", "ann@example.org")]
    for wrong in [("pigeon", "x")], [("mail", "ann")], [("mail", "a@example.org")] * 2:
        assert isinstance(people.set_contact_methods(person=ann, methods=wrong, actor=BY, now=NOW), Refusal)
    ways = [("webhook", "https://hooks.example.org/ann"), ("mail", "ann@example.org")]
    assert people.set_contact_methods(person=ann, methods=ways, actor=BY, now=NOW) is None
    assert list(ContactMethod.objects.values_list("channel", "address")) == ways


def test_a_token_acts_until_it_ends_or_is_revoked():
    token = tokens.add(name="reader", role="viewer", lasts=timedelta(days=1), actor=BY, now=NOW)
    assert isinstance(token, str)
    actor = token_actor(token, now=NOW)
    assert actor
    assert (actor.kind, actor.role) == ("token", "viewer")
    assert token_actor(token, now=NOW + timedelta(days=1)) is None
    assert tokens.revoke(name="reader", actor=BY, now=NOW) is None
    assert token_actor(token, now=NOW) is None


def test_every_change_is_on_the_record_without_names_or_secrets(ann):
    key = keys.add(name="prometheus", kind="alertmanager", actor=BY, now=NOW)
    token = tokens.add(name="reader", role="viewer", actor=BY, now=NOW)
    people.set_password(person=ann, password=PASSWORD, actor=BY, now=NOW)
    keys.revoke(name="prometheus", actor=BY, now=NOW)
    said = _said()
    assert len(said) == 5
    assert record.verify(record.ACCESS) is None
    for secret in (key, token, PASSWORD, "ann@example.org"):
        assert not [sentence for sentence in said if str(secret) in sentence]
