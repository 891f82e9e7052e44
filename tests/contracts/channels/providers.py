"""For each channel a provider on loopback that can be told what to do: what the contract suite drives.

A new channel adds one class here; the suite fails until it is there.
"""

from __future__ import annotations

from typing import Any

from antiphon.channels import mail, webhook
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


class SilentMail(RawSink):
    """A mail server that never gets to the point."""

    to, settings = MailProvider.to, MailProvider.settings


class SilentWebhook(RawSink):
    """A receiver that never gets to the point."""

    settings = WebhookProvider.settings

    @property
    def to(self) -> str:
        return f"http://{self.host}:{self.port}/?token={SECRET}"


PROVIDERS: dict[str, type[Any]] = {"mail": MailProvider, "webhook": WebhookProvider}
SILENT: dict[str, type[Any]] = {"mail": SilentMail, "webhook": SilentWebhook}
WAYS_TO_HANG: dict[str, Serve] = {"drip": drip, "silence": silence}
