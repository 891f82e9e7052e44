"""For each channel a provider on loopback that can be told what to do: what the contract suite drives.

A new channel adds one class here; the suite fails until it is there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from antiphon.channels import chat, mail, mastodon, sms, webhook
from tests.contracts.delivery.mastodon import MastodonServer
from tests.contracts.delivery.slack import SlackServer
from tests.contracts.delivery.twilio import SID, TwilioServer
from tests.contracts.sinks import HttpAnswer, RawSink, Serve, SmtpSink, WebhookSink, drip, silence

SECRET = "c2VzYW1lLXNlc2FtZS1zZXNhbWUtb3Blbi1ub3c="


class MailProvider(SmtpSink):
    """The mail server."""

    to = "bo@example.org"

    @property
    def settings(self) -> mail.Settings:
        return mail.Settings(
            host=self.host, port=self.port, security="none", from_address="antiphon@example.org", password=SECRET
        )

    def say_no(self) -> None:
        self.after_data.append("554 No")

    def busy(self) -> None:
        self.after_data.append("450 Slow down")

    def break_down(self) -> None:
        self.after_data.append("421 Shutting down")

    def received(self) -> list[str]:
        return [mail.data.decode() for mail in self.mails]


class WebhookProvider(WebhookSink):
    """The receiver of webhooks."""

    settings = webhook.Settings(secrets=(f"whsec_{SECRET}",))

    @property
    def to(self) -> str:
        return f"{self.url}?token={SECRET}"

    def say_no(self) -> None:
        self.answers.append(HttpAnswer(400))

    def busy(self) -> None:
        self.answers.append(HttpAnswer(429, {"Retry-After": "7"}))

    def break_down(self) -> None:
        self.answers.append(HttpAnswer(503))

    def received(self) -> list[str]:
        return [call.body.decode() for call in self.calls]


class SmsProvider(TwilioServer):
    """Twilio."""

    to = "+491701234567"

    def __init__(self) -> None:
        super().__init__(token=SECRET)

    @property
    def settings(self) -> sms.Settings:
        base = f"http://{self.host}:{self.port}"
        return sms.Settings(account_sid=SID, auth_token=SECRET, sender="+15005550006", base_url=base)

    def say_no(self) -> None:
        self.faults.append(HttpAnswer(400, body=b'{"code": 21614, "message": "not mobile", "status": 400}'))

    def busy(self) -> None:
        self.faults.append(HttpAnswer(429, {"Retry-After": "7"}))

    def break_down(self) -> None:
        self.faults.append(HttpAnswer(503))

    def received(self) -> list[str]:
        return [parse_qs(call.body.decode())["Body"][0] for call in self.calls]


class ChatProvider(SlackServer):
    """A room of Slack."""

    settings = chat.Settings()

    @property
    def to(self) -> str:
        return f"slack:{self.room}?also={SECRET}"

    def say_no(self) -> None:
        self.faults.append(HttpAnswer(404, body=b"no_service"))

    def busy(self) -> None:
        self.faults.append(HttpAnswer(429, {"Retry-After": "7"}))

    def break_down(self) -> None:
        self.faults.append(HttpAnswer(500, body=b"rollup_error"))

    def received(self) -> list[str]:
        return [message["text"] for message in self.messages]


class MastodonProvider(MastodonServer):
    """The server of the organisation's account."""

    audience = "public"

    def __init__(self) -> None:
        super().__init__(SECRET)

    @property
    def to(self) -> str:
        return self.server

    @property
    def settings(self) -> mastodon.Settings:
        return mastodon.Settings(server=self.server, token=SECRET)

    def say_no(self) -> None:
        self.faults.append(HttpAnswer(422))

    def busy(self) -> None:
        self.faults.append(HttpAnswer(429, {"Retry-After": "7"}))

    def break_down(self) -> None:
        self.faults.append(HttpAnswer(500))

    def received(self) -> list[str]:
        return [post["status"] for post in self.posts.values()]


class SilentMail(RawSink):
    """A mail server that never gets to the point."""

    to, settings = MailProvider.to, MailProvider.settings


class SilentWebhook(RawSink):
    """A receiver that never gets to the point."""

    settings = WebhookProvider.settings

    @property
    def to(self) -> str:
        return f"http://{self.host}:{self.port}/?token={SECRET}"


class SilentSms(RawSink):
    """A Twilio that never gets to the point."""

    to, settings = SmsProvider.to, SmsProvider.settings


class SilentMastodon(RawSink):
    """A Mastodon that never gets to the point."""

    audience = "public"

    @property
    def to(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def settings(self) -> mastodon.Settings:
        return mastodon.Settings(server=self.to, token=SECRET)


class SilentChat(RawSink):
    """A chat that never gets to the point."""

    settings = ChatProvider.settings

    @property
    def to(self) -> str:
        return f"slack:http://{self.host}:{self.port}/?token={SECRET}"


PROVIDERS: dict[str, type[Any]] = {
    "chat": ChatProvider,
    "mail": MailProvider,
    "mastodon": MastodonProvider,
    "sms": SmsProvider,
    "webhook": WebhookProvider,
}
SILENT: dict[str, type[Any]] = {
    "chat": SilentChat,
    "mail": SilentMail,
    "mastodon": SilentMastodon,
    "sms": SilentSms,
    "webhook": SilentWebhook,
}
FOR_EVERYBODY = frozenset({"mastodon"})
"""Channels that take texts for the public alone, and nothing of a recipient."""
GREETING = frozenset({"mail", "webhook"})
"""Channels whose messages begin with the greeting."""
NAMES_EACH_ANEW = frozenset({"sms"})
"""Providers that give every message they take a name of their own, also the same one again."""
WAYS_TO_HANG: dict[str, Serve] = {"drip": drip, "silence": silence}
