"""One file per channel: its settings and how it sends one message."""
