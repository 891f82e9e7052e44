"""One file per channel: its settings and how it sends one message."""

from antiphon.channels.channel import registry

__all__ = ["registry"]
