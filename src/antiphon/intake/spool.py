"""Where requests wait on disk while the database cannot take them: fsynced, replayed in order."""

import fcntl
import os
import struct
import uuid
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from antiphon.intake.work import Record

MAGIC = b"antiphon spool 1\n"
_HEAD = struct.Struct("<II")  # length, CRC-32
MAX_BYTES = 1024**3


class SpoolFull(OSError):
    """The spool holds as much as it may."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


class Spool:
    """One append-only file that this process alone writes, found again after a restart.

    `name` changes with every new file, so that a position noted in the database for an old one
    never hides a record of the next.
    """

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._max_bytes = max_bytes
        self._path, self._lock = _claim(folder)
        self._file: int | None = None
        self._size = 0
        self.name = ""
        if self._path.exists():
            self._reopen()

    def pending(self) -> bool:
        """Whether anything waits to be replayed."""
        return self._file is not None

    def append(self, records: Sequence[Record]) -> None:
        """Write records and wait until they are on disk. Raises OSError; then none was accepted."""
        if self._file is None:
            self._create()
        assert self._file is not None
        blob = b"".join(map(_framed, records))
        try:
            if self._size + len(blob) > self._max_bytes:
                raise SpoolFull("the spool is full: the database must come back first")
            _write_all(self._file, blob, self._size)
            os.fdatasync(self._file)
        except OSError:
            os.ftruncate(self._file, self._size)
            if self._size == self._start:
                self.clear()  # an empty spool must not look as if something waited in it
            raise
        self._size += len(blob)

    def read(self, position: int, *, limit: int) -> Iterator[tuple[Record, int]]:
        """Up to `limit` records after a position, each with the position that follows it."""
        position = position or self._start
        for _ in range(limit):
            if self._file is None or position >= self._size:
                return
            record = _record_at(self._file, position)
            if record is None:
                return
            position += record[1]
            yield record[0], position

    def clear(self) -> None:
        """Everything was replayed: take the file away."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file, self._size = None, 0

    def close(self) -> None:
        """Let another process have this spool; what waits in it stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        os.close(self._lock)

    @property
    def _start(self) -> int:
        return len(MAGIC) + 32

    def _create(self) -> None:
        name = uuid.uuid4().hex
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(file, MAGIC + name.encode(), 0)
            os.fsync(file)
            _sync_folder(self._path.parent)
        except OSError:
            os.close(file)
            self._path.unlink(missing_ok=True)
            raise
        self._file, self._size, self.name = file, self._start, name

    def _reopen(self) -> None:
        """Take over what a former process left; a torn last record was never answered 2xx."""
        file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        head = os.pread(file, self._start, 0)
        if len(head) < self._start or not head.startswith(MAGIC):
            os.close(file)
            self._path.unlink()
            return
        self._file, self.name = file, head[len(MAGIC) :].decode()
        size, end = self._start, os.fstat(file).st_size
        while size < end and (record := _record_at(file, size)):
            size += record[1]
        os.ftruncate(file, size)
        self._size = size


def _claim(folder: Path) -> tuple[Path, int]:
    """The first spool of the folder that no living process holds."""
    for number in range(1000):
        path = folder / f"{number}.spool"
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return path, lock
    raise OSError(f"all spools in {folder} are taken: are a thousand processes running?")


def _framed(record: Record) -> bytes:
    blob = _encoder.encode(record)
    return _HEAD.pack(len(blob), zlib.crc32(blob)) + blob


def _record_at(file: int, position: int) -> tuple[Record, int] | None:
    """The whole record at a position and its length on disk; None when it is torn."""
    head = os.pread(file, _HEAD.size, position)
    if len(head) < _HEAD.size:
        return None
    length, crc = _HEAD.unpack(head)
    blob = os.pread(file, length, position + _HEAD.size)
    if len(blob) < length or zlib.crc32(blob) != crc:
        return None
    return _decoder.decode(blob), _HEAD.size + length


def _write_all(file: int, blob: bytes, position: int) -> None:
    while blob:
        written = os.pwrite(file, blob, position)
        blob, position = blob[written:], position + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
