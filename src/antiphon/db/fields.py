"""Instants and ids as the database keeps them."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ALPHABET = b"abcdefghijklmnopqrstuvwxyz0123456789"
_LETTERS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_UNEVEN = bytes(range(256 - 256 % len(_ALPHABET), 256))
"""Random bytes that would make the first letters likelier than the others."""
_UID_LENGTH = 12


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch; refuses an instant without a zone."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of so many microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=micros)


def new_uid() -> str:
    """A random id of 12 lower-case letters and digits, as shown outside."""
    letters = b""
    while len(letters) < _UID_LENGTH:
        letters += secrets.token_bytes(_UID_LENGTH + 4).translate(_LETTERS, _UNEVEN)
    return letters[:_UID_LENGTH].decode()


if TYPE_CHECKING:
    _Instant = models.Field[Any, Any]
    _Uid = models.CharField[str, str]
else:
    _Instant = models.BigIntegerField
    _Uid = models.CharField


class InstantField(_Instant):
    """An aware UTC instant kept as microseconds since the epoch.

    The same bytes on SQLite and PostgreSQL, so that hand-written SQL, indexes on `wake_at` and the
    intake's bulk statements need no dialect, and no database ever applies a zone of its own.
    """

    def from_db_value(self, value: int | None, *_: object) -> datetime | None:
        """The stored number as an instant."""
        return None if value is None else from_micros(value)

    def to_python(self, value: Any) -> datetime | None:
        """An instant from an instant, a number or ISO text (fixtures)."""
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, int):
            return from_micros(value)
        return datetime.fromisoformat(value)

    def get_prep_value(self, value: Any) -> int | None:
        """The number to store."""
        return to_micros(value) if isinstance(value, datetime) else value

    def value_to_string(self, obj: models.Model) -> str:
        """ISO text, for fixtures."""
        value = self.value_from_object(obj)
        return "" if value is None else value.isoformat()


class UidField(_Uid):
    """The random 12-character id a row shows outside."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"max_length": 12, "unique": True, "default": new_uid, "editable": False}
        super().__init__(**{**options, **kwargs})


def fresh_uids() -> Iterator[str]:
    """New ids without end, for rules that make several things at once."""
    while True:
        yield new_uid()
