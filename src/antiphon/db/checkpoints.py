"""Checkpoints outside the database: what each stream ended with, signed, so that truncation shows.

A chain of hashes proves that nothing inside was touched, not that its end is still there. So the
engine appends (stream, seq, hash) of streams that moved to a file, each line with an HMAC under the
installation's secret; `verify` compares the file with the record.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from antiphon.db.models import Event, Stream
from antiphon.db.record import Flaw

FILE_NAME = "checkpoints.jsonl"


class Checkpoint(msgspec.Struct, frozen=True):
    """A stream's end as it once was."""

    stream: str
    seq: int
    hash: str
    mac: str = ""

    def signed(self, secret: str) -> "Checkpoint":
        """The same with its HMAC-SHA256."""
        said = f"checkpoint\n{self.stream}\n{self.seq}\n{self.hash}"
        mac = hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()
        return msgspec.structs.replace(self, mac=mac)


def moved(known: dict[str, int]) -> list[Checkpoint]:
    """The ends of streams that moved since `known` (sequence number by stream)."""
    heads = Stream.objects.values_list("name", "seq", "hash").order_by("name")
    return [Checkpoint(name, seq, mark) for name, seq, mark in heads if seq > known.get(name, 0)]


def append(folder: Path, ends: Iterable[Checkpoint], *, secret: str) -> None:
    """Write them behind the file's last line."""
    lines = [msgspec.json.encode(end.signed(secret)) + b"\n" for end in ends]
    with (folder / FILE_NAME).open("ab") as file:
        file.write(b"".join(lines))


def read(folder: Path) -> Iterator[Checkpoint]:
    """Every whole line of the file; a last one that a crash cut off is left out."""
    path = folder / FILE_NAME
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n"):
        try:
            yield msgspec.json.decode(line, type=Checkpoint)
        except msgspec.DecodeError:
            continue


def verify(folder: Path, *, secret: str) -> Flaw | None:
    """The first checkpoint that the record does not bear out; None when all do."""
    for point in read(folder):
        if not hmac.compare_digest(point.mac, point.signed(secret).mac):
            said = f"a line of {FILE_NAME} about event {point.seq} was not written by this installation"
            return Flaw(point.stream, point.seq, said)
        found = Event.objects.filter(stream=point.stream, seq=point.seq).values_list("hash", flat=True).first()
        if found is None:
            said = f"event {point.seq} was on the record once and is gone; only restoring an older backup explains it"
            return Flaw(point.stream, point.seq, said)
        if found != point.hash:
            said = f"event {point.seq} is not the one that was on the record once"
            return Flaw(point.stream, point.seq, said)
    return None
