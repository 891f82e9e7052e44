"""What a process does before its room starts: settings, clock, hints, log."""

import os
import sys

import django
import structlog

from antiphon import clock
from antiphon.config import Config
from antiphon.db import hints
from antiphon.wiring import database
from antiphon.wiring.lifeline import Lifeline


def prepare(config: Config) -> None:
    """Make this process one of the installation `config` describes; once, before Django is used."""
    os.environ.update(config.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "antiphon.wiring.settings"
    _log()
    config.data.mkdir(parents=True, exist_ok=True)
    django.setup()
    clock.use_data_folder(config.data)
    hints.use(_sender(config))


def begin(config: Config) -> Lifeline:
    """Prepare a worker's process. Without a parent, which looks itself, the database must be as it should be.

    Raises ConfigError, and database.Away.
    """
    lifeline = Lifeline.from_environment()
    prepare(config)
    if not lifeline.attended:
        database.require_current(config)
    return lifeline


def listener(config: Config, kind: str) -> hints.Listener:
    """What a process of this kind waits on."""
    if not config.wake_hints:
        return hints.NoHints()
    if config.is_postgresql:
        return hints.PostgresListener(config.database_url)
    return hints.SocketListener(config.data, kind)


def _sender(config: Config) -> hints.Sender:
    if not config.wake_hints:
        return hints.NoHints()
    return hints.PostgresSender(config.database_url) if config.is_postgresql else hints.SocketSender(config.data)


def _log() -> None:
    """Lines on stderr: for people at a terminal, JSON elsewhere."""
    lines = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            lines,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
