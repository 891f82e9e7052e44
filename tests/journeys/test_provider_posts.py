"""Bounces and complaints that a mail provider posts: to the mail they are about, once, and only from who may."""

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from antiphon.actions import keys
from antiphon.core.decision import SYSTEM
from antiphon.core.reactions import Kind
from antiphon.db import provider_keys, record
from antiphon.db.models import Delivery, Event, Organisation, Reaction, StrayMail, Suppression
from antiphon.queries import knowing
from tests.contracts.sinks import ReceivedMail
from tests.mails import ADDRESS, OURS, uid_of
from tests.world import World

pytestmark = pytest.mark.patient
SAMPLES = Path(__file__).parent.parent / "contracts" / "inbound" / "providers"
SUBJECT = "Payments fail or take very long"


@pytest.fixture
def told(world: World) -> World:
    """Bo and Tess were told of a failure; Lea speaks with customers, and a provider has a key."""
    world.service("checkout", customers=["Bo (business)", "Tess (technical)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.knows_all()
    world.knows("diagnostics", "The volume is full; nothing else stands out.")
    world.publish_draft("technical", "business")
    return world


@pytest.fixture
def to_bo(told: World) -> ReceivedMail:
    mail = told.expect_mail("Bo")
    told.expect_mail("Tess")
    told.forget_mail()
    return mail


@pytest.fixture
def door(told: World) -> str:
    made = keys.add(name="provider", kind="mail", actor=SYSTEM, now=told.now)
    assert isinstance(made, str)
    return f"/in/{made}/mail"


def about(sample: str, mail: ReceivedMail) -> bytes:
    """What the provider would post of this mail."""
    data = (SAMPLES / f"{sample}.json").read_bytes().replace(OURS, uid_of(mail).encode())
    subject = json.dumps(str(mail.message["subject"]))[1:-1].encode()
    return data.replace(ADDRESS, mail.recipient.encode()).replace(SUBJECT.encode(), subject)


def post(world: World, door: str, data: bytes, **headers: str) -> tuple[int, Any]:
    answer = Client().post(door, data, content_type="application/json", headers=headers)
    world.settle()
    return answer.status_code, answer.json()


NAMED = ("ses", "ses-no-headers", "postmark", "postmark-unnamed", "mailgun", "sendgrid")


@pytest.mark.parametrize("sample", [f"bounce-{name}" for name in NAMED])
def test_a_wrong_address_is_written_to_no_more(told: World, to_bo: ReceivedMail, door: str, sample: str) -> None:
    data = about(sample, to_bo)
    assert post(told, door, data)[1]["kind"] == Kind.BOUNCED
    assert post(told, door, data)[1] == {"kind": "known", "says": "It came before."}
    row = Delivery.objects.get(uid=uid_of(to_bo))
    assert (row.state, "5.1.1" in row.reason) == ("bounced", True)
    cell = next(each for each in knowing.matrix(told.incident, now=told.now).cells if each.customer == "Bo Corp")
    assert (cell.failed, cell.reached) == (1, 0)
    assert Reaction.objects.count() == Suppression.objects.count() == 1
    told.publish_draft("technical", "business", moment="progress")
    told.expect_mail("Tess")
    assert not [mail for mail in told.smtp.mails if mail.recipient == to_bo.recipient and mail not in told._told]


@pytest.mark.parametrize("provider", ["ses", "postmark", "mailgun", "sendgrid"])
def test_a_complaint_ends_it_and_a_delay_changes_nothing(
    told: World, to_bo: ReceivedMail, door: str, provider: str
) -> None:
    assert post(told, door, about(f"delay-{provider}", to_bo))[1]["kind"] == Kind.DELAYED
    assert not Suppression.objects.exists()
    assert Delivery.objects.get(uid=uid_of(to_bo)).state == "sent"
    assert post(told, door, about(f"complaint-{provider}", to_bo))[1]["kind"] == Kind.COMPLAINED
    assert Suppression.objects.get().kind == "complained"


def test_a_batch_is_taken_event_by_event_and_again_changes_nothing(told: World, to_bo: ReceivedMail, door: str) -> None:
    events = [*json.loads(about("bounce-sendgrid", to_bo)), *json.loads(about("nothing-sendgrid", to_bo))]
    stranger = {**events[0], "sg_event_id": "other", "smtp-id": "<x@elsewhere.test>", "email": "x@elsewhere.test"}
    data = json.dumps([*events, stranger, events[0]]).encode()
    status, answer = post(told, door, data)
    assert (status, answer["says"]) == (200, "3 events: 1 bounced, 1 known, 1 stray.")
    assert post(told, door, data)[1]["says"] == "3 events: 2 known, 1 stray."
    assert StrayMail.objects.get().sender == "SendGrid"


def test_mail_that_is_not_ours_is_put_to_nobody(told: World, to_bo: ReceivedMail, door: str) -> None:
    """The same account sends other mail to the same reader: without our id and with another subject it is not ours."""
    data = about("bounce-postmark-unnamed", to_bo)
    other = json.dumps({**json.loads(data), "Subject": "Your invoice"}).encode()
    assert post(told, door, other)[1]["kind"] == "stray"
    assert not Reaction.objects.exists()
    Delivery.objects.filter(uid=uid_of(to_bo)).update(done_at=told.now - timedelta(days=6))
    assert post(told, door, data)[1]["kind"] == "stray", "nor is a bounce of a mail that left long ago"


def test_an_out_of_office_note_is_nobodys_word(told: World, to_bo: ReceivedMail, door: str) -> None:
    assert post(told, door, about("automatic-ses-vacation", to_bo))[1]["kind"] == Kind.AUTO_REPLIED
    assert Delivery.objects.get(uid=uid_of(to_bo)).state == "sent"


def test_a_person_confirms_what_amazon_asks(told: World, door: str) -> None:
    data = (SAMPLES / "confirmation-ses.json").read_bytes()
    assert [post(told, door, data)[1]["kind"] for _ in range(2)] == ["confirmation", "confirmation"]
    [kept] = StrayMail.objects.all()
    assert kept.words.startswith("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription")
    ira = Client()
    ira.force_login(told.ira)
    page = ira.get("/settings/returns").content.decode()
    assert "asks whether it may post here" in page


def test_what_nobody_reads_is_kept_as_a_reason_alone(told: World, door: str) -> None:
    status, answer = post(told, door, b'{"secret": "of another program"}')
    assert (status, answer["kind"]) == (200, "stray")
    [kept] = StrayMail.objects.all()
    assert (kept.words, "no provider that is known" in kept.why) == ("", True)
    assert post(told, door, b'{"RecordType": "Open"}')[1]["kind"] == "nothing"
    assert post(told, "/in/nobody/mail", b"{}")[0] == 404


# --- who vouches for it -------------------------------------------------------------------------------------------


def signed(data: bytes, key: str) -> bytes:
    said = json.loads(data)
    at, token = said["signature"]["timestamp"], said["signature"]["token"]
    fits = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return json.dumps({**said, "signature": {"timestamp": at, "token": token, "signature": fits}}).encode()


def test_with_a_signing_key_only_signed_posts_count(told: World, to_bo: ReceivedMail, door: str) -> None:
    ira = Client()
    ira.force_login(told.ira)
    assert ira.post("/settings/returns/signing", {"sendgrid_public_key": "MFkw"}).status_code == 422
    assert ira.post("/settings/returns/signing", {"mailgun_signing_key": "s3cret-key"}).status_code == 302
    assert ira.post("/settings/returns/signing", {"mailgun_signing_key": ""}).status_code == 302, "it stays as it was"
    assert provider_keys.load().mailgun_signing_key == "s3cret-key"
    said = f"{ira.get('/settings/returns').content.decode()} {Organisation.objects.get().settings}"
    assert "s3cret" not in f"{said} {list(Event.objects.values_list('body', flat=True))}"

    data = about("bounce-mailgun", to_bo)
    for unsigned in (data, signed(data, "other"), about("bounce-ses", to_bo)):
        status, answer = post(told, door, unsigned)
        assert (status, "sign" in answer["error"]["sentence"]) == (403, True)
    assert not Reaction.objects.exists()
    assert post(told, door, signed(data, "s3cret-key"))[1]["kind"] == Kind.BOUNCED
    assert ira.post("/settings/returns/signing", {"off": "on"}).status_code == 302
    assert post(told, door, data)[1]["kind"] == "known"
    assert record.verify(record.CONFIGURATION) is None


def test_only_an_admin_says_what_is_signed(told: World) -> None:
    ann = Client()
    ann.force_login(told.ann)
    assert ann.post("/settings/returns/signing", {"mailgun_signing_key": "x"}).status_code == 403
    assert not provider_keys.are_set()
