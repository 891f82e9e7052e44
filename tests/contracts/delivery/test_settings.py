"""A channel's settings at rest: what is secret is written encrypted, and opens with the installation's key alone."""

import pytest
from django.test import override_settings

from antiphon.db import channel_settings, secrets
from antiphon.db.models import ChannelSettings


@pytest.mark.django_db
def test_secrets_are_encrypted_at_rest_and_come_back():
    values = {"host": "mail.example.org", "port": 587, "password": "open sesame"}
    channel_settings.save("mail", values, secret_names={"password"})
    row = ChannelSettings.objects.get(channel="mail")
    assert "sesame" not in f"{row.values}{row.secrets}"
    assert channel_settings.load("mail") == values
    assert channel_settings.load("sms") is None


def test_a_former_key_still_opens_and_a_strange_one_says_what_to_do():
    sealed = secrets.encrypt({"password": "open sesame"})
    with override_settings(SECRET_KEY="new"), pytest.raises(secrets.WrongKey, match=r"secret\.key"):
        secrets.decrypt(sealed)
    from django.conf import settings

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert secrets.decrypt(sealed) == {"password": "open sesame"}
    assert secrets.encrypt({}) == ""
    assert secrets.decrypt("") == {}
