"""Texts for people outside: only what was approved, only to who may get it, each as one mail of their own."""

import pytest
from django.db import IntegrityError, transaction

from antiphon.core.sending import NotSent
from antiphon.db import addresses, claims, suppressions
from antiphon.db.models import Contact, Delivery, RoleAssignment, Text, Version
from antiphon.db.transactions import write
from tests.contracts.delivery.house import BODY, NOON, House

pytestmark = pytest.mark.patient


def reasons() -> list[str]:
    return sorted(Delivery.objects.filter(purpose="update").values_list("reason", flat=True))


def test_I28_each_reader_gets_one_mail_with_their_own_name_and_link(house: House):
    house.publish(house.contacts(3))
    assert house.deliver() == 3
    assert sorted(mail.recipient for mail in house.mail.mails) == [f"bo{n}@acme.example" for n in range(3)]
    for mail in house.mail.mails:
        name = mail.recipient.partition("@")[0].replace("bo", "Bo ")
        assert mail.body().startswith(f"Hello {name},")
        assert BODY in mail.body()
        link = mail.message["List-Unsubscribe"].strip("<>")
        signed = link.rpartition("/unsubscribe/")[2]
        assert addresses.contact_of(signed) == Contact.objects.get(email=mail.recipient).uid
        assert addresses.contact_of(signed + "x") is None


def test_two_thousand_mails_go_over_few_connections(house: House):
    house.publish(house.contacts(2000))
    house.worker("patient", deadline=8.0).deliver_all(now=house.now)
    assert len({mail.recipient for mail in house.mail.mails}) == len(house.mail.mails) == 2000
    assert house.mail.connections <= 8
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_I25_one_changed_byte_and_nothing_is_sent_and_somebody_is_told(house: House):
    text = house.publish(house.contacts(3))
    RoleAssignment.objects.create(incident=house.incident, role="business lead", person=house.ann, assigned_at=NOON)
    Text.objects.filter(pk=text.pk).update(body_text=text.body_text.replace("some", "all"))
    house.deliver()
    assert reasons() == [NotSent.UNAPPROVED] * 3
    (mail,) = house.mail.mails
    assert mail.recipient == "ann@example.org"
    assert "is not byte for byte what was approved" in mail.body()


@pytest.mark.parametrize("change", [{"approved_digest": ""}, {"approved_digest": "0" * 64}, {"audience": "technical"}])
def test_I25_without_the_approval_of_this_text_nothing_is_sent(house: House, change: dict[str, str]):
    house.publish(house.contacts(1))
    Version.objects.update(**change)
    house.deliver()
    assert reasons() == [NotSent.UNAPPROVED]
    assert not house.mail.mails


def test_I26_an_inside_text_addressed_outside_stays(house: House):
    house.publish(house.contacts(1))
    Text.objects.update(outside=False, version=None, audience="responders")
    house.deliver()
    assert reasons() == [NotSent.UNAPPROVED]
    assert not house.mail.mails


def test_I31_unsubscribed_suppressed_and_erased_never_hear_again(house: House):
    one, two, three, four = house.contacts(4)
    house.publish([one, two, three, four])
    Contact.objects.filter(pk=one.pk).update(unsubscribed_at=NOON)
    with write():
        suppressions.suppress(two.email.upper(), reason="hard bounce", now=NOON)
    Contact.objects.filter(pk=three.pk).delete()
    house.deliver()
    assert reasons() == sorted(["", NotSent.UNSUBSCRIBED, NotSent.SUPPRESSED, NotSent.NO_ADDRESS])
    assert [mail.recipient for mail in house.mail.mails] == [four.email]


def test_a_drill_reaches_nobody_outside(house: House):
    house.publish(house.contacts(1), incident=house.declare(2, nature="drill"))
    house.deliver()
    assert reasons() == [NotSent.PRACTICE]
    assert not house.mail.mails


def test_the_database_refuses_practice_outside(house: House):
    house.publish(house.contacts(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(practice=True)


def test_I8_what_was_claimed_together_stays_known_as_one_however_often_workers_die(house: House):
    def claimed(real: float) -> dict[int, str]:
        with write():
            rows = claims.lease_deliveries(now=NOON, real=real, purposes=["update"], limit=10)
        return {row.pk: row.earlier_lease for row in rows}

    readers = house.contacts(3)
    house.publish(readers[:2])
    first = claimed(0.0)
    house.publish(readers[2:])
    second, third = claimed(100.0), claimed(200.0)
    together = {third[pk] for pk in first}
    assert set(second) == set(third) > set(first)
    assert len(together) == 1
    assert together.isdisjoint(third[pk] for pk in third.keys() - first.keys())
