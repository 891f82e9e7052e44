"""Bounces and complaints as large mail providers post them, and who vouches for them."""

import hashlib
import hmac
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.inbound import Nature, Received, Unreadable, providers
from antiphon.core.inbound.providers import Confirmation, signing
from antiphon.core.inbound.providers.signing import Keys
from antiphon.core.reactions import Kind, kind_of_report, status_of

HERE = Path(__file__).parent / "providers"
OURS, BO = "d4kf02mmzq1a", "bo@customer.test"
NATURES = {
    "bounce": Nature.BOUNCE,
    "delay": Nature.BOUNCE,
    "complaint": Nature.COMPLAINT,
    "automatic": Nature.AUTOMATIC,
}
NAMELESS = {"bounce-postmark-unnamed"}


def sample(name: str) -> bytes:
    return (HERE / f"{name}.json").read_bytes()


def one(name: str) -> Received:
    [event] = providers.read(sample(name)).events
    assert isinstance(event, Received)
    return event


def names(*beginnings: str) -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.json") if path.stem.partition("-")[0] in beginnings)


@pytest.mark.parametrize("name", names(*NATURES))
def test_every_sample_is_known_for_what_it_is_and_finds_its_mail(name: str) -> None:
    event = one(name)
    assert event.nature == NATURES[name.partition("-")[0]]
    assert event.reader == BO
    assert event.ours == (() if name in NAMELESS else (OURS,))
    assert event == one(name), "the same event has the same name each time"
    assert providers.is_json(sample(name))


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("bounce-ses", Kind.BOUNCED, "5.1.1"),
        ("bounce-ses-no-headers", Kind.BOUNCED, "5.1.1"),
        ("bounce-ses-raw-full", Kind.UNDELIVERED, "5.2.2"),
        ("bounce-postmark", Kind.BOUNCED, "5.1.1"),
        ("bounce-postmark-unnamed", Kind.BOUNCED, "5.1.1"),
        ("bounce-mailgun", Kind.BOUNCED, "5.1.1"),
        ("bounce-sendgrid", Kind.BOUNCED, "5.1.1"),
        ("delay-ses", Kind.DELAYED, "4.4.1"),
        ("delay-postmark", Kind.DELAYED, "4.7.1"),
        ("delay-mailgun", Kind.DELAYED, "4.4.1"),
        ("delay-sendgrid", Kind.DELAYED, "4.4.1"),
    ],
)
def test_an_event_says_whether_the_address_is_wrong(name: str, kind: Kind, status: str) -> None:
    [failure] = one(name).failures
    assert failure.address == BO
    assert kind_of_report(failure.action, failure.status, failure.diagnostic) is kind
    assert status_of(failure.status, failure.diagnostic) == status


@pytest.mark.parametrize("name", names("nothing"))
def test_what_else_providers_tell_is_nothing_to_us(name: str) -> None:
    assert providers.read(sample(name)).events == ()


def test_every_event_of_a_sample_has_a_name_of_its_own() -> None:
    digests = [one(name).digest for name in names(*NATURES)]
    assert len(set(digests)) == len(digests)


def test_a_subscription_is_confirmed_at_the_providers_own_address_only() -> None:
    [asked] = providers.read(sample("confirmation-ses")).events
    assert isinstance(asked, Confirmation)
    assert asked.url.startswith("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription")
    for elsewhere in (
        "https://sns.eu-central-1.amazonaws.com.evil.test/?a",
        "https://evil.test/?https://sns.eu-central-1.amazonaws.com/",
        "http://sns.eu-central-1.amazonaws.com/?a",
        "https://sns.eu-central-1.amazonaws.com@evil.test/?a",
        "javascript:alert(1)",
    ):
        said = {**json.loads(sample("confirmation-ses")), "SubscribeURL": elsewhere}
        assert providers.read(json.dumps(said).encode()).events == ()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": "\\ud800"}', "JSON"),
        (b"{}", "known are Amazon SES, Postmark, Mailgun, SendGrid"),
        (b"[]", "no provider"),
        (b'{"RecordType": 1}', "looks like Postmark"),
        (b'{"event-data": []}', "looks like Mailgun"),
        (b'[{"event": "bounce"}, 3]', "looks like SendGrid"),
        (b'{"Type": "Notification", "TopicArn": "x", "Message": "{"}', "looks like Amazon SES"),
        (b"[" + b" " * providers.LARGEST, "more than"),
    ],
)
def test_what_is_no_providers_is_told_with_the_reason(said: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        providers.read(said)


@given(st.sampled_from(names(*NATURES)), st.text(max_size=40), st.sampled_from(("\x00", "\u202e", "\n", "")))
def test_words_of_strangers_are_tidied_and_limited(name: str, words: str, mark: str) -> None:
    said = sample(name).decode().replace("smtp", f"{json.dumps(f'{mark}{words * 40}')[1:-1].replace(chr(92), '')}")
    try:
        events = providers.read(said.encode("utf-8", "replace")).events
    except Unreadable:
        return
    for event in events:
        assert isinstance(event, Received)
        for failure in event.failures:
            assert len(failure.diagnostic) <= 300
            assert not {"\x00", "\u202e", "\n"} & set(failure.diagnostic)


# --- who vouches for it -------------------------------------------------------------------------------------------

KEY = "the signing key"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
PUBLIC = b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
KEYS = Keys(mailgun_signing_key=KEY, sendgrid_public_key=PUBLIC)


def by_mailgun(**changed: Any) -> bytes:
    said = json.loads(sample("bounce-mailgun"))
    own = said["signature"]
    own["signature"] = hmac.new(KEY.encode(), f"{own['timestamp']}{own['token']}".encode(), hashlib.sha256).hexdigest()
    return json.dumps({**said, "signature": {**own, **changed}}).encode()


def by_sendgrid(data: bytes, *, at: str = "1795169110") -> dict[str, str]:
    signature = b64encode(PRIVATE.sign(at.encode() + data, ec.ECDSA(SHA256()))).decode()
    return {signing.SIGNATURE: signature, signing.TIMESTAMP: at}


def taken(data: bytes, headers: dict[str, str] | None = None, keys: Keys = KEYS) -> bool:
    return signing.vouched(providers.read(data), data, headers or {}, keys) is None


def test_without_a_key_the_address_alone_vouches() -> None:
    assert all(taken(sample(name), keys=Keys()) for name in names(*NATURES))


def test_with_keys_only_what_is_signed_is_taken() -> None:
    assert taken(by_mailgun())
    for changed in ({"token": "other"}, {"timestamp": "1"}, {"signature": ""}, {"signature": "ü"}, {"token": ""}):
        assert not taken(by_mailgun(**changed)), changed
    assert not taken(json.dumps({**json.loads(by_mailgun()), "signature": 3}).encode())
    data = sample("bounce-sendgrid")
    assert taken(data, by_sendgrid(data))
    assert not taken(data)
    assert not taken(data + b" ", by_sendgrid(data))
    assert not taken(data, {**by_sendgrid(data), signing.TIMESTAMP: "1"})
    assert not taken(data, {**by_sendgrid(data), signing.SIGNATURE: "no base64"})
    assert not taken(sample("bounce-ses"))
    assert not taken(sample("bounce-postmark"))
    assert not taken(data, by_sendgrid(data), Keys(mailgun_signing_key=KEY))


def test_a_key_that_cannot_be_one_is_refused() -> None:
    assert signing.check(KEYS) is None
    pem = f"-----BEGIN PUBLIC KEY-----\n{PUBLIC}\n-----END PUBLIC KEY-----"
    assert signing.check(Keys(sendgrid_public_key=pem)) is None
    for wrong in (Keys(sendgrid_public_key="MFkw"), Keys(sendgrid_public_key="ü"), Keys(mailgun_signing_key="ü")):
        assert signing.check(wrong) is not None
